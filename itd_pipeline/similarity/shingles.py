"""Word shingles of whole columns of texts, as 64-bit hashes, without a Python object for any word.

Belongs here: Arrow strings in, hashes out. Does not belong here: what they are compared for.

A word is a run of letters, digits and underscores of any script (`\\w+` of Python's `re`) in the lowered text.
A shingle is a run of `n` words; a text of fewer words is one shingle, a text without words has none. This is the
definition that published near-duplicate figures use, and punctuation decides nothing in it.

Everything is numpy over the bytes of a block of texts that fits a core's cache: about 100 million bytes a second and
core. Two shingles are taken for equal when their hashes are; among ten million of them a single false match has a
chance of about 3 in a million.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.similarity.arrays import I64, U8, U64, mixed
from itd_pipeline.similarity.word_hashes import MULTIPLIER, word_edges, word_hashes

SHINGLE_WORDS = 5
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Shingles:
    """Shingles of rows, in the order of the text, with repeats: row i has `hashes[offsets[i]:offsets[i + 1]]`."""

    hashes: U64
    offsets: I64

    @property
    def counts(self) -> I64:
        return np.diff(self.offsets)


def shingles_of(texts: pa.Array, n: int = SHINGLE_WORDS) -> Shingles:
    """Shingles of each text; a null has none.

    Args:
        texts: Arrow strings.
        n: words in a shingle.
    """
    texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    lowered = pc.utf8_lower(texts)
    offsets = np.frombuffer(lowered.buffers()[1], np.int64)[lowered.offset:lowered.offset + len(lowered) + 1]
    if not len(lowered) or offsets[0] == offsets[-1]:
        return Shingles(np.zeros(0, np.uint64), np.zeros(len(lowered) + 1, np.int64))
    data = np.frombuffer(lowered.buffers()[2], np.uint8)
    parts, counts = [], []
    start = 0
    while start < len(lowered):
        until = int(np.searchsorted(offsets, offsets[start] + _BLOCK_BYTES, side="right")) - 1
        end = min(len(lowered), max(start + 1, until))
        hashes, count = _block(data[offsets[start]:offsets[end]], offsets[start:end + 1] - offsets[start], n)
        parts.append(hashes)
        counts.append(count)
        start = end
    return Shingles(np.concatenate(parts), np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64))


def _block(data: U8, offsets: I64, n: int) -> tuple[U64, I64]:
    """Shingles of rows that lie one after the other in `data`, and how many each has."""
    edges = word_edges(_word_bytes(data), offsets)
    starts, ends = edges[::2], edges[1::2]
    first = np.searchsorted(starts, offsets)
    words = np.diff(first)
    value = word_hashes(data, starts, ends - starts)
    if len(value) >= n:
        whole = _runs(value, n)
        inside = np.ones(len(whole), bool)
        for back in range(1, n):  # runs that would reach into the next row
            place = first[1:] - back
            place = place[(place >= first[:-1]) & (place < len(whole))]
            inside[place] = False
        counts = np.maximum(words - n + 1, 0)
        found = whole[inside]
    else:
        counts, found = np.zeros(len(words), np.int64), np.zeros(0, np.uint64)
    short = np.flatnonzero((words > 0) & (words < n))
    if not len(short):
        return mixed(found), counts
    alone = np.zeros(len(short), np.uint64)
    for shift in range(n - 1):
        held = words[short] > shift
        alone[held] = alone[held] * MULTIPLIER + value[first[short[held]] + shift]
    place = np.cumsum(counts)[short]
    counts[short] = 1
    return mixed(np.insert(found, place, alone + words[short].astype(np.uint64))), counts


def _runs(value: U64, n: int) -> U64:
    """One number per run of n values, as a polynomial: built from runs of powers of two in few passes."""
    length, run = 1, value
    total: U64 | None = None
    done = 0
    power = {1: int(MULTIPLIER)}
    remaining = n
    while remaining:
        if remaining & 1:
            here = run[done:]
            if total is None:
                total, done = here, length
            else:
                size = len(value) - done - length + 1
                total = total[:size] * np.uint64(power[length]) + here[:size]
                done += length
        remaining >>= 1
        if remaining:
            run = run[:-length] * np.uint64(power[length]) + run[length:]
            power[2 * length] = power[length] * power[length] % (1 << 64)
            length *= 2
    assert total is not None
    return total[:len(value) - n + 1]


def _word_bytes(data: U8) -> U8:
    """1 for each byte of a word character; the text is lowered."""
    inside = (data - np.uint8(ord("a"))) < 26  # differences of bytes wrap around
    inside |= (data - np.uint8(ord("0"))) < 10
    inside |= data == ord("_")
    if not (data >= 0x80).any():
        return inside.view(np.uint8)
    lead = np.flatnonzero(data >= 0xC0)
    first = data[lead].astype(np.int32)
    size = 2 + (first >= 0xE0) + (first >= 0xF0)
    point = first & np.array([0x1F, 0x0F, 0x07])[size - 2]
    for k in range(1, 4):
        more = size > k
        point[more] = point[more] << 6 | (data[lead[more] + k] & 0x3F)
    codes, which = np.unique(point, return_inverse=True)
    wordy = np.array([chr(code).isalnum() for code in codes.tolist()], bool)[which]
    for k in range(4):
        inside[lead[wordy & (size > k)] + k] = True
    return inside.view(np.uint8)
