"""Which records experts judge: a stratified random sample with known inclusion probabilities.

Design. The records fall into two groups: experts' own (`manual`) and all others. Experts' own are all drawn as
long as they fill at most a third of the sample; otherwise a third of the sample is drawn from them. Within a group
the strata are source / route / task type, each parted into records of higher risk (`risk.py`) and the others. Each
stratum gets one record, the rest is allotted in proportion to size (Sainte-Laguë divisors), a record of higher risk
counting `review.oversample` times. Where that would bind more than half of the places, strata too small for a place of
their own are pooled, first within source and route, then altogether: otherwise the places would go to rarities, the
weights would drift apart and the defect bound would say nothing. Every record keeps a known chance above zero.
Within a stratum the records with the least SHA-256 of seed and record id
are drawn: a simple random sample without replacement that is the same on every machine. Every reviewer judges
every record drawn, in an order of their own, so no order effect is shared.

Belongs here: the draw. Does not belong here: the spreadsheet or what ratings add up to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch, content_id
from itd_pipeline.review.risk import READS, higher_risk
from itd_pipeline.settings import Review
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import REVIEW_SAMPLE

SEED_SHARE = 1 / 3
"""Greatest share of the sample given to experts' own records while there are others to judge."""
QUARANTINE_SHARE = 1 / 4
"""Greatest size of the draw from what was set aside, as a share of the sample size."""
QUARANTINED = "quarantined"
RARE_TASKS, RARE_STRATA = "rare tasks", "rare strata"
HIGHER_RISK = " / higher risk"
"""Ends the name of a stratum of such records."""


def draw_sample(filtered: pa.Table, review: Review, quarantined: pa.Table | None = None) -> Batch:
    """Plan who judges what.

    Args:
        filtered: table `filtered_set`.
        review: sample size (records), reviewers per record, seed.
        quarantined: records that the policy set aside for experts. Of these, a simple random sample of at most a
            quarter
            of the sample size, and at least one, is drawn beside the sample, as a stratum of its own.

    Returns:
        Batch of `review_sample` rows, one per record and reviewer, sorted by reviewer and position. No row is
        turned away here; `units_in` is the number of assignments planned.
    """
    wanted = ("record_id", "source", "route", "task_type", *(c for c in READS if c in filtered.column_names))
    records = [dict(zip(wanted, values, strict=True))
               for values in zip(*(filtered.column(n).to_pylist() for n in wanted), strict=True)]
    strata = plan_strata(records, review.sample_size, review.oversample)
    planned = (sum(size for _, size, _ in strata.values()) + len(_set_aside(quarantined, review))) * review.reviewers
    drawn: list[dict[str, Any]] = []
    for name, (members, size, why) in strata.items():
        order = sorted(members, key=lambda record_id: _rank(review.seed, "draw", record_id))
        drawn += [{"record_id": r, "stratum": name, "inclusion_probability": size / len(members), "why": why}
                  for r in order[:size]]
    drawn += _set_aside(quarantined, review)
    sample_id = content_id("smp", *sorted(r["record_id"] for r in drawn))
    rows = []
    for slot in (f"reviewer_{i}" for i in range(1, review.reviewers + 1)):
        shuffled = sorted(drawn, key=lambda r: _rank(review.seed, slot, r["record_id"]))
        rows += [{**r, "assignment_id": content_id("asg", sample_id, r["record_id"], slot), "sample_id": sample_id,
                  "reviewer": slot, "position": position} for position, r in enumerate(shuffled, start=1)]
    return Batch(
        rows=REVIEW_SAMPLE.from_rows(rows), rejects=REJECTS.empty(), units_in=planned,
        facts={"sample_id": sample_id, "records_drawn": len(drawn), "records_to_draw_from": len(records),
               "strata": len(strata), "reviewers": review.reviewers},
    )


def _set_aside(quarantined: pa.Table | None, review: Review) -> list[dict[str, Any]]:
    ids = [] if quarantined is None else quarantined.column("record_id").to_pylist()
    size = min(len(ids), max(1, int(review.sample_size * QUARANTINE_SHARE))) if review.sample_size else 0
    order = sorted(ids, key=lambda record_id: _rank(review.seed, QUARANTINED, record_id))
    return [{"record_id": r, "stratum": QUARANTINED, "inclusion_probability": size / len(ids), "why": QUARANTINED}
            for r in order[:size]]


def plan_strata(
    records: Sequence[Mapping[str, Any]], sample_size: int, oversample: float = 1.0
) -> dict[str, tuple[list[str], int, str]]:
    """Stratum -> (record ids in it, how many to draw, why), in order of name."""
    size = min(sample_size, len(records))
    seeds = [r for r in records if r["route"] == "manual"]
    others = [r for r in records if r["route"] != "manual"]
    if size < 2 or not seeds or not others:
        for_seeds = size if not others else 0
        groups = [(records, size, "every seed" if for_seeds == len(seeds) > 0 else "stratified draw")]
    else:
        for_seeds = min(len(seeds), max(1, int(size * SEED_SHARE), size - len(others)))
        groups = [(seeds, for_seeds, "every seed" if for_seeds == len(seeds) else "stratified draw of seeds"),
                  (others, size - for_seeds, "stratified draw")]
    plan: dict[str, tuple[list[str], int, str]] = {}
    for group, places, why in groups:
        strata = pool_rare(group, places)
        places_of = allot({name: len(members) for name, members in strata.items()}, places, oversample)
        for name, members in strata.items():
            # Seeds and others may both have a pool of rare strata; they stay apart, for their chances differ.
            named = name if name not in plan else f"{name} ({why})"
            plan[named] = (members, places_of[name], why)
    return {name: plan[name] for name in sorted(plan) if plan[name][1]}


def pool_rare(records: Sequence[Mapping[str, Any]], places: int) -> dict[str, list[str]]:
    """Stratum -> record ids; at most as many strata as places (unless there is no place at all)."""
    strata: dict[str, list[Mapping[str, Any]]] = {}
    risk = {record["record_id"]: HIGHER_RISK if higher_risk(record) else "" for record in records}
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
