"""Which of several twins stays: one order over all candidates, the same for exact and near-duplicates.

First the route (`tables.signals.QUALITY_ORDER`): an expert's own record never yields to a made one. Then the share of
the output that its evidence covers, greater first; a record without evidence comes last in its route. Then the
least record id, so that the order is total and does not depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.tables.signals import QUALITY_ORDER


def quality_ranks(routes: Sequence[str], coverage: Sequence[float | None], record_ids: Sequence[str]) -> list[int]:
    """Rank of each candidate from 1, the best; no two are equal.

    Args:
        routes: from the vocabulary.
        coverage: evidence coverage, null where there is no evidence.
        record_ids: unique ids.
    """

    def key(i: int) -> tuple[int, float, str]:
        covered = coverage[i]
        return QUALITY_ORDER.index(routes[i]), 1.0 if covered is None else -covered, record_ids[i]

    ranks = [0] * len(record_ids)
    for rank, i in enumerate(sorted(range(len(record_ids)), key=key), start=1):
        ranks[i] = rank
    return ranks


def measured(records: Records) -> Columns:
    """The rank of each of all records."""
    return {"quality_rank": quality_ranks(records.column("route"), records.measured("evidence_coverage"),
                                          records.column("record_id"))}


SIGNAL = Signal(name="quality", version=1, columns=("quality_rank",), compute=measured, each=False,
                needs=("evidence_coverage",))
