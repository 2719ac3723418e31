"""Whether experts have judged enough, agree enough, and found few enough defects for a release that is no draft.

Belongs here: the three conditions of a profile and what is still missing. Does not belong here: how any of the numbers
is computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.evaluation.defects import clopper_pearson_upper
from itd_pipeline.settings import ReviewGate

_MOST = 100_000


@dataclass(frozen=True)
class Condition:
    """One number that a release needs.

    Args:
        name: `reviewed_share`, `agreement` or `defect_bound`.
        wanted: as the profile says.
        found: as measured; None where it was not.
        holds: whether it is reached.
        missing: what is missing, in words; empty where it holds.
    """

    name: str
    wanted: float
    found: float | None
    holds: bool
    missing: str = ""


def gate(facts: Mapping[str, Any], wanted: ReviewGate) -> list[Condition]:
    """The conditions of a profile, in order.

    Args:
        facts: of `ratings.evaluate_ratings`.
        wanted: minimum agreement, maximum defect bound, minimum reviewed share.
    """
    return [_reviewed(facts, wanted), _agreement(facts, wanted), _defects(facts, wanted)]


def _reviewed(facts: Mapping[str, Any], wanted: ReviewGate) -> Condition:
    asked, answered = facts["assignments"], facts["assignments_answered"]
    found = answered / asked if asked else 0.0
    if asked and found >= wanted.min_reviewed_share:
        return Condition("reviewed_share", wanted.min_reviewed_share, found, True)
    more = math.ceil(wanted.min_reviewed_share * asked) - answered
    missing = f"{more} more of {asked} ratings" if asked else "a sample to review"
    return Condition("reviewed_share", wanted.min_reviewed_share, found if asked else None, False, missing)


def _agreement(facts: Mapping[str, Any], wanted: ReviewGate) -> Condition:
    estimate = (facts.get("agreement") or {}).get(wanted.coefficient) or {}
    found, low = estimate.get("value"), estimate.get("low")
    if found is not None and found >= wanted.min_agreement:
        return Condition("agreement", wanted.min_agreement, found, True)
    name = wanted.coefficient.replace("_", " ")
    if found is None:
        missing = f"records that two reviewers judged, so that {name} is defined"
    else:
        missing = f"agreement: {name} is {found:.2f} (95 % interval from {low:.2f})" if low is not None \
            else f"agreement: {name} is {found:.2f}"
        missing += "; look at the questions on which reviewers differ, calibrate, and judge anew"
    return Condition("agreement", wanted.min_agreement, found, False, missing)


def _defects(facts: Mapping[str, Any], wanted: ReviewGate) -> Condition:
    rate = facts.get("defect")
    if rate is None:
        needed = more_records(0, 0, wanted.max_defect_bound, facts.get("confidence", 0.95))
        missing = f"{needed} rated records without a defect"
        return Condition("defect_bound", wanted.max_defect_bound, None, False, missing)
    if rate["upper_bound"] <= wanted.max_defect_bound:
        return Condition("defect_bound", wanted.max_defect_bound, rate["upper_bound"], True)
    if rate["estimate"] >= wanted.max_defect_bound:
        missing = f"fewer defects: the estimate itself is {rate['estimate']:.1%}; mend or filter what reviewers reject"
    else:
        size = rate["effective_records"]
        more = more_records(rate["estimate"] * size, size, wanted.max_defect_bound, rate["confidence"])
        missing = f"about {more} more rated records, if no further defect is found"
    return Condition("defect_bound", wanted.max_defect_bound, rate["upper_bound"], False, missing)


def more_records(defective: float, records: float, bound: float, confidence: float = 0.95) -> int:
    """How many more records without a defect would bring the upper bound down to `bound`.

    Args:
        defective: defects so far, weighted.
        records: effective records so far.
        bound: the share to show, above 0.
        confidence: of the bound.
    """
    low, high = 0, 1
    while clopper_pearson_upper(defective, records + high, confidence) > bound and high < _MOST:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if clopper_pearson_upper(defective, records + middle, confidence) > bound:
            low = middle
        else:
            high = middle
    return high
