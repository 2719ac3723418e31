"""Novelty: how close an instruction comes to one that is already there.

Self-Instruct (Wang et al. 2023, doi 10.18653/v1/2023.acl-long.754) keeps a generated instruction only if its ROUGE-L
with every instruction of the pool is below 0.7; AlpaCare does the same for medicine. How it is computed without
comparing everything with everything: `similarity.rouge`.

The pool starts with the experts' instructions. The measured ones are taken in quality order, and one that stays
below the threshold joins the pool: of two that resemble each other the better one stays, whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.rouge import greedy_novelty, numbered_words


@dataclass(frozen=True)
class Novelty:
    """Per record: greatest ROUGE-L F1 and whose instruction that is; both null where not measured, 0 and null where
    it is below the floor."""

    rouge_l: list[float | None]
    nearest: list[str | None]


def novelty(
    instructions: Iterable[str], record_ids: Sequence[str], quality_rank: Sequence[int], seeds: Sequence[bool],
    measured: Sequence[bool], threshold: float, floor: float,
) -> Novelty:
    """ROUGE-L of each measured instruction against seeds and earlier kept ones.

    Args:
        instructions: one per record.
        record_ids: unique ids in the same order.
        quality_rank: order in which instructions are taken.
        seeds: which records are experts' own; those that are not measured stand in the pool from the start.
        measured: which records are measured.
        threshold: from which an instruction counts as known and does not join the pool.
        floor: least score that is told; at most the threshold.
    """
    count = len(record_ids)
    ranked = sorted(range(count), key=lambda i: quality_rank[i])
    queue = [i for i in ranked if measured[i]]
    result = Novelty([None] * count, [None] * count)
    if not queue:
        return result
    pool = [i for i in ranked if seeds[i] and not measured[i]]
    found = greedy_novelty(*numbered_words(instructions), pool, queue, threshold, min(floor, threshold))
    for i in queue:
        nearest = int(found.nearest[i])
        result.rouge_l[i] = float(found.score[i])
        result.nearest[i] = None if nearest < 0 else record_ids[nearest]
    return result


def measured(records: Records) -> Columns:
    """Novelty among all records."""
    parameters = records.study.signals
    routes = records.column("route")
    found = novelty(
        records.column("instruction"), records.column("record_id"), records.measured("quality_rank"),
        [route == "manual" for route in routes], [route in parameters.novelty_routes for route in routes],
        parameters.novelty_threshold, parameters.novelty_floor)
    return {"novelty_rouge_l": found.rouge_l, "novelty_nearest": found.nearest}


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"routes": sorted(study.signals.novelty_routes), "threshold": study.signals.novelty_threshold,
            "floor": study.signals.novelty_floor}


SIGNAL = Signal(
    name="novelty", version=2, columns=("novelty_rouge_l", "novelty_nearest"), compute=measured, each=False,
    needs=("quality_rank",), parameters=_parameters, libraries=("numpy", "rapidfuzz"),
)
