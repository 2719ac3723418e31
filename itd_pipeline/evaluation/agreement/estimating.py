"""A coefficient of agreement with its interval.

The interval is a percentile bootstrap over units, in three steps that each have a reason:

- With the units one *prior unit* may be drawn: any ratings by all raters, each as likely. Patterns that are rare enough
to
  be missing from a sample are not impossible (Perks 1947, J Inst Actuaries 73:285: one prior observation in all).
- Levels are expanded, n units being drawn from n: t with n - 1 degrees of freedom and the factor sqrt(n / (n - 1))
  instead of the normal quantile (Hesterberg 2015, Am Stat 69:371, section 5).
- For Gwet's coefficients the median bias is corrected (Efron 1981, Can J Stat 9:139): their chance term, p (1 - p),
comes
  out too small from shares that are estimated. For the others, whose chance term errs to both sides, the correction
  follows the steps of rare ratings and makes intervals too wide.

Where raters never differ, draws hardly do, and a bootstrap would call the agreement certain. There the lower end is
what the coefficient would be if units on which one rater slips were as frequent as they may be after n without one:
1 - a^(1/n), 3 / n at 95 % ("rule of three", Hanley and Lippman-Hand 1983, JAMA 249:1743; the mid-P end of the two-sided
interval, Lancaster 1961, JASA 56:223, which covers what it says on average, as a bootstrap does, and not at least). A
slip is any other step by any one rater.

`benchmarks/interval_coverage.py` measures how often intervals hold the truth. Belongs here: value and interval. Does
not belong here: any coefficient.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Rating, Ratings, value_of
from itd_pipeline.evaluation.bootstrap import SEED, draws_with_prior

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


_MOST_PRIOR = 64


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
    low, high = _interval(coefficient, ratings, terms, judged, confidence) or (None, None)
    if low is None or high is None:
        return Estimate(value, None, None, judged)
    return Estimate(value, min(low, value), max(high, value), judged)


def _interval(coefficient: Coefficient, ratings: Ratings, terms: Floats, judged: int, confidence: float) \
        -> tuple[float, float] | None:
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtrit

    if judged < 2 or not ratings.scale:
        return None
    prior = coefficient.terms(Ratings(_prior(ratings.raters, ratings.scale), ratings.scale, ratings.weights))
    both = np.concatenate([terms, prior])
    drawn = np.concatenate([coefficient.value(draws @ both, ratings)
                            for draws in draws_with_prior(len(terms), len(prior))])
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return None
    half = float(stdtrit(judged - 1, (1 + confidence) / 2)) * math.sqrt(judged / (judged - 1))
    bias = 0.0
    if coefficient.bias_corrected:
        whole = np.concatenate([np.ones(len(terms)), np.full(len(prior), 1 / len(prior))])
        centre = float(coefficient.value((whole @ both)[None], ratings)[0])
        below = (np.mean(drawn < centre) + np.mean(drawn <= centre)) / 2
        bias = float(ndtri(below)) if 0 < below < 1 else 0.0
    low, high = np.quantile(drawn, ndtr(np.array([2 * bias - half, 2 * bias + half])))
    return float(low), float(high)


@lru_cache(maxsize=32)
def _prior(raters: int, scale: tuple[str | int | float, ...]) -> tuple[tuple[Rating, ...], ...]:
    """Every way in which raters can rate a unit; some, drawn with a fixed seed, where there are too many."""
    import numpy as np

    if len(scale) ** raters <= _MOST_PRIOR:
        return tuple(product(scale, repeat=raters))
    random = np.random.Generator(np.random.PCG64(SEED))
    drawn = random.integers(len(scale), size=(_MOST_PRIOR, raters)).tolist()
    return tuple(tuple(scale[step] for step in unit) for unit in drawn)


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
    share = 1 - (1 - confidence) ** (1 / judged)
    sums = (1 - share) * terms.sum(axis=0) + share * judged * (weights @ slipped) / weights.sum()
    low = float(coefficient.value(sums[None], ratings)[0])
    return low if math.isfinite(low) else None
