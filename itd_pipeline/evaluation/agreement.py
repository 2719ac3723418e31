"""Agreement between raters: raw agreement, Cohen's and Fleiss' kappa, Gwet's AC1, Krippendorff's alpha.

Ratings come as units x raters, `None` where a rater did not judge. A coefficient is None where it is not defined:
no unit with two ratings, or chance agreement of 1 (everyone always gave the same answer).

Sources of the formulas: Cohen 1960 and 1968; Fleiss 1971, for missing ratings as in Gwet, Handbook of Inter-Rater
Reliability; Gwet 2008 (Br J Math Stat Psychol 61:29); Krippendorff, Content Analysis.

Belongs here: coefficients. Does not belong here: which question is compared (`ratings.py`) or intervals
(`bootstrap.py`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Rating = str | int | None
Table = Sequence[Sequence[Rating]]
Weights = Literal["linear", "quadratic"] | None
Level = Literal["nominal", "ordinal", "interval"]


def categories_of(table: Table) -> tuple[str | int, ...]:
    """The ratings that occur, sorted; numbers before words."""
    found = {r for unit in table for r in unit if r is not None}
    return tuple(sorted(found, key=lambda r: (isinstance(r, str), r)))


def counts(table: Table, categories: Sequence[str | int]) -> NDArray[np.float64]:
    """Units x categories: how many raters chose each."""
    import numpy as np

    index = {c: i for i, c in enumerate(categories)}
    found = np.zeros((len(table), len(categories)))
    for row, unit in enumerate(table):
        for rating in unit:
            if rating is not None:
                found[row, index[rating]] += 1
    return found


def raw_agreement(table: Table) -> float | None:
    """Mean over units of the share of rater pairs that agree; units with fewer than two ratings do not count."""
    return _observed(counts(table, categories_of(table)))


def cohen_kappa(
    first: Sequence[Rating], second: Sequence[Rating], weights: Weights = None,
    categories: Sequence[str | int] | None = None,
) -> float | None:
    """Cohen's kappa of two raters; units that either did not judge do not count.

    Args:
        first, second: one rating per unit.
        weights: None for nominal ratings; `linear` or `quadratic` disagreement weights for ordered ones.
        categories: in order; weighted kappa needs the whole scale where some steps were never chosen. Default:
            the ratings that occur, sorted.
    """
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    scale = tuple(categories) if categories is not None else categories_of(pairs)
    if not pairs or len(scale) < 2:
        return None
    index = {c: i for i, c in enumerate(scale)}
    crossed = np.zeros((len(scale), len(scale)))
    for a, b in pairs:
        crossed[index[a], index[b]] += 1
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        return _defined(cohens_kappa(crossed, wt=weights, return_results=False))


def fleiss_kappa(table: Table) -> float | None:
    """Fleiss' kappa; with missing ratings each unit weighs the same in the category shares (Gwet)."""
    found = counts(table, categories_of(table))
    observed = _observed(found)
    if observed is None:
        return None
    expected = float((_shares(found) ** 2).sum())
    return None if math.isclose(expected, 1) else (observed - expected) / (1 - expected)


def gwet_ac1(table: Table, categories: Sequence[str | int] | None = None) -> float | None:
    """Gwet's AC1: stays meaningful where nearly all ratings are the same, where kappa collapses.

    Chance agreement is sum of share_k * (1 - share_k), divided by (categories - 1).

    Args:
        table: units x raters.
        categories: all that could be chosen; default those that occur. With the whole scale given, full
            agreement on one category gives 1.
    """
    scale = tuple(categories) if categories is not None else categories_of(table)
    if len(scale) < 2:
        return None
    found = counts(table, scale)
    observed = _observed(found)
    if observed is None:
        return None
    shares = _shares(found)
    expected = float((shares * (1 - shares)).sum()) / (len(scale) - 1)
    return (observed - expected) / (1 - expected)


def krippendorff_alpha(
    table: Table, level: Level = "nominal", categories: Sequence[str | int] | None = None
) -> float | None:
    """Krippendorff's alpha; missing ratings allowed.

    Args:
        table: units x raters; numbers for the level `interval`.
        level: nominal, ordinal or interval.
        categories: in order, for ordinal ratings; default the ratings that occur, sorted.
    """
    import krippendorff
    import numpy as np

    scale = tuple(categories) if categories is not None else categories_of(table)
    found = counts(table, scale)
    if len(scale) < 2 or not (found.sum(axis=1) >= 2).any():
        return None
    domain = list(scale) if level == "interval" else list(range(len(scale)))
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        return _defined(krippendorff.alpha(value_counts=found, value_domain=domain, level_of_measurement=level))


def _observed(found: NDArray[np.float64]) -> float | None:
    raters = found.sum(axis=1)
    twice = raters >= 2
    if not twice.any():
        return None
    agreeing = (found * (found - 1)).sum(axis=1)[twice] / (raters * (raters - 1))[twice]
    return float(agreeing.mean())


def _shares(found: NDArray[np.float64]) -> NDArray[np.float64]:
    raters = found.sum(axis=1)
    judged = raters > 0
    shares: NDArray[np.float64] = (found[judged] / raters[judged][:, None]).mean(axis=0)
    return shares


def _defined(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
