"""Krippendorff's alpha, with missing ratings (Krippendorff, Content Analysis, 4th ed. 2018, chapter 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Ratings

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(level: Level) -> Coefficient:
    """Alpha = 1 - observed / expected disagreement.

    Args:
        level: how unlike two ratings are. `nominal`: wholly; `ordinal`: by the ratings given between them; `interval`:
            by their squared difference (the scale must be numbers).
    """

    def alpha(sums: Floats, ratings: Ratings) -> Floats:
        import numpy as np

        steps = len(ratings.scale)
        coincidences = sums.reshape(len(sums), steps, steps)
        given = coincidences.sum(axis=2)
        unlike = _unlike(level, ratings, given)
        observed = (coincidences * unlike).sum(axis=(1, 2))
        expected = (given[:, :, None] * given[:, None, :] * unlike).sum(axis=(1, 2))
        values = given.sum(axis=1)
        found: Floats = 1 - (values - 1) * np.divide(observed, expected, out=np.full_like(observed, np.nan),
                                                     where=expected > 1e-12)
        return found

    return Coefficient(_coincidences, alpha)


def _coincidences(ratings: Ratings) -> Floats:
    """Units x (steps * steps): how often two ratings of the unit are these two, each rating counting once."""
    import numpy as np

    counts = ratings.counts
    raters = counts.sum(axis=1)
    within = counts[:, :, None] * (counts[:, None, :] - np.eye(len(ratings.scale))[None])
    within = np.divide(within, (raters - 1)[:, None, None], out=np.zeros_like(within),
                       where=(raters >= 2)[:, None, None])
    found: Floats = within.reshape(len(counts), -1)
    return found


def _unlike(level: Level, ratings: Ratings, given: Floats) -> Floats:
    """Draws x steps x steps, or steps x steps: squared difference of two ratings."""
    import numpy as np

    steps = len(ratings.scale)
    if level == "nominal":
        return 1 - np.eye(steps)
    if level == "interval":
        at = np.array(ratings.scale, dtype=float)
        squared: Floats = (at[:, None] - at[None, :]) ** 2
        return squared
    until = np.cumsum(given, axis=1)
    before = until - given / 2
    ordinal: Floats = (before[:, :, None] - before[:, None, :]) ** 2
    return ordinal
