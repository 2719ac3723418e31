"""Percentile bootstrap intervals (Efron 1979): draw units with replacement, look at the spread.

Belongs here: resampling. Does not belong here: any statistic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Unit = TypeVar("Unit")

REPLICATES = 1_000
SEED = 7


def bootstrap_interval(
    units: Sequence[Unit], statistic: Callable[[Sequence[Unit]], float | None], confidence: float = 0.95,
    replicates: int = REPLICATES, seed: int = SEED,
) -> tuple[float, float] | None:
    """Two-sided percentile interval of `statistic` over units.

    Args:
        units: what is drawn with replacement, such as rows of a rating table.
        statistic: of a sequence of units; None where it is not defined for that draw.
        confidence: of the interval.
        replicates: draws.
        seed: fixed, so the interval is the same on every run.

    Returns:
        (low, high); None with fewer than two units, or where more than half of the draws give no value.
    """
    import numpy as np

    if len(units) < 2:
        return None
    random = np.random.Generator(np.random.PCG64(seed))
    values = []
    for _ in range(replicates):
        value = statistic([units[i] for i in random.integers(0, len(units), len(units))])
        if value is not None:
            values.append(value)
    if len(values) * 2 < replicates:
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
