"""What the ratings say: progress, decisions, gates, axes, agreement, defects.

Belongs here: facts from ratings as plain data. Does not belong here: formulas or the page.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from itd_pipeline.evaluation import agreement
from itd_pipeline.evaluation.adjudication import Rule, adjudicate, defect_found, in_dispute, ratings_by_record
from itd_pipeline.evaluation.defects import DefectRate, defect_rate, sample_size_for
from itd_pipeline.evaluation.gate import gate
from itd_pipeline.evaluation.judge_facts import judge_facts, two_stage_facts
from itd_pipeline.settings import ReviewGate
from itd_pipeline.tables.vocabularies import DECISION, YES_NO

NOT_REVIEWED, PARTLY_REVIEWED, REVIEWED = "not reviewed", "partly reviewed", "reviewed"
SCORES = (1, 2, 3, 4, 5)
NOMINAL: Mapping[str, Any] = {
    "raw": agreement.raw_agreement, "fleiss_kappa": agreement.fleiss_kappa, "conger_kappa": agreement.conger_kappa,
    "brennan_prediger": agreement.brennan_prediger, "gwet_ac1": agreement.gwet_ac,
    "krippendorff_alpha": agreement.krippendorff_alpha("nominal"),
}
_ByRecord = Mapping[str, Sequence[Mapping[str, Any]]]


def evaluate_ratings(
    ratings: pa.Table, sample: pa.Table, filtered: pa.Table, rule: Rule = "any", confidence: float = 0.95,
    wanted: ReviewGate | None = None, third: Mapping[str, Mapping[str, Any]] | None = None,
    signals: pa.Table | None = None,
) -> dict[str, Any]:
    """Facts for the report, JSON-ready; numbers that are not defined are None.

    Args:
        ratings: table `human_evaluation`.
        sample: table `review_sample`.
        filtered: table `filtered_set`, for the route of each record.
        rule: when several ratings make a record defective, see `adjudication`.
        confidence: of the defect bound and the agreement intervals.
        wanted: what must hold before a release is no draft; None for the profile's defaults.
        third: record id -> third opinion, see `adjudication.defect_found`. Where there is one it decides: status,
            defect rate, bounds and gate follow it. Agreement, gates and axes stay those of the independent ratings.
        signals: table `candidate_signals`, at least `judge_facts.READ`, for the automatic judge; None leaves it out.

    Returns:
        `status` is `not reviewed`, `partly reviewed` or `reviewed` (every assignment answered); `gate` holds the
        conditions of a release that is no draft, each with what is still missing, and `ready` whether all hold.
        Without ratings only those, progress and `records_needed_for_5_percent` are there.
    """
    drawn = sample.select(["record_id", "inclusion_probability", "stratum"]).to_pylist()
    probability = {row["record_id"]: row["inclusion_probability"] for row in drawn}
    stratum = {row["record_id"]: row["stratum"] for row in drawn}
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
    wanted = wanted or ReviewGate()
    if not by_record:
        return facts | _verdict(facts, wanted)
    opinions = {r: opinion for r, opinion in (third or {}).items() if r in by_record}
    verdicts = {r: defect_found(rows, rule, opinions.get(r)) for r, rows in by_record.items()}
    rate = defect_rate(list(verdicts.values()), [probability[r] for r in verdicts], confidence,
                       [stratum[r] for r in verdicts])
    every = [row for rows in by_record.values() for row in rows]
    reviewers = sorted({row["reviewer"] for row in every})
    status = adjudicate(ratings, rule) | {r: str(opinion["status"]) for r, opinion in opinions.items()}
    statuses = Counter(status[r] for r in by_record)
    facts.update(
        status=REVIEWED if len(answered) == sample.num_rows else PARTLY_REVIEWED,
        reviewers=len(reviewers),
        records_rated_twice=sum(len(rows) > 1 for rows in by_record.values()),
        records_in_dispute=sum(map(in_dispute, by_record.values())),
        adjudication=_adjudication(by_record, opinions, rule),
        rubric_versions=sorted({row["rubric_version"] for row in every}),
        decisions={d: sum(row["decision"] == d for row in every) for d in DECISION},
        statuses={s: statuses[s] for s in ("accepted", "corrected", "rejected")},
        defect={"rule": rule, **asdict(rate)},
        defects_by_route=_by_route(verdicts, filtered),
        defects_by_stratum=_by_stratum(verdicts, stratum, confidence),
        agreement=_agreement(by_record, reviewers, lambda row: row["decision"], DECISION, confidence),
        gates={g: _gate(g, every, by_record, reviewers, confidence) for g in _keys(every, "gate")},
        axes={a: _axis(a, every, by_record, reviewers, confidence) for a in _keys(every, "axes")},
        error_tags=dict(sorted(Counter(t for row in every for t in row["error_tags"].split(",") if t).items())),
    )
    if signals is not None:
        facts["judge"] = judge_facts(by_record, signals, confidence)
        facts["defect_two_stage"] = two_stage_facts(
            facts["judge"], signals, filtered.column("record_id").to_pylist(), verdicts, probability, stratum,
            confidence)
    return facts | _verdict(facts, wanted)


def _adjudication(by_record: _ByRecord, opinions: Mapping[str, Mapping[str, Any]], rule: Rule) -> dict[str, Any]:
    """What became of the records on which reviewers differ."""
    disputes = [r for r, rows in by_record.items() if in_dispute(rows)]
    settled = [r for r in disputes if r in opinions]
    before = {r: defect_found(by_record[r], rule, None) for r in settled}
    after = {r: defect_found(by_record[r], rule, opinions[r]) for r in settled}
    outcomes = Counter(str(opinions[r]["status"]) for r in settled)
    return {"disputes": len(disputes), "settled": len(settled), "waiting": len(disputes) - len(settled),
            "outcomes": {s: outcomes[s] for s in ("accepted", "corrected", "rejected")},
            "defects_confirmed": sum(before[r] and after[r] for r in settled),
            "defects_overruled": sum(before[r] and not after[r] for r in settled),
            "defects_added": sum(after[r] and not before[r] for r in settled)}


def _verdict(facts: Mapping[str, Any], wanted: ReviewGate) -> dict[str, Any]:
    conditions = gate(facts, wanted)
    return {"gate": [asdict(condition) for condition in conditions],
            "ready": all(condition.holds for condition in conditions)}


def _by_stratum(verdicts: Mapping[str, bool], stratum: Mapping[str, str], confidence: float) -> dict[str, Any]:
    """Defect rate within each stratum, where every record had the same chance."""
    members: dict[str, list[bool]] = {}
    for record_id, defective in verdicts.items():
        members.setdefault(stratum[record_id], []).append(defective)
    rates: dict[str, DefectRate] = {name: defect_rate(found, [1.0] * len(found), confidence)
                                    for name, found in sorted(members.items())}
    return {name: {"records": rate.records, "defective": rate.defective, "estimate": rate.estimate, "low": rate.low,
                   "high": rate.high, "upper_bound": rate.upper_bound} for name, rate in rates.items()}


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
    """Coefficients of a nominal question, each with its interval; prevalence and bias beside kappa."""
    ratings = agreement.Ratings.of(_table(by_record, reviewers, answer), scale)
    found: dict[str, Any] = {"units": int((ratings.counts.sum(axis=1) > 1).sum())}
    found |= {name: _estimate(coefficient, ratings, confidence) for name, coefficient in NOMINAL.items()}
    found["cohen_kappa"] = _estimate(agreement.cohen_kappa, ratings.pair(0, 1), confidence) \
        if len(reviewers) == 2 else None
    balance = agreement.balance(ratings)
    found["balance"] = asdict(balance) if balance else None
    return found


def _estimate(coefficient: Any, ratings: agreement.Ratings, confidence: float) -> dict[str, float | None]:
    estimate = agreement.estimate(coefficient, ratings, confidence)
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _gate(gate: str, every: Sequence[Mapping[str, Any]], by_record: _ByRecord, reviewers: Sequence[str],
          confidence: float) -> dict[str, Any]:
    given = Counter(row["gate"].get(gate) for row in every)
    return {**{value: given[value] for value in YES_NO},
            "agreement": _agreement(by_record, reviewers, lambda row: row["gate"].get(gate), YES_NO, confidence)}


def _axis(axis: str, every: Sequence[Mapping[str, Any]], by_record: _ByRecord, reviewers: Sequence[str],
          confidence: float) -> dict[str, Any]:
    """Mean, and agreement on the ordered scale."""
    scores = [row["axes"][axis] for row in every if axis in row["axes"]]
    table = _table(by_record, reviewers, lambda row: row["axes"].get(axis))
    plain = agreement.Ratings.of(table, SCORES)
    weighted = agreement.Ratings.of(table, SCORES, "quadratic")
    return {
        "ratings": len(scores),
        "mean": math.fsum(scores) / len(scores),
        "weighted_kappa": _estimate(agreement.cohen_kappa, weighted.pair(0, 1), confidence)
        if len(reviewers) == 2 else None,
        "gwet_ac2": _estimate(agreement.gwet_ac, weighted, confidence),
        "krippendorff_alpha": _estimate(agreement.krippendorff_alpha("ordinal"), plain, confidence),
        "icc_single": _estimate(agreement.icc_single, plain, confidence) if len(reviewers) > 1 else None,
        "icc_average": _estimate(agreement.icc_average, plain, confidence) if len(reviewers) > 1 else None,
        "balance": asdict(balance) if (balance := agreement.balance(plain)) else None,
    }
