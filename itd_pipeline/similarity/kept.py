"""New texts compared with texts that were indexed before: every pair at the threshold, and none below.

Belongs here: what is kept of a text so that it need not be cut into shingles again, and finding by it whom a new text
resembles. Does not belong here: where the index lies, or what becomes of a pair.

Of each text its *head* is kept: with the shingles in the order of their hashes, the first |A| - ceil(t|A|) + 1 of them.
Two sets of Jaccard t or more share one of those (prefix filtering, see `join`). The order depends on nothing but the
shingles, so a head is a function of its own text: an index that grew by ten additions is the one that was made at once.
Pairs that share a head are compared in full, on their texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from itd_pipeline.similarity.arrays import I64, U32, distinct, first_of_each, spread
from itd_pipeline.similarity.join import Pairs, compared, prefix_lengths, ranked
from itd_pipeline.similarity.shingles import shingles_of

_ROUNDING = 1e-9
_BLOCK_ROWS = 4096
_ROW_BITS = np.uint64(12)
_KEPT_SHIFT = np.uint64(20)
_BLOCK_PAIRS = 1_000_000
_TOGETHER = 50_000
"""Pairs whose texts are compared at a time."""

TextsOf = Callable[[I64], pa.Array]
"""Texts of some rows, in their order."""


@dataclass(frozen=True)
class Heads:
    """Heads of rows: that of row i is `hashes[offsets[i]:offsets[i + 1]]`, ascending.

    Args:
        hashes: the upper 32 bits of shingle hashes.
        offsets: one more than there are rows.
        sizes: distinct shingles of each row.
    """

    hashes: U32
    offsets: I64
    sizes: I64

    def __len__(self) -> int:
        return len(self.sizes)

    def take(self, rows: I64) -> Heads:
        """Heads of some rows."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return Heads(self.hashes[spread(self.offsets[rows], lengths)], offsets, self.sizes[rows])


def heads_of(texts: pa.Array, threshold: float) -> Heads:
    """Heads of texts.

    Args:
        texts: Arrow strings.
        threshold: Jaccard similarity, above 0 and up to 1, from which pairs are to be found.
    """
    hashes, lengths, sizes = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for start in range(0, len(texts), _BLOCK_ROWS):
        shingles = shingles_of(texts.slice(start, _BLOCK_ROWS))
        count = len(shingles.counts)
        rows = np.repeat(np.arange(count, dtype=np.uint64), shingles.counts)
        keys = np.sort((rows << (np.uint64(64) - _ROW_BITS)) | (shingles.hashes >> _ROW_BITS))
        keys = keys[first_of_each(keys)]
        size = np.bincount((keys >> (np.uint64(64) - _ROW_BITS)).astype(np.int64), minlength=count)
        length = np.where(size > 0, prefix_lengths(size, np.zeros(count, np.int64), threshold), 0)
        at = spread(np.cumsum(size) - size, length)
        hashes.append((keys[at] >> _KEPT_SHIFT).astype(np.uint32))  # the bits of the row fall off on the left
        lengths.append(length)
        sizes.append(size)
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    return Heads(np.concatenate(hashes), offsets, np.concatenate(sizes))


def pairs_with(
    new: Heads, new_texts: TextsOf, known: Heads, known_texts: TextsOf, threshold: float,
) -> Iterator[Pairs]:
    """Every pair of a new and a known row whose Jaccard similarity reaches the threshold, once: `left` is the new row,
    `right` the known one.

    Args:
        new, known: heads, made for this threshold.
        new_texts, known_texts: texts of rows.
        threshold: above 0, up to 1.
    """
    for left, right in _short_lists(new, known, threshold):
        for start in range(0, len(left), _TOGETHER):
            yield from _compared(left[start:start + _TOGETHER], right[start:start + _TOGETHER], new_texts, known_texts,
                                 threshold)


def _short_lists(new: Heads, known: Heads, threshold: float) -> Iterator[tuple[I64, I64]]:
    keys = distinct(new.hashes.astype(np.uint64))
    if not len(keys) or not len(known.hashes):
        return
    held = known.hashes.astype(np.uint64)
    number = np.minimum(np.searchsorted(keys, held), len(keys) - 1)
    entries = np.flatnonzero(keys[number] == held)
    entries = entries[np.argsort(number[entries], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(number[entries], minlength=len(keys)))]).astype(np.int64)
    owners, places = _owners_and_places(known, entries)
    rows, mine = _owners_and_places(new, np.arange(len(new.hashes)))
    wanted = np.searchsorted(keys, new.hashes.astype(np.uint64))
    reach = starts[wanted + 1] - starts[wanted]
    ends = np.cumsum(reach)
    row_ends = np.append(np.flatnonzero(rows[1:] != rows[:-1]) + 1, len(rows))
    start = 0
    while start < len(rows):  # whole rows at a time, so that no pair is listed twice
        upto = int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _BLOCK_PAIRS, side="right"))
        end = int(row_ends[max(int(np.searchsorted(row_ends, upto, side="right")) - 1,
                               int(np.searchsorted(row_ends, start, side="right")))])
        here = slice(start, end)
        at = spread(starts[wanted[here]], reach[here])
        left, right = np.repeat(rows[here], reach[here]), owners[at]
        size, other = new.sizes[left], known.sizes[right]
        rest = np.minimum(size - np.repeat(mine[here], reach[here]), other - places[at])
        possible = (rest >= threshold / (1 + threshold) * (size + other) - _ROUNDING) & (
            np.minimum(size, other) >= threshold * np.maximum(size, other) - _ROUNDING)
        listed = distinct(left[possible] * len(known) + right[possible])
        if len(listed):
            yield listed // len(known), listed % len(known)
        start = end


def _owners_and_places(heads: Heads, entries: I64) -> tuple[I64, I64]:
    """Row of each entry, and its place in that row's head."""
    owners = np.repeat(np.arange(len(heads)), np.diff(heads.offsets))[entries]
    return owners, entries - heads.offsets[owners]


def _compared(left: I64, right: I64, new_texts: TextsOf, known_texts: TextsOf, threshold: float) -> Iterator[Pairs]:
    lefts, rights = distinct(left), distinct(right)
    mine, other = shingles_of(new_texts(lefts)), shingles_of(known_texts(rights))
    rows = np.repeat(np.arange(len(lefts) + len(rights)), np.concatenate([mine.counts, other.counts]))
    sets = ranked(np.concatenate([mine.hashes, other.hashes]), rows, len(lefts) + len(rights))
    for pairs in compared(sets, np.searchsorted(lefts, left), len(lefts) + np.searchsorted(rights, right), threshold):
        yield Pairs(lefts[pairs.left], rights[pairs.right - len(lefts)], pairs.jaccard)
