"""Bootstrap intervals where little was rated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itd_pipeline.evaluation.bootstrap import bootstrap_interval

VALUES = np.array([0.2, 0.6, 0.7])


def mean_of_two_or_more(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Not defined for a single unit, as a coefficient of agreement is not."""
    total = counts.sum(axis=1)
    values = counts @ VALUES[: counts.shape[1]] / np.where(total > 0, total, 1)
    return np.where(total > 1, values, np.nan)


def test_two_units_of_which_none_can_be_left_out_give_an_interval_without_a_warning() -> None:
    interval = bootstrap_interval(mean_of_two_or_more, 2)
    assert interval is not None
    assert 0.2 <= interval[0] < interval[1] <= 0.6


def test_one_unit_gives_none() -> None:
    assert bootstrap_interval(mean_of_two_or_more, 1) is None
