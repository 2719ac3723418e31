"""Which records experts judge: a stratified random sample with known inclusion probabilities.

Design. Experts' own records (`manual`) are all judged, by two reviewers at least, however many the profile asks for:
they are what the rest is measured by and written after. They stand beside the sample, with a chance of 1. The sample is
drawn from all other records. Its strata are source / route / task type, each parted into records of higher risk
(`risk.py`) and the others. Each stratum gets one record, the rest is allotted in proportion to size (Sainte-Laguë
divisors), a record of higher risk counting `review.oversample` times. Where that would bind more than half of the
places, strata too small for a place of their own are pooled, first within source and route, then altogether: otherwise
the places would go to rarities, the weights would drift apart and the defect bound would say nothing. Every record
keeps a known chance above zero. Within a stratum the records with the least SHA-256 of seed and record id are drawn: a
simple random sample without replacement that is the same on every machine. Every reviewer judges every record drawn,
in an order of their own, so no order effect is shared; with `review.reviewers: 1` the second sheet holds experts' own
records alone.

Belongs here: the draw. Does not belong here: the spreadsheet or what ratings add up to.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch, content_id
from itd_pipeline.review.risk import JUDGED, MIDDLE, READS, higher_risk
from itd_pipeline.settings import Review
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import REVIEW_SAMPLE

SEED_REVIEWERS = 2
"""Least number of reviewers of an expert's own record."""
QUARANTINE_SHARE = 1 / 4
"""Greatest size of the draw from what was set aside, as a share of the sample size."""
QUARANTINED, EVERY_SEED = "quarantined", "every seed"
RARE_TASKS, RARE_STRATA = "rare tasks", "rare strata"
HIGHER_RISK = " / higher risk"
"""Ends the name of a stratum of such records."""


def draw_sample(
    filtered: pa.Table, review: Review, quarantined: pa.Table | None = None, signals: pa.Table | None = None,
    thresholds: Sequence[float] = (MIDDLE,),
) -> Batch:
    """Plan who judges what.

    Args:
        filtered: table `filtered_set`.
        review: sample size (records that are no expert's own), reviewers per record, seed.
        quarantined: records that the policy set aside for experts. Of these, a simple random sample of at most a
            quarter of the sample size, and at least one, is drawn beside the sample, as a stratum of its own.
        signals: of `candidate_signals`, `record_id` and the columns of `risk.JUDGED`; None where no judge was asked.
        thresholds: scores of the judge at which the policy decides.

    Returns:
        Batch of `review_sample` rows, one per record and reviewer, sorted by reviewer and position. No row is
        turned away here; `units_in` is the number of assignments planned.
    """
    wanted = ("record_id", "source", "route", "task_type", *(c for c in READS if c in filtered.column_names))
    records = [dict(zip(wanted, values, strict=True))
               for values in zip(*(filtered.column(n).to_pylist() for n in wanted), strict=True)]
    judged = {} if signals is None else {
        row["record_id"]: row for row in signals.select(["record_id", *JUDGED]).to_pylist() if row["judge_status"]}
    records = [{**record, **judged.get(record["record_id"], {})} for record in records]
    strata = plan_strata(records, review.sample_size, review.oversample, thresholds)
    aside = _set_aside(quarantined, review)
    planned = len(aside) * review.reviewers + sum(
        size * _reviewers(why, review) for _, size, why in strata.values())
    drawn: list[dict[str, Any]] = []
    for name, (members, size, why) in strata.items():
        order = sorted(members, key=lambda record_id: _rank(review.seed, "draw", record_id))
        drawn += [{"record_id": r, "stratum": name, "inclusion_probability": size / len(members), "why": why}
                  for r in order[:size]]
    drawn += aside
    sample_id = content_id("smp", *sorted(r["record_id"] for r in drawn))
    rows = []
    for number in range(1, max(review.reviewers, SEED_REVIEWERS) + 1):
        slot = f"reviewer_{number}"
        asked = [r for r in drawn if number <= _reviewers(r["why"], review)]
        shuffled = sorted(asked, key=lambda r: _rank(review.seed, slot, r["record_id"]))
        rows += [{**r, "assignment_id": content_id("asg", sample_id, r["record_id"], slot), "sample_id": sample_id,
                  "reviewer": slot, "position": position} for position, r in enumerate(shuffled, start=1)]
    return Batch(
        rows=REVIEW_SAMPLE.from_rows(rows), rejects=REJECTS.empty(), units_in=planned,
        facts={"sample_id": sample_id, "records_drawn": len(drawn), "records_to_draw_from": len(records),
               "strata": len(strata), "reviewers": review.reviewers,
               "seeds": sum(r["why"] == EVERY_SEED for r in drawn), "set_aside": len(aside),
               "higher_risk": _by_risk(records, {r["record_id"] for r in drawn}, thresholds)},
    )


def _reviewers(why: str, review: Review) -> int:
    return max(review.reviewers, SEED_REVIEWERS) if why == EVERY_SEED else review.reviewers


def _by_risk(records: Sequence[Mapping[str, Any]], drawn: set[str], thresholds: Sequence[float]) \
        -> dict[str, dict[str, int]]:
    """Reason of higher risk -> candidates there are and those drawn."""
    candidates = [r for r in records if r["route"] != "manual"]
    reasons = {r["record_id"]: higher_risk(r, thresholds) for r in candidates}
    there = Counter(reasons.values())
    taken = Counter(why for record_id, why in reasons.items() if record_id in drawn)
    return {why: {"records": there[why], "drawn": taken[why]} for why in sorted(there) if why}


def _set_aside(quarantined: pa.Table | None, review: Review) -> list[dict[str, Any]]:
    ids = [] if quarantined is None else quarantined.column("record_id").to_pylist()
    size = min(len(ids), max(1, int(review.sample_size * QUARANTINE_SHARE))) if review.sample_size else 0
    order = sorted(ids, key=lambda record_id: _rank(review.seed, QUARANTINED, record_id))
    return [{"record_id": r, "stratum": QUARANTINED, "inclusion_probability": size / len(ids), "why": QUARANTINED}
            for r in order[:size]]


def plan_strata(
    records: Sequence[Mapping[str, Any]], sample_size: int, oversample: float = 1.0,
    thresholds: Sequence[float] = (MIDDLE,),
) -> dict[str, tuple[list[str], int, str]]:
    """Stratum -> (record ids in it, how many to draw, why), in order of name. Experts' own records are all drawn,
    beside `sample_size` others."""
    plan: dict[str, tuple[list[str], int, str]] = {}
    for record in records:
        if record["route"] == "manual":
            members, _, _ = plan.setdefault(f"{record['source']} / manual", ([], 0, EVERY_SEED))
            members.append(record["record_id"])
    plan = {name: (sorted(members), len(members), why) for name, (members, _, why) in plan.items()}
    others = [r for r in records if r["route"] != "manual"]
    places = min(sample_size, len(others))
    strata = pool_rare(others, places, thresholds)
    places_of = allot({name: len(members) for name, members in strata.items()}, places, oversample)
    plan |= {name: (members, places_of[name], "stratified draw") for name, members in strata.items()}
    return {name: plan[name] for name in sorted(plan) if plan[name][1]}


def pool_rare(records: Sequence[Mapping[str, Any]], places: int, thresholds: Sequence[float] = (MIDDLE,)) \
        -> dict[str, list[str]]:
    """Stratum -> record ids; at most as many strata as places (unless there is no place at all)."""
    strata: dict[str, list[Mapping[str, Any]]] = {}
    risk = {record["record_id"]: HIGHER_RISK if higher_risk(record, thresholds) else "" for record in records}
    for record in records:
        named = f"{record['source']} / {record['route']} / {record['task_type']}{risk[record['record_id']]}"
        strata.setdefault(named, []).append(record)
    for coarser in ("{source} / {route} / " + RARE_TASKS, RARE_STRATA):
        if 2 * len(strata) <= places:
            break
        merged: dict[str, list[Mapping[str, Any]]] = {}
        for name in sorted(strata):
            members = strata[name]
            rare = len(members) * places < len(records)
            for record in members:
                pooled = coarser.format(**record) + risk[record["record_id"]]
                merged.setdefault(pooled if rare else name, []).append(record)
        strata = merged
    if places and len(strata) > places and RARE_STRATA + HIGHER_RISK in strata:
        strata.setdefault(RARE_STRATA, []).extend(strata.pop(RARE_STRATA + HIGHER_RISK))
    return {name: [r["record_id"] for r in members] for name, members in sorted(strata.items())}


def allot(sizes: Mapping[str, int], places: int, oversample: float = 1.0) -> dict[str, int]:
    """Places per stratum: one each, the rest in proportion to size by Sainte-Laguë divisors, at most its size.

    Args:
        sizes: stratum -> records in it.
        places: at least as many as there are strata, or none at all.
        oversample: what a record of higher risk counts, in strata so named.
    """
    if places == 0:
        return dict.fromkeys(sizes, 0)
    pull = {name: size * (oversample if name.endswith(HIGHER_RISK) else 1) for name, size in sizes.items()}
    given = dict.fromkeys(sizes, 1)
    for _ in range(places - len(sizes)):
        open_strata = [name for name in sizes if given[name] < sizes[name]]
        best = min(open_strata, key=lambda name: (-pull[name] / (2 * given[name] + 1), name))
        given[best] += 1
    return given


def _rank(seed: int, purpose: str, record_id: str) -> str:
    return hashlib.sha256(f"{seed}:{purpose}:{record_id}".encode()).hexdigest()
