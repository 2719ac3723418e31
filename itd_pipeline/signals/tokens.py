"""Texts as arrays of word numbers, and hashes of their word n-grams.

Belongs here: what lets duplicates, novelty, contamination and repetition be measured on 20,000 records without
20,000 lists of strings. Does not belong here: any signal.

A word's number depends on the order of the rows, so nothing that leaves this room may depend on it; hashes of
n-grams come from the words themselves (xxh64) and are the same on every machine. Two n-grams are taken for equal
when their 64-bit hashes are: among ten million n-grams a single false match has a chance of about 3 in a million.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import xxhash

from itd_pipeline.similarity.arrays import F64, I32, I64, U32, U64, mixed, spread
from itd_pipeline.text.words import words

__all__ = ["F64", "I32", "I64", "U32", "U64", "Tokens", "Vocabulary", "joined", "mixed", "ngrams", "rows_of", "spread",
           "tokenise", "whole_rows"]

_BLOCK = 1 << 18
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Vocabulary(dict[str, int]):
    """Word -> number from 1. Number 0 never stands for a word: it parts fields."""

    def __missing__(self, word: str) -> int:
        number = len(self) + 1
        self[word] = number
        return number

    def hashes(self) -> U64:
        """xxh64 of each word, by number; index 0 is the field mark."""
        digests = (xxhash.xxh64_intdigest(word.encode("utf-8", "surrogatepass")) for word in self)
        return np.array([0, *digests], dtype=np.uint64)


@dataclass(frozen=True)
class Tokens:
    """Rows of word numbers: row i is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: U32
    offsets: I64

    @property
    def lengths(self) -> I64:
        return np.diff(self.offsets)

    def row(self, index: int) -> U32:
        return self.ids[self.offsets[index]:self.offsets[index + 1]]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def tokenise(texts: Iterable[str | None], vocabulary: Vocabulary) -> Tokens:
    """Words of each text, folded, as numbers of `vocabulary`, which grows. A null gives an empty row."""
    ids, offsets = array("I"), array("q", [0])
    number = vocabulary.__getitem__
    for text in texts:
        if text:
            ids.extend(map(number, words(text)))
        offsets.append(len(ids))
    return Tokens(np.frombuffer(ids, np.uint32) if ids else np.zeros(0, np.uint32), np.frombuffer(offsets, np.int64))


def joined(parts: Sequence[Tokens], mark: bool = False) -> Tokens:
    """Row by row, the parts one after the other; with `mark`, a 0 after each part that no n-gram runs across."""
    extra = 1 if mark else 0
    lengths = np.stack([part.lengths + extra for part in parts])
    offsets = np.concatenate([[0], np.cumsum(lengths.sum(axis=0))]).astype(np.int64)
    ids = np.zeros(int(offsets[-1]), np.uint32)
    starts = offsets[:-1].copy()
    for part, length in zip(parts, lengths, strict=True):
        if len(part.ids):
            ids[spread(starts, part.lengths)] = part.ids
        starts += length
    return Tokens(ids, offsets)


def rows_of(lengths: I64) -> I32:
    """Row number of each position."""
    return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


def ngrams(tokens: Tokens, word_hashes: U64, n: int) -> tuple[U64, I32, I64]:
    """Hashes of all word n-grams, with the row and the position in `tokens.ids` of each.

    An n-gram stays inside its row and holds no field mark.
    """
    count = len(tokens.ids) - n + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int32), np.zeros(0, np.int64)
    row = rows_of(tokens.lengths)
    inside = row[:count] == row[n - 1:]
    marks = np.flatnonzero(tokens.ids == 0)
    for shift in range(n):
        held = marks - shift
        inside[held[(held >= 0) & (held < count)]] = False
    positions = np.flatnonzero(inside)
    return _polynomials(tokens.ids, word_hashes, positions, n), row[positions], positions


def whole_rows(tokens: Tokens, word_hashes: U64, n: int) -> tuple[U64, I32]:
    """Hashes of the rows of exactly `n` words, as `ngrams` gives them, with their row numbers."""
    rows = np.flatnonzero(tokens.lengths == n)
    return _polynomials(tokens.ids, word_hashes, tokens.offsets[rows], n), rows.astype(np.int32)


def _polynomials(ids: U32, word_hashes: U64, positions: I64, n: int) -> U64:
    """One hash per position, in blocks: whole columns of intermediate values would take most of the memory."""
    hashes = np.empty(len(positions), np.uint64)
    for start in range(0, len(positions), _BLOCK):
        block = positions[start:start + _BLOCK]
        value = np.full(len(block), n, np.uint64)
        for shift in range(n):
            value *= _MULTIPLIER
            value += word_hashes[ids[block + shift]]
        hashes[start:start + _BLOCK] = mixed(value)
    return hashes
