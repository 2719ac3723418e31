"""Bootstrap intervals: draw units with replacement, look at the spread (Efron 1987, J Am Stat Assoc 82:171).

The interval is bias-corrected and accelerated (BCa): a coefficient near 1 has a skewed distribution, and the plain
percentile interval covers it too rarely.

Belongs here: resampling. Does not belong here: any statistic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REPLICATES = 2_000
SEED = 7
_CELLS = 4_000_000
"""Draws x units held at once: 32 MB."""
_JACKKNIFE = 2_000
"""Beyond so many units the acceleration, of the order of 1 / sqrt(units), no longer matters."""


def bootstrap_interval(
    statistic: Callable[[Floats], Floats], units: int, confidence: float = 0.95, replicates: int = REPLICATES,
    seed: int = SEED,
) -> tuple[float, float] | None:
    """Two-sided BCa interval.

    Args:
        statistic: draws x units (how often each unit counts) -> one value per draw, not a number where undefined.
        units: how many there are.
        confidence: of the interval.
        replicates: draws.
        seed: fixed, so the interval is the same on every run.

    Returns:
        (low, high); None with fewer than two units, where the statistic is not defined, or where more than half of
        the draws give no value.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    if units < 2:
        return None
    value = float(statistic(np.ones((1, units)))[0])
    drawn = np.concatenate([statistic(draws) for draws in _draws(units, replicates, seed)])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(drawn) * 2 < replicates:
        return None
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    below = (np.mean(drawn < value) + np.mean(drawn <= value)) / 2
    if 0 < below < 1:
        bias, skew = ndtri(below), _acceleration(statistic, units)
        shifted = bias + ndtri(tails)
        tails = ndtr(bias + shifted / (1 - skew * shifted))
    low, high = np.quantile(drawn, tails)
    return float(low), float(high)


def _draws(units: int, replicates: int, seed: int) -> Iterator[Floats]:
    """Draws x units, in parts of at most `_CELLS` cells. One part is kept for the next statistic on as many units: the
    draws do not depend on what is measured."""
    at_once = max(1, _CELLS // units)
    if at_once >= replicates:
        yield _kept_draws(units, replicates, seed)
        return
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    for done in range(0, replicates, at_once):
        yield random.multinomial(units, np.full(units, 1 / units), min(at_once, replicates - done)).astype(float)


@lru_cache(maxsize=4)
def _kept_draws(units: int, replicates: int, seed: int) -> Floats:
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    draws = random.multinomial(units, np.full(units, 1 / units), replicates).astype(float)
    draws.setflags(write=False)
    return draws


def draws_with_prior(units: int, prior: int, replicates: int = REPLICATES, seed: int = SEED) -> Iterator[Floats]:
    """Draws x (units + prior), in parts: units + 1 are drawn, each unit as likely as all the prior units together.

    Args:
        units: how many there are.
        prior: prior units, at least one.
        replicates: draws.
        seed: fixed, so they are the same on every run.
    """
    at_once = max(1, _CELLS // (units + prior))
    if at_once >= replicates:
        yield _kept_with_prior(units, prior, replicates, seed)
        return
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    for done in range(0, replicates, at_once):
        yield random.multinomial(units + 1, _chances(units, prior), min(at_once, replicates - done)).astype(float)


@lru_cache(maxsize=4)
def _kept_with_prior(units: int, prior: int, replicates: int, seed: int) -> Floats:
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    draws = random.multinomial(units + 1, _chances(units, prior), replicates).astype(float)
    draws.setflags(write=False)
    return draws


def _chances(units: int, prior: int) -> Floats:
    import numpy as np

    each = 1 / (units + 1)
    return np.concatenate([np.full(units, each), np.full(prior, each / prior)])


def _acceleration(statistic: Callable[[Floats], Floats], units: int) -> float:
    import numpy as np

    if units > _JACKKNIFE:
        return 0.0
    at_once = max(1, _CELLS // units)
    left_out = np.concatenate([statistic(1 - np.eye(units)[first:first + at_once])
                               for first in range(0, units, at_once)])
    left_out = left_out[np.isfinite(left_out)]
    if not len(left_out):  # two units: without one of them a coefficient of agreement may not be defined
        return 0.0
    away = left_out.mean() - left_out
    spread = float((away**2).sum()) ** 1.5
    return float((away**3).sum()) / (6 * spread) if spread > 0 else 0.0
