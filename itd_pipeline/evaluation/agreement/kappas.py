"""Agreement beyond chance: Cohen, Fleiss, Conger, Brennan and Prediger, Gwet.

All are (observed - expected) / (1 - expected) and differ in what chance would give. Missing ratings as in Gwet,
Handbook of Inter-Rater Reliability (4th ed. 2014): observed agreement over units with two ratings or more, shares of
steps over units with one or more, each unit weighing the same. Weights as there, chapter 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Ratings

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


def raw_agreement(ratings: Ratings, draws: Floats) -> Floats:
    """Mean over units of the (weighted) share of rater pairs that agree."""
    import numpy as np

    counts = ratings.counts
    raters = counts.sum(axis=1)
    twice = raters >= 2
    agreeing = (counts * (counts @ ratings.agreement_weights - 1)).sum(axis=1)
    per_unit = np.divide(agreeing, raters * (raters - 1), out=np.zeros_like(raters), where=twice)
    return _over(draws @ per_unit, draws @ twice.astype(float))


def cohen_kappa(ratings: Ratings, draws: Floats) -> Floats:
    """Cohen 1960, weighted 1968: two raters, each with the shares of their own. `Ratings.pair` makes the two.

    Raises:
        ValueError: not two raters, or a unit that one of them did not judge.
    """
    if ratings.raters != 2 or (ratings.counts.sum(axis=1) < 2).any():
        raise ValueError("Cohen's kappa compares two raters on units that both judged")
    return conger_kappa(ratings, draws)


def conger_kappa(ratings: Ratings, draws: Floats) -> Floats:
    """Conger 1980: Cohen's kappa for any number of raters."""
    import numpy as np

    chosen = ratings.chosen
    own = np.einsum("bu,urk->brk", draws, chosen)
    judged = np.einsum("bu,ur->br", draws, chosen.sum(axis=2))
    shares = _over(own, judged[:, :, None])
    raters = ratings.raters
    mean = shares.mean(axis=1)
    spread = (np.einsum("brk,brl->bkl", shares, shares) - raters * mean[:, :, None] * mean[:, None, :]) / (raters - 1)
    together = mean[:, :, None] * mean[:, None, :] - spread / raters
    return _beyond_chance(raw_agreement(ratings, draws), (together * ratings.agreement_weights).sum(axis=(1, 2)))


def fleiss_kappa(ratings: Ratings, draws: Floats) -> Floats:
    """Fleiss 1971; of two raters Scott's pi (1955): all raters share the shares."""
    import numpy as np

    shares = _shares(ratings, draws)
    expected = np.einsum("bk,kl,bl->b", shares, ratings.agreement_weights, shares)
    return _beyond_chance(raw_agreement(ratings, draws), expected)


def brennan_prediger(ratings: Ratings, draws: Floats) -> Floats:
    """Brennan and Prediger 1981 (Bennett's S): every step is as likely by chance."""
    import numpy as np

    observed = raw_agreement(ratings, draws)
    expected = float(ratings.agreement_weights.sum()) / max(len(ratings.scale), 1) ** 2
    return _beyond_chance(observed, np.full_like(observed, expected))


def gwet_ac(ratings: Ratings, draws: Floats) -> Floats:
    """Gwet 2008 (Br J Math Stat Psychol 61:29): AC1 with identity weights, AC2 with others.

    It stays meaningful where nearly all ratings are the same, where kappa collapses. With the whole scale given, full
    agreement on one step gives 1.
    """
    import numpy as np

    observed = raw_agreement(ratings, draws)
    steps = len(ratings.scale)
    if steps < 2:
        return np.full_like(observed, np.nan)
    shares = _shares(ratings, draws)
    weight = float(ratings.agreement_weights.sum()) / (steps * (steps - 1))
    return _beyond_chance(observed, weight * (shares * (1 - shares)).sum(axis=1))


def _shares(ratings: Ratings, draws: Floats) -> Floats:
    """Draws x steps."""
    import numpy as np

    raters = ratings.counts.sum(axis=1, keepdims=True)
    per_unit = np.divide(ratings.counts, raters, out=np.zeros_like(ratings.counts), where=raters > 0)
    return _over(draws @ per_unit, (draws @ (raters > 0).astype(float)))


def _over(above: Floats, below: Floats) -> Floats:
    """Quotient, not a number where nothing was judged."""
    import numpy as np

    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    import numpy as np

    room = 1 - expected
    return np.divide(observed - expected, room, out=np.full_like(observed, np.nan), where=room > 1e-12)
