"""Near-duplicates: texts whose words, in runs of five, are mostly the same, and which one of them stays.

Measure: Jaccard similarity of the sets of word 5-shingles (`shingles`). Every pair at or above the threshold is found
and none below it: `sharing` leaves out what cannot have a partner, `join` compares the rest. MinHash with bands
(Broder 1997, doi 10.1109/SEQUEN.1997.666900), the usual way, misses pairs near the threshold and has to be verified;
this is faster and does neither.

Clusters are the connected groups of pairs: two members may be joined by a chain of twins. The member of the best rank
stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from itd_pipeline.similarity.arrays import F64, I64
from itd_pipeline.similarity.heads import shared_pairs
from itd_pipeline.similarity.join import Pairs
from itd_pipeline.similarity.sharing import Packed, PackedBlock, pack
from itd_pipeline.similarity.shingles import shingles_of
from itd_pipeline.similarity.threads import threaded

_PACKED_ROWS = 5000
"""Rows packed at a time: their shingles stay in a core's cache."""

Block = Callable[[], pa.Array]
"""Texts of some rows, read when they are asked for, on any thread."""


@dataclass(frozen=True)
class Clusters:
    """Per record: least id of its cluster, id of the member kept (null for that one), similarity to the nearest."""

    cluster: list[str | None]
    duplicate_of: list[str | None]
    jaccard: list[float | None]


def near_duplicates(
    blocks: Iterable[Block], record_ids: Sequence[str], quality_rank: Sequence[int], threshold: float,
) -> Clusters:
    """Clusters of records whose similarity is `threshold` or more.

    Args:
        blocks: texts of all records, in the order of `record_ids`.
        record_ids: unique ids.
        quality_rank: which member stays: the least.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    return clustered(near_duplicate_pairs(blocks, len(record_ids), threshold), record_ids, quality_rank,
                     np.arange(len(record_ids)), np.full(len(record_ids), -1.0))


def clustered(
    found: Iterable[Pairs], record_ids: Sequence[str], quality_rank: Sequence[int], label: I64, nearest: F64,
) -> Clusters:
    """Clusters from pairs.

    Args:
        found: pairs of rows.
        record_ids: unique ids.
        quality_rank: which member stays: the least.
        label: of each row the least row that it is known to be connected with, at first its own number.
        nearest: greatest similarity of each row that is known, -1 where none is. Changed in place.
    """
    for pairs in found:
        np.maximum.at(nearest, pairs.left, pairs.jaccard)
        np.maximum.at(nearest, pairs.right, pairs.jaccard)
        label = connected(label, pairs.left, pairs.right)
    count = len(record_ids)
    result = Clusters([None] * count, [None] * count, [None] * count)
    for members in _groups(label, np.flatnonzero(nearest >= 0)):
        least = min(record_ids[i] for i in members)
        kept = min(members, key=lambda i: quality_rank[i])
        for i in members:
            result.cluster[i] = least
            result.duplicate_of[i] = None if i == kept else record_ids[kept]
            result.jaccard[i] = float(nearest[i])
    return result


def near_duplicate_pairs(blocks: Iterable[Block], row_count: int, threshold: float) -> Iterator[Pairs]:
    """Pairs of rows at or above the threshold. Of rows with the same text only the first is paired with others, and
    each of the rest with that first: they connect the same clusters.

    Args:
        blocks: texts of all rows, in order.
        row_count: how many rows they hold together.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    packed = Packed(row_count)

    def work(block: Block) -> list[PackedBlock]:
        texts = block()
        return [pack(shingles_of(texts.slice(start, _PACKED_ROWS)), packed.row_bits)
                for start in range(0, len(texts), _PACKED_ROWS)]

    for done in threaded(work, blocks):
        for part in done:
            packed.add(part)
    shared = packed.shared(threshold)
    copies = np.flatnonzero(shared.first != np.arange(row_count))
    if len(copies):
        yield Pairs(shared.first[copies], copies, np.ones(len(copies)))
    yield from shared_pairs(shared, threshold)


def connected(label: I64, left: I64, right: I64) -> I64:
    """Labels of connected rows after new edges: each is the least row that it is connected with.

    Args:
        label: labels so far; at first every row's own number.
        left, right: rows that an edge joins.
    """
    while True:
        low, high = np.minimum(label[left], label[right]), np.maximum(label[left], label[right])
        if np.array_equal(low, high):
            return label
        label = label.copy()
        np.minimum.at(label, high, low)
        while not np.array_equal(label, label[label]):
            label = label[label]


def _groups(label: I64, rows: I64) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row, group in zip(rows.tolist(), label[rows].tolist(), strict=True):
        groups.setdefault(group, []).append(row)
    return list(groups.values())
