"""Clusters of near-duplicates when records were added, changed or taken away: what is known is not compared again.

Belongs here: going on from clusters that were found before. Does not belong here: how pairs are found (`kept`,
`clusters`).

A cluster that lost no member keeps its connections, whatever is added. One that lost a member may fall apart: those
left of it are compared with one another anew, and with no one else, because whoever resembled them was in that cluster.
New records are compared with each other, and with all that were there by the index. So the outcome is the one of
comparing everything, in whatever order and number of steps the records came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from itd_pipeline.similarity.arrays import BOOL, F64, I64
from itd_pipeline.similarity.clusters import Clusters, clustered, near_duplicate_pairs
from itd_pipeline.similarity.join import Pairs
from itd_pipeline.similarity.kept import Heads, TextsOf, pairs_with


@dataclass(frozen=True)
class Known:
    """What was found before, row by row as the records are now.

    Args:
        there: whether the record was there, with the same text.
        cluster: its cluster then; null where it had none.
        jaccard: similarity to the nearest member then; null where it had none.
        broken: clusters that lost a member.
    """

    there: BOOL
    cluster: Sequence[str | None]
    jaccard: Sequence[float | None]
    broken: frozenset[str]


def continued_clusters(
    texts: TextsOf, heads: Heads, known: Known, record_ids: Sequence[str], quality_rank: Sequence[int],
    threshold: float,
) -> Clusters:
    """Clusters of all records, as `clusters.near_duplicates` finds them.

    Args:
        texts: texts of rows.
        heads: of all rows, for this threshold.
        known: what was found before, at this threshold.
        record_ids: unique ids.
        quality_rank: which member stays: the least. It may have changed since.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    label, nearest, loose = _as_it_was(known)
    new, old = np.flatnonzero(~known.there), np.flatnonzero(known.there)

    def found() -> Iterator[Pairs]:
        yield from _among(texts, loose, threshold)
        yield from _among(texts, new, threshold)
        for pairs in pairs_with(heads.take(new), lambda rows: texts(new[rows]), heads.take(old),
                                lambda rows: texts(old[rows]), threshold):
            left, right = new[pairs.left], old[pairs.right]
            yield Pairs(np.minimum(left, right), np.maximum(left, right), pairs.jaccard)

    return clustered(found(), record_ids, quality_rank, label, nearest)


def _as_it_was(known: Known) -> tuple[I64, F64, I64]:
    """Labels and similarities of whole clusters, and the rows left of the others."""
    count = len(known.there)
    label, nearest = np.arange(count), np.full(count, -1.0)
    first: dict[str, int] = {}
    loose = []
    for row in np.flatnonzero(known.there).tolist():
        cluster, jaccard = known.cluster[row], known.jaccard[row]
        if cluster is None or jaccard is None:
            continue
        if cluster in known.broken:
            loose.append(row)
        else:
            label[row], nearest[row] = first.setdefault(cluster, row), jaccard
    return label, nearest, np.array(loose, np.int64)


def _among(texts: TextsOf, rows: I64, threshold: float) -> Iterator[Pairs]:
    if len(rows) > 1:
        for pairs in near_duplicate_pairs([lambda: texts(rows)], len(rows), threshold):
            yield Pairs(rows[pairs.left], rows[pairs.right], pairs.jaccard)
