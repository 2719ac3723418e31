"""All pairs of sets whose Jaccard similarity reaches a threshold, exactly.

Belongs here: the join on sets of 64-bit shingle hashes. Does not belong here: what a shingle is, or what becomes of
a pair.

Prefix filtering (Chaudhuri, Ganti, Kaushik 2006, doi 10.1109/ICDE.2006.9; Bayardo, Ma, Srikant 2007,
doi 10.1145/1242572.1242591) with the positional filter of PPJoin (Xiao et al. 2008, doi 10.1145/1367497.1367516):
with all shingles in one order, two sets of Jaccard t or more share one of their first |A| - ceil(t|A|) + 1 shingles.
With the rarest shingles first, few sets meet there; those that could still share enough are compared in full. Unlike
MinHash this misses no pair, at any threshold, and draws no random numbers; boilerplate that hundreds of records share
stands last in the order and rarely makes a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from itd_pipeline.similarity.arrays import F64, I32, I64, U64, distinct, first_of_each, spread

_ROUNDING = 1e-9
_BLOCK_PAIRS = 1_000_000
_MOST_LISTED = 40_000_000
"""Pairs that share a shingle at the head of their order; beyond so many, rows are taken one by one."""
_GATHER_COST = 4
"""Reading one shingle of one other row costs about as much as counting four entries of a posting list."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows (left < right) with their Jaccard similarity, ordered by left, then right."""

    left: I64
    right: I64
    jaccard: F64


def similar_pairs(
    hashes: U64, rows: I32 | I64, row_count: int, threshold: float, sizes: I64 | None = None,
) -> Iterator[Pairs]:
    """Every pair of rows whose sets have a Jaccard similarity of `threshold` or more, once; about a million at a time.

    Args:
        hashes: shingles; one that a row holds twice counts once.
        rows: row of each shingle, from 0, in any order.
        row_count: how many rows there are; rows without shingles pair with nothing.
        threshold: above 0, up to 1.
        sizes: size of each row's set, where shingles that no possible pair shares have been left out of `hashes`.
    """
    sets = ranked(hashes, rows, row_count, sizes)
    listed = short_list(sets, threshold)
    if listed is None:
        yield from _row_by_row(sets, threshold)
    else:
        yield from compared(sets, *np.divmod(listed, row_count), threshold)


def compared(sets: Sets, lefts: I64, rights: I64, threshold: float) -> Iterator[Pairs]:
    """Those of the given pairs that reach the threshold."""
    step = max(1, _BLOCK_PAIRS * len(sets.sizes) // (8 * len(sets.ranks) + 1))
    for start in range(0, len(lefts), step):
        left, right = lefts[start:start + step], rights[start:start + step]
        common = _count_common(sets, left, right)
        similarity = common / (sets.sizes[left] + sets.sizes[right] - common)
        near = similarity >= threshold
        if near.any():
            yield Pairs(left[near], right[near], similarity[near])


def short_list(sets: Sets, threshold: float) -> I64 | None:
    """`left * row count + right` of every pair that could be similar, ascending and distinct; None where there are too
    many to list.

    With rows in order of size, the smaller of two similar rows shares one of its first |A| - ceil(2t/(1+t) |A|) + 1
    shingles with the first |B| - ceil(t |B|) + 1 of the larger one.
    """
    indexed, probing = (prefix_lengths(sets.sizes, sets.missing, share)
                        for share in (2 * threshold / (1 + threshold), threshold))
    index, probe = _heads(sets, np.minimum(indexed, sets.held)), _heads(sets, np.minimum(probing, sets.held))
    starts = _starts(probe.ranks, sets.rank_count)
    reach = starts[index.ranks + 1] - starts[index.ranks]
    if int(reach.sum()) > _MOST_LISTED:
        return None
    blocks = []
    ends = np.cumsum(reach)
    start = 0
    while start < len(reach):
        end = max(start + 1, int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _BLOCK_PAIRS)))
        here = slice(start, end)
        place = spread(starts[index.ranks[here]], reach[here])
        small, large = np.repeat(index.rows[here], reach[here]), probe.rows[place]
        size, other = sets.sizes[small], sets.sizes[large]
        left = np.minimum(size - np.repeat(index.places[here], reach[here]), other - probe.places[place])
        possible = ((size < other) | ((size == other) & (small < large))) & (
            left >= threshold / (1 + threshold) * (size + other) - _ROUNDING)
        small, large = small[possible], large[possible]
        blocks.append(distinct(np.minimum(small, large) * len(sets.sizes) + np.maximum(small, large)))
        start = end
    return distinct(np.concatenate([np.zeros(0, np.int64), *blocks]))


def prefix_lengths(sizes: I64, missing: I64, share: float) -> I64:
    """How many of each row's known shingles stand among its first |A| - ceil(share |A|) + 1; those that are not known,
    because no other row has them, come first."""
    lengths: I64 = sizes - np.ceil(share * sizes - _ROUNDING).astype(np.int64) + 1 - missing
    return np.maximum(lengths, 0)


@dataclass(frozen=True)
class _Heads:
    """The first ranks of rows, ascending by rank; `places` count from the start of the row's whole set."""

    ranks: I64
    rows: I64
    places: I64


def _heads(sets: Sets, lengths: I64) -> _Heads:
    rows = np.repeat(np.arange(len(lengths)), lengths)
    places = spread(sets.offsets[:-1], lengths)
    order = np.argsort(sets.ranks[places], kind="stable")
    rows, places = rows[order], places[order]
    return _Heads(sets.ranks[places], rows, places - sets.offsets[rows] + sets.missing[rows])


def _count_common(sets: Sets, left: I64, right: I64) -> I64:
    """How many shingles the rows of each pair share."""
    keys = []
    for rows in (left, right):
        held = sets.held[rows]
        pair = np.repeat(np.arange(len(rows)), held)
        keys.append(pair * sets.rank_count + sets.ranks[spread(sets.offsets[rows], held)])
    together = np.sort(np.concatenate(keys))
    twice = together[1:][together[1:] == together[:-1]]
    return np.bincount(twice // sets.rank_count, minlength=len(left))


def _row_by_row(sets: Sets, threshold: float) -> Iterator[Pairs]:
    """The same without a list of all pairs: slower, and in bounded memory where boilerplate makes most rows alike."""
    prefix = np.minimum(prefix_lengths(sets.sizes, sets.missing, threshold), sets.held)
    index = _Postings(sets, prefix)
    found: list[tuple[int, I64, F64]] = []
    pending = 0
    for row in np.flatnonzero(prefix).tolist():
        others = index.candidates(row, int(prefix[row]), threshold)
        if not len(others):
            continue
        common = index.count_common(row, others)
        similarity = common / (sets.sizes[row] + sets.sizes[others] - common)
        near = similarity >= threshold
        if near.any():
            found.append((row, others[near], similarity[near]))
            pending += len(found[-1][1])
        if pending >= _BLOCK_PAIRS:
            yield _together(found)
            found, pending = [], 0
    if found:
        yield _together(found)


@dataclass(frozen=True)
class Sets:
    """Rows as sets of ranks: those of row i are `ranks[offsets[i]:offsets[i + 1]]`, ascending.

    Shingles that occur in one row only have no rank: they would come first in the order and match nothing, so they
    are merely counted in `sizes`.
    """

    ranks: I64
    offsets: I64
    sizes: I64
    missing: I64
    """How many shingles of each row come before its ranks."""
    rank_count: int

    @property
    def held(self) -> I64:
        """Ranks of each row."""
        return np.diff(self.offsets)


def ranked(hashes: U64, rows: I32 | I64, row_count: int, sizes: I64 | None = None) -> Sets:
    """Ranks from rare to frequent, ties by hash."""
    if (hashes[1:] < hashes[:-1]).any():
        order = np.argsort(hashes)
        hashes, rows = hashes[order], rows[order]
    first = first_of_each(hashes)
    counts = np.diff(np.append(np.flatnonzero(first), len(hashes)))
    again = np.repeat(counts > 1, counts)
    many = max(1, int(np.count_nonzero(counts > 1)))
    owners = rows
    alone = np.bincount(owners[~again], minlength=row_count)
    number = np.cumsum(first[again]) - 1
    owners, number = np.divmod(distinct(owners[again].astype(np.int64) * many + number), many)
    rank = np.empty(many, np.int64)
    rank[np.argsort(np.bincount(number, minlength=many), kind="stable")] = np.arange(many)
    ranks = np.sort(owners * many + rank[number]) % many
    held = np.bincount(owners, minlength=row_count)
    offsets = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    sizes = alone + held if sizes is None else sizes
    return Sets(ranks, offsets, sizes, sizes - held, many)


class _Postings:
    """Which rows hold each rank, and how far from the start of their order: ascending by row."""

    def __init__(self, sets: Sets, prefix: I64) -> None:
        self._sets, self._held = sets, sets.held
        owners = np.repeat(np.arange(len(prefix), dtype=np.int32), self._held)
        order = np.argsort(sets.ranks, kind="stable")
        self._rows = owners[order]
        self._starts = _starts(sets.ranks, sets.rank_count)
        place = np.arange(len(sets.ranks)) - np.repeat(sets.offsets[:-1], self._held)
        order = order[place[order] < prefix[self._rows]]
        self._prefix_rows, self._prefix_places = owners[order], place[order].astype(np.int32)
        self._prefix_starts = _starts(sets.ranks[order], sets.rank_count)
        self._flags = np.zeros(sets.rank_count, bool)

    def candidates(self, row: int, prefix: int, threshold: float) -> I64:
        """Later rows that share a prefix shingle and could still share enough, ascending.

        From a shared shingle on, two rows cannot share more than what either has left; for Jaccard t they must share
        t / (1 + t) of the sum of their sizes.
        """
        ranks = self._ranks(row)[:prefix]
        starts, ends = self._prefix_starts[ranks], self._prefix_starts[ranks + 1]
        found = []
        for place in np.flatnonzero(ends - starts > 1).tolist():
            start, end = starts[place], ends[place]
            start += np.searchsorted(self._prefix_rows[start:end], row, side="right")
            others = self._prefix_rows[start:end]
            left = np.minimum(len(self._ranks(row)) - place, self._held[others] - self._prefix_places[start:end])
            needed = threshold / (1 + threshold) * (self._sets.sizes[row] + self._sets.sizes[others])
            found.append(others[left >= needed - _ROUNDING])
        return distinct(np.concatenate(found).astype(np.int64)) if found else np.zeros(0, np.int64)

    def count_common(self, row: int, others: I64) -> I64:
        """How many shingles `row` shares with each of the others, the cheaper way."""
        mine = self._ranks(row)
        listed = int(np.sum(self._starts[mine + 1] - self._starts[mine]))
        if listed + len(self._held) < _GATHER_COST * int(np.sum(self._held[others])):
            lists = [self._rows[self._starts[rank]:self._starts[rank + 1]] for rank in mine.tolist()]
            return np.bincount(np.concatenate(lists), minlength=len(self._held))[others]
        self._flags[mine] = True
        held = self._held[others]
        flags = self._flags[self._sets.ranks[spread(self._sets.offsets[others], held)]]
        self._flags[mine] = False
        return np.add.reduceat(flags, np.cumsum(held) - held, dtype=np.int64)

    def _ranks(self, row: int) -> I64:
        return self._sets.ranks[self._sets.offsets[row]:self._sets.offsets[row + 1]]


def _starts(ranks: I64, rank_count: int) -> I64:
    """Where the entries of each rank start once they are in order, and where the last ones end."""
    return np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=rank_count))]).astype(np.int64)


def _together(found: list[tuple[int, I64, F64]]) -> Pairs:
    left = np.repeat(np.array([row for row, _, _ in found], np.int64), [len(others) for _, others, _ in found])
    return Pairs(left, np.concatenate([others for _, others, _ in found]),
                 np.concatenate([jaccard for _, _, jaccard in found]))
