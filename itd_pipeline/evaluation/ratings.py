"""What the ratings say: progress, decisions, gates, axes, agreement, defects.

Belongs here: facts from ratings as plain data. Does not belong here: formulas or the page.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.evaluation import agreement
from itd_pipeline.evaluation.adjudication import Rule, adjudicate, in_dispute, is_defective, ratings_by_record
from itd_pipeline.evaluation.bootstrap import bootstrap_interval
from itd_pipeline.evaluation.defects import defect_rate, sample_size_for
from itd_pipeline.tables.vocabularies import DECISION, YES_NO

NOT_REVIEWED, PARTLY_REVIEWED, REVIEWED = "not reviewed", "partly reviewed", "reviewed"
SCORES = (1, 2, 3, 4, 5)
_ByRecord = Mapping[str, Sequence[Mapping[str, Any]]]


def evaluate_ratings(
    ratings: pa.Table, sample: pa.Table, filtered: pa.Table, rule: Rule = "any", confidence: float = 0.95
) -> dict[str, Any]:
    """Facts for the report, JSON-ready; numbers that are not defined are None.

    Args:
        ratings: table `human_evaluation`.
        sample: table `review_sample`.
        filtered: table `filtered_set`, for the route of each record.
        rule: when several ratings make a record defective, see `adjudication`.
        confidence: of the defect bound and the agreement intervals.

    Returns:
        `status` is `not reviewed`, `partly reviewed` or `reviewed` (every assignment answered). Without ratings
        only progress and `records_needed_for_5_percent` stand beside it.
    """
    probability = dict(zip(sample.column("record_id").to_pylist(),
                           sample.column("inclusion_probability").to_pylist(), strict=True))
    by_record = {r: rows for r, rows in ratings_by_record(ratings).items() if r in probability}
    answered = {row["assignment_id"] for rows in by_record.values() for row in rows}
    facts: dict[str, Any] = {
        "status": NOT_REVIEWED,
        "records_sampled": len(probability),
        "assignments": sample.num_rows,
        "assignments_answered": len(answered),
        "records_rated": len(by_record),
        "records_needed_for_5_percent": sample_size_for(0.05, confidence),
    }
    if not by_record:
        return facts
    verdicts = {r: is_defective(rows, rule) for r, rows in by_record.items()}
    rate = defect_rate(list(verdicts.values()), [probability[r] for r in verdicts], confidence)
    every = [row for rows in by_record.values() for row in rows]
    reviewers = sorted({row["reviewer"] for row in every})
    statuses = Counter(s for r, s in adjudicate(ratings, rule).items() if r in by_record)
    facts.update(
        status=REVIEWED if len(answered) == sample.num_rows else PARTLY_REVIEWED,
        reviewers=len(reviewers),
        records_rated_twice=sum(len(rows) > 1 for rows in by_record.values()),
        records_in_dispute=sum(map(in_dispute, by_record.values())),
        rubric_versions=sorted({row["rubric_version"] for row in every}),
        decisions={d: sum(row["decision"] == d for row in every) for d in DECISION},
        statuses={s: statuses[s] for s in ("accepted", "corrected", "rejected")},
        defect={"rule": rule, "records": rate.records, "defective": rate.defective, "estimate": rate.estimate,
                "upper_bound": rate.upper_bound, "confidence": rate.confidence,
                "effective_records": rate.effective_records},
        defects_by_route=_by_route(verdicts, filtered),
        agreement=_agreement(by_record, reviewers, lambda row: row["decision"], DECISION, confidence),
        gates={g: _gate(g, every, by_record, reviewers, confidence) for g in _keys(every, "gate")},
        axes={a: _axis(a, every, by_record, reviewers, confidence) for a in _keys(every, "axes")},
        error_tags=dict(sorted(Counter(t for row in every for t in row["error_tags"].split(",") if t).items())),
    )
    return facts


def _keys(rows: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    return sorted({key for row in rows for key in row[column]})


def _by_route(verdicts: Mapping[str, bool], filtered: pa.Table) -> dict[str, dict[str, int]]:
    route = dict(zip(filtered.column("record_id").to_pylist(), filtered.column("route").to_pylist(), strict=True))
    found: dict[str, dict[str, int]] = {}
    for record_id, defective in verdicts.items():
        entry = found.setdefault(route.get(record_id, "unknown"), {"records": 0, "defective": 0})
        entry["records"] += 1
        entry["defective"] += defective
    return dict(sorted(found.items()))


def _table(by_record: _ByRecord, reviewers: Sequence[str], answer: Callable[[Mapping[str, Any]], agreement.Rating]) \
        -> list[tuple[agreement.Rating, ...]]:
    """Records x reviewers."""
    rows = []
    for record_id in sorted(by_record):
        given = {row["reviewer"]: answer(row) for row in by_record[record_id]}
        rows.append(tuple(given.get(reviewer) for reviewer in reviewers))
    return rows


def _agreement(
    by_record: _ByRecord, reviewers: Sequence[str], answer: Callable[[Mapping[str, Any]], agreement.Rating],
    scale: Sequence[str], confidence: float,
) -> dict[str, Any]:
    """Coefficients of a nominal question, with an interval for AC1."""
    table = _table(by_record, reviewers, answer)
    interval = bootstrap_interval(table, lambda units: agreement.gwet_ac1(units, scale), confidence)
    return {
        "units": sum(sum(r is not None for r in unit) > 1 for unit in table),
        "raw": agreement.raw_agreement(table),
        "cohen_kappa": agreement.cohen_kappa([u[0] for u in table], [u[1] for u in table], None, scale)
        if len(reviewers) == 2 else None,
        "fleiss_kappa": agreement.fleiss_kappa(table),
        "gwet_ac1": agreement.gwet_ac1(table, scale),
        "gwet_ac1_interval": list(interval) if interval else None,
        "krippendorff_alpha": agreement.krippendorff_alpha(table, "nominal", scale),
    }


def _gate(gate: str, every: Sequence[Mapping[str, Any]], by_record: _ByRecord, reviewers: Sequence[str],
          confidence: float) -> dict[str, Any]:
    given = Counter(row["gate"].get(gate) for row in every)
    return {**{value: given[value] for value in YES_NO},
            "agreement": _agreement(by_record, reviewers, lambda row: row["gate"].get(gate), YES_NO, confidence)}


def _axis(axis: str, every: Sequence[Mapping[str, Any]], by_record: _ByRecord, reviewers: Sequence[str],
          confidence: float) -> dict[str, Any]:
    """Mean, and agreement on the ordered scale: weighted kappa for two reviewers, ordinal alpha for any number."""
    scores = [row["axes"][axis] for row in every if axis in row["axes"]]
    table = _table(by_record, reviewers, lambda row: row["axes"].get(axis))
    two = len(reviewers) == 2
    interval = bootstrap_interval(table, lambda u: agreement.krippendorff_alpha(u, "ordinal", SCORES), confidence)
    return {
        "ratings": len(scores),
        "mean": math.fsum(scores) / len(scores),
        "weighted_kappa": agreement.cohen_kappa([u[0] for u in table], [u[1] for u in table], "quadratic", SCORES)
        if two else None,
        "krippendorff_alpha": agreement.krippendorff_alpha(table, "ordinal", SCORES),
        "krippendorff_alpha_interval": list(interval) if interval else None,
    }
