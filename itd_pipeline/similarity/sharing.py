"""Which rows can have a near-duplicate at all, and by which shingles: the cheap half of an exact join.

Belongs here: filters over the shingles of all rows at once. Does not belong here: comparing two rows
(`join`), or what a shingle is (`shingles`).

Two sets of Jaccard t or more share at least t / (1 + t) of the sum of their sizes (Xiao et al. 2008,
doi 10.1145/1367497.1367516). So the larger set shares t of its own shingles with the smaller one, and the smaller one
2t / (1 + t) of its own with the larger. A shingle that no other row holds is shared with none: a row with too many of
those has no near-duplicate and goes, which makes shingles of other rows unshared, and so on until nothing changes. A
shingle also counts as shared only where one of the rows that hold it could be the smaller of a pair. No pair is lost,
whatever the texts; in most corpora fewer than one row in ten is left to compare.

Shingle and row travel in one 64-bit number, so that one sort puts equal shingles together. What is left of the hash is
at least 40 bits; the chance that two given rows of 200 shingles seem to share one that they do not is below 1 in 10
million.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from itd_pipeline.similarity.arrays import BOOL, I64, U64
from itd_pipeline.similarity.shingles import Shingles
from itd_pipeline.similarity.threads import cores

PARTS = 32
"""The hashes are sorted and filtered in so many ranges, one after the other on each core: memory for one range each."""
_ROUNDING = 1e-9
_ROUNDS = 20
_WORTH = 0.9
"""Rows that cannot have a partner must hold more than the rest of the shingles for a round to be worth its passes."""


@dataclass(frozen=True)
class Shared:
    """What is left to compare.

    Args:
        parts: `hash | row`, ascending from part to part: every shingle that two rows of a possible pair have in common.
        row_bits: how many low bits are the row.
        sizes: distinct shingles of each row, whatever is left of them.
        first: for each row the first row with the very same shingles in the same numbers, itself where there is none.
            Only first rows are in `parts`.
        held: how many shingles of each row are in `parts`.
    """

    parts: Sequence[U64]
    row_bits: int
    sizes: I64
    first: I64
    held: I64

    def rows_of(self, keys: U64) -> I64:
        return _rows(keys, self.row_bits)

    def hashes_of(self, keys: U64) -> U64:
        return keys >> np.uint64(self.row_bits)


class Packed:
    """Shingles of all rows, collected block by block in their order.

    Args:
        row_count: how many rows there will be.
    """

    def __init__(self, row_count: int) -> None:
        self.row_bits = max(1, int(row_count).bit_length())
        self.row_count = row_count
        self._parts: list[list[U64]] = [[] for _ in range(PARTS)]
        self._counts: list[I64] = []
        self._sums: list[U64] = []
        self._rows = 0

    def add(self, block: PackedBlock) -> None:
        """Rows that follow those added before."""
        for part, keys in zip(self._parts, block.parts, strict=True):
            part.append(keys + np.uint64(self._rows))
        self._counts.append(block.counts)
        self._sums.append(block.sums)
        self._rows += len(block.counts)

    def shared(self, threshold: float) -> Shared:
        """Filter, and forget what was collected.

        Args:
            threshold: Jaccard similarity, above 0 and up to 1.
        """
        counts = np.concatenate([np.zeros(0, np.int64), *self._counts])
        first = _first_equal(np.concatenate([np.zeros(0, np.uint64), *self._sums]), counts)
        copy = first != np.arange(len(first))
        tasks = [(part, self.row_bits, copy) for part in self._parts]
        self._parts = []
        with ThreadPoolExecutor(cores()) as pool:
            parts, held, repeats = [], np.zeros(len(counts), np.int64), np.zeros(len(counts), np.int64)
            for keys, kept, again in pool.map(_sorted_part, tasks):
                parts.append(keys)
                held += kept
                repeats += again
            sizes = counts - repeats
            larger = np.ceil(threshold * sizes - _ROUNDING)
            smaller = np.ceil(2 * threshold / (1 + threshold) * sizes - _ROUNDING)
            for _ in range(_ROUNDS):
                alive, small = held >= larger, held >= smaller
                if held[alive].sum() > held.sum() * _WORTH:
                    break
                narrow = partial(_narrowed, row_bits=self.row_bits, alive=alive, small=small)
                narrowed = pool.map(narrow, [[part] for part in parts])
                parts, held = [], np.zeros(len(counts), np.int64)
                for keys, counted in narrowed:
                    parts.append(keys)
                    held += counted
        return Shared(parts, self.row_bits, sizes, first, held)


@dataclass(frozen=True)
class PackedBlock:
    """Shingles of a block of rows, numbered from 0, in ranges of the hash."""

    parts: Sequence[U64]
    counts: I64
    sums: U64
    """Sum of each row's hashes: equal texts have equal sums."""


def pack(shingles: Shingles, row_bits: int) -> PackedBlock:
    """Pure work on one block; may run on any core."""
    counts = shingles.counts
    sums = np.zeros(len(counts), np.uint64)
    some = np.flatnonzero(counts)
    if len(some):
        sums[some] = np.add.reduceat(shingles.hashes, shingles.offsets[some])
    keys = shingles.hashes & np.uint64((1 << 64) - (1 << row_bits))
    keys |= np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
    keys.sort()
    bounds = np.searchsorted(keys, np.arange(1, PARTS, dtype=np.uint64) << np.uint64(64 - PARTS.bit_length() + 1))
    return PackedBlock([part.copy() for part in np.split(keys, bounds)], counts, sums)


def _first_equal(sums: U64, counts: I64) -> I64:
    order = np.lexsort((counts, sums))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (sums[order][1:] != sums[order][:-1]) | (counts[order][1:] != counts[order][:-1])
    fresh |= counts[order] == 0
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))] if len(order) else order
    return first


def _sorted_part(task: tuple[list[U64], int, BOOL]) -> tuple[U64, I64, I64]:
    """Keys of one range that another row may hold too; how many of them, and how many repeats, each row has."""
    blocks, row_bits, copy = task
    keys = np.concatenate([np.zeros(0, np.uint64), *blocks])
    blocks.clear()
    keys.sort()
    fresh = np.ones(len(keys) + 1, bool)
    change = keys[1:] ^ keys[:-1]
    np.greater_equal(change, np.uint64(1 << row_bits), out=fresh[1:-1])
    drop = fresh[1:] & fresh[:-1]
    again = change == 0
    drop[1:] |= again
    repeats = np.bincount(_rows(keys[1:][again], row_bits), minlength=len(copy))
    if copy.any():
        drop |= copy[_rows(keys, row_bits)]
    keys = keys[~drop]
    return keys, np.bincount(_rows(keys, row_bits), minlength=len(copy)), repeats


def _narrowed(part: list[U64], row_bits: int, alive: BOOL, small: BOOL) -> tuple[U64, I64]:
    """Keys of rows that are alive, held by two of them, one of them small; how many each row has. Takes the keys out of
    `part`, so that they are freed at once."""
    keys = part.pop()
    keys = keys[alive[_rows(keys, row_bits)]]
    if len(keys):
        fresh = np.ones(len(keys), bool)
        np.greater_equal(keys[1:] ^ keys[:-1], np.uint64(1 << row_bits), out=fresh[1:])
        starts = np.flatnonzero(fresh)
        sizes = np.diff(starts, append=len(keys))
        wanted = np.logical_or.reduceat(small[_rows(keys, row_bits)], starts)
        wanted &= sizes > 1
        keys = keys[np.repeat(wanted, sizes)]
    return keys, np.bincount(_rows(keys, row_bits), minlength=len(alive))


def _rows(keys: U64, row_bits: int) -> I64:
    return (keys & np.uint64((1 << row_bits) - 1)).view(np.int64)
