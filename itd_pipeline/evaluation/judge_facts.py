"""The automatic judge among the facts of a review: calibration per axis, whether it counts, and the defect rate with
it.

A judge is compared on every axis of the rubric that it was asked about by the same id, and as a whole: the mean of its
criteria with the mean of an expert's axes. The policy and the two-stage defect rate read that mean (`judge_score`):
they use a judge whose mean agrees with the others at least as well as an expert's does. An axis has a verdict of its
own.

Belongs here: which scores are compared, as plain data. Does not belong here: the comparison (`judge_calibration.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from itd_pipeline.evaluation.judge_calibration import (
    correction_for,
    defect_probabilities,
    isotonic,
    judge_against_panel,
)
from itd_pipeline.evaluation.two_stage import two_stage_rate

READ = ("record_id", "judge_score", "judge_status", "judge_scores")
"""Columns of `candidate_signals` that are needed."""
NOBODY = "no judge was asked"


def judge_facts(by_record: Mapping[str, Sequence[Mapping[str, Any]]], signals: pa.Table, confidence: float = 0.95) \
        -> dict[str, Any]:
    """Calibration of the judge.

    Args:
        by_record: record id -> its independent ratings, axes parsed.
        signals: table `candidate_signals`, at least the columns `READ`.
        confidence: of the intervals.

    Returns:
        `asked` and `scored` count candidates; `used` and `why` speak of the judge as a whole; `overall` and each of
        `axes` hold a `JudgeVerdict` with a `correction` (pairs of the judge's score and the panel's; None where it is
        not used); `axes_not_asked` are axes that no criterion of the judge bears the name of.
    """
    asked = signals.num_rows - signals.column("judge_status").null_count
    scored = signals.num_rows - signals.column("judge_score").null_count
    if not asked:
        return {"asked": 0, "scored": 0, "used": False, "why": NOBODY}
    rows = [row for row in signals.select(list(READ)).to_pylist() if row["record_id"] in by_record]
    by_axis: dict[str, dict[str, float]] = {}
    for row in rows:
        for axis, score in json.loads(row["judge_scores"] or "{}").items():
            by_axis.setdefault(axis, {})[row["record_id"]] = score
    whole = {row["record_id"]: row["judge_score"] for row in rows if row["judge_score"] is not None}
    rated = sorted({axis for given in by_record.values() for rating in given for axis in rating["axes"]})
    axes = {axis: _compared(by_axis[axis], _panel(by_record, axis), confidence) for axis in rated if axis in by_axis}
    overall = _compared(whole, _panel(by_record, None), confidence)
    return {"asked": asked, "scored": scored, "used": overall["used"], "why": overall["why"], "overall": overall,
            "axes": axes, "axes_not_asked": [axis for axis in rated if axis not in by_axis]}


def two_stage_facts(
    judge: Mapping[str, Any], signals: pa.Table, filtered_ids: Sequence[str], verdicts: Mapping[str, bool],
    probability: Mapping[str, float], stratum: Mapping[str, str], confidence: float = 0.95,
) -> dict[str, Any]:
    """The defect rate from the judge's scores of the whole set and experts' verdicts on the sample; `why` instead of
    numbers where the judge is not used.

    Args:
        judge: of `judge_facts`.
        signals: table `candidate_signals`.
        filtered_ids: records of the set that the sample was drawn from.
        verdicts: record id -> whether it is defective, once adjudicated.
        probability: record id -> inclusion probability.
        stratum: record id -> stratum.
        confidence: of the interval.
    """
    if not judge["used"]:
        return {"used": False, "why": judge["why"]}
    held = dict(zip(signals.column("record_id").to_pylist(), signals.column("judge_score").to_pylist(), strict=True))
    ids = sorted(filtered_ids)
    place = {record: i for i, record in enumerate(ids)}
    rated = [record for record in sorted(verdicts) if record in place]
    if len(rated) < 2:
        return {"used": False, "why": "fewer than two records of the set were judged"}
    scores = [held.get(record) for record in ids]
    found = [verdicts[record] for record in rated]
    everyone, sampled = defect_probabilities(scores, [place[record] for record in rated], found)
    rate = two_stage_rate(everyone.tolist(), sampled.tolist(), found, [probability[record] for record in rated],
                          confidence, [stratum[record] for record in rated])
    return {"used": True, "why": judge["why"], "correction": correction_for(len(rated)),
            "records_scored": sum(score is not None for score in scores), "records_judged": len(rated), **asdict(rate)}


def _panel(by_record: Mapping[str, Sequence[Mapping[str, Any]]], axis: str | None) -> dict[str, dict[str, float]]:
    """Expert -> record id -> score on an axis; the mean of all axes where none is named."""
    panel: dict[str, dict[str, float]] = {}
    for record, given in by_record.items():
        for rating in given:
            scores = list(rating["axes"].values()) if axis is None else [rating["axes"].get(axis)]
            known = [score for score in scores if score is not None]
            if known:
                panel.setdefault(rating["reviewer"], {})[record] = math.fsum(known) / len(known)
    return panel


def _compared(judge: Mapping[str, float], panel: Mapping[str, Mapping[str, float]], confidence: float) \
        -> dict[str, Any]:
    verdict = judge_against_panel(judge, panel, confidence)
    return {**asdict(verdict), "correction": _correction(judge, panel) if verdict.used else None}


def _correction(judge: Mapping[str, float], panel: Mapping[str, Mapping[str, float]]) -> list[list[float]]:
    """Each score that the judge gave, and what the panel says there, by isotonic regression."""
    given: dict[str, list[float]] = {}
    for scores in panel.values():
        for record, score in scores.items():
            if record in judge:
                given.setdefault(record, []).append(score)
    records = sorted(given)
    steps = sorted({judge[record] for record in records})
    curve = isotonic([judge[r] for r in records], [math.fsum(given[r]) / len(given[r]) for r in records])
    return [[step, round(float(value), 6)] for step, value in zip(steps, curve(steps), strict=True)]
