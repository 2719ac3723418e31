"""All pairs of sets whose Jaccard similarity reaches a threshold, exactly.

Belongs here: the join on sets of 64-bit shingle hashes. Does not belong here: what a shingle is, or what becomes of
a pair.

Prefix filtering (Chaudhuri, Ganti, Kaushik 2006, doi 10.1109/ICDE.2006.9; Bayardo, Ma, Srikant 2007,
doi 10.1145/1242572.1242591): with all shingles in one order, two sets of Jaccard t or more share at least one of
their first |A| - ceil(t|A|) + 1 shingles. With the rarest shingles first, few sets meet there; those that do are
compared in full. Unlike MinHash this misses no pair, at any threshold, and draws no random numbers; boilerplate that
hundreds of records share stands last in the order and rarely makes a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]
Integers = TypeVar("Integers", I64, U64)

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows (left < right) with their Jaccard similarity, ordered by left, then right."""

    left: I64
    right: I64
    jaccard: F64


def similar_pairs(hashes: U64, rows: I32, row_count: int, threshold: float) -> Pairs:
    """Every pair of rows whose sets have a Jaccard similarity of `threshold` or more.

    Args:
        hashes: shingles; one that a row holds twice counts once.
        rows: row of each shingle, from 0, in any order.
        row_count: how many rows there are; rows without shingles pair with nothing.
        threshold: above 0, up to 1.
    """
    elements, offsets, rank_count, sizes = _ranked(hashes, rows, row_count)
    alone = sizes - np.diff(offsets)
    prefix = sizes - np.ceil(threshold * sizes - _ROUNDING).astype(np.int64) + 1 - alone
    prefix = np.clip(np.where(sizes > 0, prefix, 0), 0, np.diff(offsets))
    posting_rows, posting_starts = _postings(elements, offsets, prefix, rank_count)
    held = np.zeros(rank_count, bool)
    left, right, jaccard = [], [], []
    for row in np.flatnonzero(prefix):
        shingles = elements[offsets[row]:offsets[row + 1]]
        ranks = shingles[:prefix[row]]
        starts, ends = posting_starts[ranks], posting_starts[ranks + 1]
        shared = np.flatnonzero(ends - starts > 1)
        if not len(shared):
            continue
        others = distinct(np.concatenate([posting_rows[starts[i]:ends[i]] for i in shared]))
        others = others[others > row]
        larger, smaller = np.maximum(sizes[others], sizes[row]), np.minimum(sizes[others], sizes[row])
        others = others[smaller >= threshold * larger - _ROUNDING]
        if not len(others):
            continue
        held[shingles] = True
        common = _count_held(held, elements, offsets, others)
        held[shingles] = False
        similarity = common / (sizes[row] + sizes[others] - common)
        near = similarity >= threshold
        if near.any():
            right.append(others[near])
            left.append(np.full(len(right[-1]), row))
            jaccard.append(similarity[near])
    if not left:
        return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return Pairs(np.concatenate(left), np.concatenate(right), np.concatenate(jaccard))


def _ranked(hashes: U64, rows: I32, row_count: int) -> tuple[I64, I64, int, I64]:
    """Shingles of each row as ranks from rare to frequent (ties by hash), ascending and distinct.

    Shingles that occur once in all rows come first in the order and match nothing, so they are only counted.

    Returns:
        ranks, offsets of the rows in them, number of ranks, and size of each row's whole set.
    """
    ordered = np.sort(hashes)
    repeated = distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    many = max(1, len(repeated))
    number = np.minimum(np.searchsorted(repeated, hashes), many - 1)
    again = repeated[number] == hashes if len(repeated) else np.zeros(len(hashes), bool)
    sizes = np.bincount(rows[~again], minlength=row_count)
    owners, number = np.divmod(distinct(rows[again].astype(np.int64) * many + number[again]), many)
    rank = np.empty(many, np.int64)
    rank[np.argsort(np.bincount(number, minlength=many), kind="stable")] = np.arange(many)
    elements = np.sort(owners * many + rank[number]) % many
    held = np.bincount(owners, minlength=row_count)
    offsets = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    return elements, offsets, many, sizes + held


def distinct(values: Integers) -> Integers:
    """Ascending distinct values. `np.unique` without an inverse hashes in numpy 2.3 and later: 30 times slower."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def _postings(elements: I64, offsets: I64, prefix: I64, rank_count: int) -> tuple[I64, I64]:
    """Rows whose prefix holds each rank: `rows[starts[rank]:starts[rank + 1]]`, ascending."""
    position = np.arange(len(elements)) - np.repeat(offsets[:-1], np.diff(offsets))
    inside = position < np.repeat(prefix, np.diff(offsets))
    rows = np.repeat(np.arange(len(prefix)), np.diff(offsets))[inside]
    ranks = elements[inside]
    order = np.argsort(ranks, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=rank_count))]).astype(np.int64)
    return rows[order], starts


def _count_held(held: npt.NDArray[np.bool_], elements: I64, offsets: I64, others: I64) -> I64:
    """How many shingles of each other row are held, in blocks of at most about a million shingles."""
    counts = np.empty(len(others), np.int64)
    block = max(1, 1_000_000 // int(np.max(np.diff(offsets)[others])))
    for start in range(0, len(others), block):
        part = others[start:start + block]
        flags = held[np.concatenate([elements[offsets[row]:offsets[row + 1]] for row in part])]
        sizes = offsets[part + 1] - offsets[part]
        counts[start:start + block] = np.add.reduceat(flags.astype(np.int64), np.cumsum(sizes) - sizes)
    return counts
