"""The plan of a review in numbers and words: who is asked for how much, how long it takes, and what it can prove.

Belongs here: adding up a drawn sample. Does not belong here: the draw (`review/sampling.py`) or the bound
(`evaluation/proof.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from itd_pipeline.evaluation.proof import CONFIDENCE, proofs, shows_at_most
from itd_pipeline.review.sampling import EVERY_SEED, QUARANTINED

MINUTES_PER_RATING = 2.0
"""What a rating takes until it is measured: reasoned. The application shows the time left from its own clock."""


def review_plan(rows: Sequence[Mapping[str, Any]], candidates: int) -> dict[str, Any]:
    """Facts of a plan, JSON-ready.

    Args:
        rows: of `review_sample`: record_id, reviewer, inclusion_probability, why.
        candidates: records that are no expert's own, from which the sample was drawn.
    """
    records = {row["record_id"]: row for row in rows}
    kept = [row for row in records.values() if row["why"] != QUARANTINED]
    bound, size = shows_at_most([row["inclusion_probability"] for row in kept])
    seeds = sum(row["why"] == EVERY_SEED for row in kept)
    per_reviewer = Counter(row["reviewer"] for row in rows)
    return {
        "candidates_drawn": len(kept) - seeds, "candidates": candidates, "seeds": seeds,
        "set_aside": len(records) - len(kept), "ratings": len(rows),
        "minutes_per_rating": MINUTES_PER_RATING, "hours": _hours(len(rows)),
        "hours_per_reviewer": {name: _hours(count) for name, count in sorted(per_reviewer.items())},
        "effective_records": round(size, 1), "shows_at_most_without_defect": round(bound, 4), "confidence": CONFIDENCE,
        "proofs": [asdict(proof) for proof in proofs()],
    }


def plan_in_words(plan: Mapping[str, Any]) -> list[str]:
    """The plan as sentences.

    Args:
        plan: of `review_plan`.
    """
    needed = {(proof["bound"], proof["defective"]): proof["records"] for proof in plan["proofs"]}
    bounds = list(dict.fromkeys(proof["bound"] for proof in plan["proofs"]))
    sure = f"{plan['confidence']:.0%}".replace("%", " %")
    none = "; ".join(f"no defect in {needed[bound, 0]:,} records shows at most {100 * bound:g} %" for bound in bounds)
    some = "; ".join(f"at most {100 * bound:g} % takes {needed[bound, 1]:,} records with one defect, "
                     f"{needed[bound, 2]:,} with two" for bound in bounds)
    said = [f"To judge: {plan['candidates_drawn']:,} of {plan['candidates']:,} candidates, every one of "
            f"{plan['seeds']:,} records that experts wrote (two reviewers at least), {plan['set_aside']:,} that the "
            f"policy set aside.",
            f"Effort: {plan['ratings']:,} ratings, about {plan['hours']:g} hours at "
            f"{plan['minutes_per_rating']:g} minutes each ({_each(plan['hours_per_reviewer'])}).",
            f"What proves what, at {sure} confidence: {none}; {some} (Clopper-Pearson, records drawn with equal "
            "chances)."]
    if plan["effective_records"]:
        said.append(f"This sample was drawn with unequal chances and tells as much as {plan['effective_records']:,.1f} "
                    f"records drawn alike: without a defect it shows at most "
                    f"{100 * plan['shows_at_most_without_defect']:.1f} %.")
    return said


def _hours(ratings: int) -> float:
    return round(ratings * MINUTES_PER_RATING / 60, 1)


def _each(hours: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:g} h" for name, count in hours.items()) or "nobody is asked"
