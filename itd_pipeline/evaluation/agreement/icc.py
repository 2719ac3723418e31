"""Intraclass correlation of the same raters judging all units, both drawn at random: ICC(2,1) and ICC(2,k).

Shrout and Fleiss 1979 (Psychol Bull 86:420), two-way random effects, absolute agreement. Units that a rater did not
judge are left out, as the design asks for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Ratings

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


def _moments(ratings: Ratings) -> Floats:
    """Units x (3 + raters): whether all judged it, squares of its scores, square of their mean, and the scores."""
    import numpy as np

    at = np.array(ratings.scale, dtype=float)
    whole = (ratings.counts.sum(axis=1) == ratings.raters).astype(float)[:, None]
    scores = ratings.chosen @ at * whole
    return np.concatenate([whole, (scores**2).sum(axis=1, keepdims=True), scores.mean(axis=1, keepdims=True) ** 2,
                           scores], axis=1)


def _single(sums: Floats, ratings: Ratings) -> Floats:
    import numpy as np

    rows, columns, error, units = _mean_squares(sums, ratings.raters)
    raters = ratings.raters
    below = rows + (raters - 1) * error + raters * (columns - error) / units
    return np.divide(rows - error, below, out=np.full_like(rows, np.nan), where=np.abs(below) > 1e-12)


def _average(sums: Floats, ratings: Ratings) -> Floats:
    import numpy as np

    rows, columns, error, units = _mean_squares(sums, ratings.raters)
    below = rows + (columns - error) / units
    return np.divide(rows - error, below, out=np.full_like(rows, np.nan), where=np.abs(below) > 1e-12)


icc_single = Coefficient(_moments, _single)
"""ICC(2,1): reliability of one rater's score."""

icc_average = Coefficient(_moments, _average)
"""ICC(2,k): reliability of the mean of all raters' scores."""


def pair_moments(first: Floats, second: Floats) -> Floats:
    """Pairs of scores -> pairs x 5: what `icc_of_pairs` wants summed over pairs. Rows may be summed by unit first."""
    import numpy as np

    return np.stack([np.ones_like(first), first**2 + second**2, ((first + second) / 2) ** 2, first, second], axis=1)


def icc_of_pairs(sums: Floats) -> Floats:
    """ICC(2,1) of pairs of scores on any scale, from draws x 5 sums of `pair_moments`."""
    import numpy as np

    rows, columns, error, units = _mean_squares(sums, 2)
    below = rows + error + 2 * (columns - error) / units
    return np.divide(rows - error, below, out=np.full_like(rows, np.nan), where=np.abs(below) > 1e-12)


def _mean_squares(sums: Floats, raters: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean squares of units, raters and error, and the number of units, per draw."""
    import numpy as np

    units, squares, of_units = sums[:, 0], sums[:, 1], sums[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        of_raters = sums[:, 3:] / units[:, None]
        mean = of_raters.mean(axis=1)
        rows = raters * (of_units - units * mean**2)
        columns = units * ((of_raters - mean[:, None]) ** 2).sum(axis=1)
        total = squares - units * raters * mean**2
        error = total - rows - columns
        return (rows / (units - 1), columns / max(raters - 1, 1),
                error / ((units - 1) * max(raters - 1, 1)), units)
