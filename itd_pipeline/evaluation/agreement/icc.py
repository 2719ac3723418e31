"""Intraclass correlation of the same raters judging all units, both drawn at random: ICC(2,1) and ICC(2,k).

Shrout and Fleiss 1979 (Psychol Bull 86:420), two-way random effects, absolute agreement. Units that a rater did not
judge are left out, as the design asks for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Ratings

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


def icc_single(ratings: Ratings, draws: Floats) -> Floats:
    """ICC(2,1): reliability of one rater's score."""
    import numpy as np

    rows, columns, error, units = _mean_squares(ratings, draws)
    raters = ratings.raters
    below = rows + (raters - 1) * error + raters * (columns - error) / units
    return np.divide(rows - error, below, out=np.full_like(rows, np.nan), where=np.abs(below) > 1e-12)


def icc_average(ratings: Ratings, draws: Floats) -> Floats:
    """ICC(2,k): reliability of the mean of all raters' scores."""
    import numpy as np

    rows, columns, error, units = _mean_squares(ratings, draws)
    below = rows + (columns - error) / units
    return np.divide(rows - error, below, out=np.full_like(rows, np.nan), where=np.abs(below) > 1e-12)


def _mean_squares(ratings: Ratings, draws: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean squares of units, raters and error, and the number of units, per draw."""
    import numpy as np

    at = np.array(ratings.scale, dtype=float)
    whole = ratings.counts.sum(axis=1) == ratings.raters
    scores = ratings.chosen[whole] @ at
    times = draws[:, whole]
    units = times.sum(axis=1)
    raters = ratings.raters
    with np.errstate(divide="ignore", invalid="ignore"):
        of_raters = (times @ scores) / units[:, None]
        mean = of_raters.mean(axis=1)
        of_units = scores.mean(axis=1)
        rows = raters * (times @ of_units**2 - units * mean**2)
        columns = units * ((of_raters - mean[:, None]) ** 2).sum(axis=1)
        total = (times @ scores**2).sum(axis=1) - units * raters * mean**2
        error = total - rows - columns
        return (rows / (units - 1), columns / max(raters - 1, 1),
                error / ((units - 1) * max(raters - 1, 1)), units)
