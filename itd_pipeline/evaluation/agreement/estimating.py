"""A coefficient of agreement with its interval.

The interval is the BCa bootstrap over units (`bootstrap.py`). Where raters never differ every draw is the same, and a
bootstrap would call the agreement certain. There the lower end is what the coefficient would be if units on which one
rater slips were as frequent as they may be after so many without one: 1 - (a/2)^(1/n) (Clopper and Pearson 1934; about
3.7 / n at 95 %). A slip is any other step by any one rater, each as likely.

Belongs here: value and interval. Does not belong here: any coefficient.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Rating, Ratings, value_of
from itd_pipeline.evaluation.bootstrap import bootstrap_interval

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its two-sided interval.

    Args:
        value: None where it is not defined.
        low, high: None where too few draws gave a value.
        units: units that two raters or more judged.
    """

    value: float | None
    low: float | None
    high: float | None
    units: int


def estimate(coefficient: Coefficient, ratings: Ratings, confidence: float = 0.95) -> Estimate:
    """The coefficient with its interval over units."""
    value = value_of(coefficient, ratings)
    judged = int((ratings.counts.sum(axis=1) >= 2).sum()) if ratings.units else 0
    if value is None:
        return Estimate(None, None, None, judged)
    terms = coefficient.terms(ratings)
    if not _differ(ratings):
        low = _least_without_a_difference(coefficient, ratings, terms, judged, confidence)
        return Estimate(value, low, None if low is None else value, judged)
    interval = bootstrap_interval(lambda draws: coefficient.value(draws @ terms, ratings), ratings.units, confidence)
    low, high = interval or (None, None)
    return Estimate(value, low, high, judged)


def _differ(ratings: Ratings) -> bool:
    """Whether any unit has two unlike ratings."""
    return bool(((ratings.counts > 0).sum(axis=1) > 1).any())


def _least_without_a_difference(
    coefficient: Coefficient, ratings: Ratings, terms: Floats, judged: int, confidence: float,
) -> float | None:
    import numpy as np

    if judged < 2 or len(ratings.scale) < 2:
        return None
    slips: Counter[tuple[Rating, ...]] = Counter()
    for unit, times in Counter(ratings.table).items():
        if sum(rating is not None for rating in unit) < 2:
            continue
        for rater, rating in enumerate(unit):
            for step in ratings.scale if rating is not None else ():
                if step != rating:
                    slips[(*unit[:rater], step, *unit[rater + 1:])] += times
    units = sorted(slips, key=repr)
    slipped = coefficient.terms(Ratings(tuple(units), ratings.scale, ratings.weights))
    weights = np.array([slips[unit] for unit in units], float)
    share = 1 - ((1 - confidence) / 2) ** (1 / judged)
    sums = (1 - share) * terms.sum(axis=0) + share * judged * (weights @ slipped) / weights.sum()
    low = float(coefficient.value(sums[None], ratings)[0])
    return low if math.isfinite(low) else None
