"""Pairs among millions of rows: their first shingles alone are put in order, and full sets of few rows.

Belongs here: choosing the head of every row without sorting all its shingles. The comparison itself is `join`.

Prefix filtering works with any order of the shingles that all rows share. Here they are in order of a rough class of
how many rows hold them, then of their hash; the parts of `Shared` are ranges of the hash, so one pass over them in
turn, with a count of what each row still needs, takes every row's first shingles.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from itd_pipeline.similarity.arrays import I32, I64, U8, U64, first_of_each
from itd_pipeline.similarity.join import Pairs, Sets, compared, prefix_lengths, ranked, short_list, similar_pairs
from itd_pipeline.similarity.sharing import Shared
from itd_pipeline.similarity.threads import threaded

_FEW = 8_000_000
"""So many shingles are put in order as a whole."""
_CLASSES = np.array([5, 20, 70, 150, 1000])
"""Greatest number of rows of each class but the last."""


def shared_pairs(shared: Shared, threshold: float) -> Iterator[Pairs]:
    """Every pair of rows whose Jaccard similarity reaches the threshold, once."""
    listed = None
    if sum(map(len, shared.parts)) > _FEW:
        listed = short_list(_first_shingles(shared, threshold), threshold)
    if listed is None:
        rows = np.flatnonzero(shared.held)
        keys = np.concatenate([np.zeros(0, np.uint64), *shared.parts])
        place = _places(rows, len(shared.sizes))
        found = similar_pairs(shared.hashes_of(keys), place[shared.rows_of(keys)], len(rows), threshold,
                              shared.sizes[rows])
    else:
        left, right = np.divmod(listed, len(shared.sizes))
        wanted = np.zeros(len(shared.sizes), bool)
        wanted[left] = wanted[right] = True
        rows, place = np.flatnonzero(wanted), _places(np.flatnonzero(wanted), len(wanted))
        keys = np.concatenate([part[wanted[shared.rows_of(part)]] for part in shared.parts])
        sets = ranked(shared.hashes_of(keys), place[shared.rows_of(keys)], len(rows), shared.sizes[rows])
        found = compared(sets, place[left], place[right], threshold)
    for pairs in found:
        yield Pairs(rows[pairs.left], rows[pairs.right], pairs.jaccard)


def _places(rows: I64, count: int) -> I64:
    place = np.zeros(count, np.int64)
    place[rows] = np.arange(len(rows))
    return place


def _first_shingles(shared: Shared, threshold: float) -> Sets:
    """The sets of all rows, cut off after the shingles that decide whether two rows are compared."""
    count = len(shared.sizes)
    missing = shared.sizes - shared.held
    need = np.where(shared.held > 0, prefix_lengths(shared.sizes, missing, threshold), 0)
    by_class = np.zeros((len(_CLASSES) + 1, count), np.int32)
    kinds: list[U8] = []
    for kind, counted in threaded(lambda part: _counted(shared, part), shared.parts):
        kinds.append(kind)
        by_class += counted
    before = np.cumsum(by_class, axis=0) - by_class  # shingles of lower classes
    last = (before < need).sum(axis=0) - 1  # class in which each row's need is met; -1 where there is none
    need = need - before[np.maximum(last, 0), np.arange(count)]
    del by_class, before
    keys, heads = [], []
    for part, kind in zip(shared.parts, kinds, strict=True):
        rows = shared.rows_of(part)
        limit = last[rows]
        keep = kind < limit
        met = (kind == limit) & (need[rows] > 0)
        need -= np.bincount(rows[met], minlength=count)
        keep |= met
        keys.append(part[keep])
        heads.append(kind[keep])
    return _sets(shared, np.concatenate(keys), np.concatenate(heads), missing)


def _sets(shared: Shared, keys: U64, kinds: U8, missing: I64) -> Sets:
    order = np.argsort(kinds, kind="stable")  # the keys ascend by hash, and equal hashes are of one kind
    keys = keys[order]
    rank = np.cumsum(first_of_each(shared.hashes_of(keys))) - 1
    many = int(rank[-1]) + 1 if len(rank) else 1
    rows = shared.rows_of(keys)
    ranks = np.sort(rows * many + rank) % many
    held = np.bincount(rows, minlength=len(shared.sizes))
    offsets = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    return Sets(ranks, offsets, shared.sizes, missing, many)


def _counted(shared: Shared, part: U64) -> tuple[U8, I32]:
    """Class of each key, and how many keys of each class every row has."""
    rows, kind = shared.rows_of(part), _kinds(shared, part)
    counts = [np.bincount(rows[kind == k], minlength=len(shared.sizes)) for k in range(len(_CLASSES) + 1)]
    return kind, np.stack(counts).astype(np.int32)


def _kinds(shared: Shared, part: U64) -> U8:
    """Class of each key by the number of rows that hold its hash."""
    starts = np.flatnonzero(first_of_each(shared.hashes_of(part)))
    sizes = np.diff(starts, append=len(part))
    return np.repeat(np.searchsorted(_CLASSES, sizes).astype(np.uint8), sizes)
