"""Ratings as arrays, agreement weights, and what a coefficient is.

A coefficient is a function of sums over units. So it is computed for many *draws* at once: an array (draws x units)
says how much each unit counts, and one matrix product gives the sums of every draw. A row of ones gives the coefficient
itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

Rating = str | int | float | None
Weighting = Literal["identity", "linear", "quadratic", "ordinal"]


@dataclass(frozen=True)
class Ratings:
    """Units x raters.

    Args:
        table: one row per unit, one cell per rater; None where a rater did not judge.
        scale: everything that could be chosen, in order; default what occurs, sorted, numbers before words.
        weights: how much two unlike ratings agree. `identity`: not at all; `linear` and `quadratic`: by their distance
            (by value where all are numbers, else by rank); `ordinal`: by how many ratings lie between (Gwet 2014).

    Raises:
        ValueError: a rating is not on the scale, or rows are of different lengths.
    """

    table: tuple[tuple[Rating, ...], ...]
    scale: tuple[str | int | float, ...] = ()
    weights: Weighting = "identity"

    @staticmethod
    def of(
        table: Sequence[Sequence[Rating]], scale: Sequence[str | int | float] = (), weights: Weighting = "identity",
    ) -> Ratings:
        """From any sequences."""
        found = {rating for unit in table for rating in unit if rating is not None}
        missing = found - set(scale)
        if scale and missing:
            raise ValueError(f"{len(missing)} ratings are not on the scale of {len(scale)} steps")
        if len({len(unit) for unit in table}) > 1:
            raise ValueError("units have different numbers of raters; write None where one did not judge")
        order = tuple(scale) or tuple(sorted(found, key=lambda r: (isinstance(r, str), r)))
        return Ratings(tuple(tuple(unit) for unit in table), order, weights)

    def pair(self, first: int, second: int) -> Ratings:
        """Two of the raters, and the units that both judged."""
        kept = [(unit[first], unit[second]) for unit in self.table]
        return Ratings(tuple(pair for pair in kept if None not in pair), self.scale, self.weights)

    @property
    def units(self) -> int:
        return len(self.table)

    @property
    def raters(self) -> int:
        return len(self.table[0]) if self.table else 0

    @cached_property
    def chosen(self) -> Floats:
        """Units x raters x steps: 1 where a rater chose a step."""
        import numpy as np

        place = {step: i for i, step in enumerate(self.scale)}
        found = np.zeros((self.units, self.raters, len(self.scale)))
        for u, unit in enumerate(self.table):
            for r, rating in enumerate(unit):
                if rating is not None:
                    found[u, r, place[rating]] = 1
        return found

    @cached_property
    def counts(self) -> Floats:
        """Units x steps: how many raters chose each."""
        found: Floats = self.chosen.sum(axis=1)
        return found

    @cached_property
    def agreement_weights(self) -> Floats:
        """Steps x steps, 1 on the diagonal."""
        import numpy as np

        steps = len(self.scale)
        if self.weights == "identity" or steps < 2:
            return np.eye(steps)
        numbers = all(isinstance(step, (int, float)) for step in self.scale)
        at = np.array(self.scale if numbers and self.weights != "ordinal" else range(steps), dtype=float)
        distance = np.abs(at[:, None] - at[None, :])
        if self.weights == "ordinal":
            between = distance * (distance + 1) / 2
            weights: Floats = 1 - between / between.max()
        else:
            power = 1 if self.weights == "linear" else 2
            weights = 1 - (distance / distance.max()) ** power
        return weights


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement; called with ratings and draws it gives one value per draw, not a number where it is
    not defined.

    Args:
        terms: ratings -> units x terms, what is summed over units.
        value: draws x terms (sums), and the ratings for their scale -> one value per draw.
        bias_corrected: whether its interval corrects the median bias, see `estimating.py`.
    """

    terms: Callable[[Ratings], Floats]
    value: Callable[[Floats, Ratings], Floats]
    bias_corrected: bool = False

    def __call__(self, ratings: Ratings, draws: Floats) -> Floats:
        return self.value(draws @ self.terms(ratings), ratings)


def value_of(coefficient: Coefficient, ratings: Ratings) -> float | None:
    """The coefficient itself; None where it is not defined."""
    import numpy as np

    if not (ratings.units and (ratings.counts.sum(axis=1) >= 2).any()):
        return None
    found = float(coefficient(ratings, np.ones((1, ratings.units)))[0])
    return found if math.isfinite(found) else None
