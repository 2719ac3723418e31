"""Agreement beyond chance: Cohen, Fleiss, Conger, Brennan and Prediger, Gwet.

All are (observed - expected) / (1 - expected) and differ in what chance would give. Missing ratings as in Gwet,
Handbook of Inter-Rater Reliability (4th ed. 2014): observed agreement over units with two ratings or more, shares of
steps over units with one or more, each unit weighing the same. Weights as there, chapter 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Ratings

if TYPE_CHECKING:
    from itd_pipeline.evaluation.agreement.ratings_table import Floats


def _agreeing(ratings: Ratings) -> Floats:
    """Units x 2: the (weighted) share of rater pairs that agree, and whether there is a pair at all."""
    import numpy as np

    counts = ratings.counts
    raters = counts.sum(axis=1)
    twice = raters >= 2
    agreeing = (counts * (counts @ ratings.agreement_weights - 1)).sum(axis=1)
    per_unit = np.divide(agreeing, raters * (raters - 1), out=np.zeros_like(raters), where=twice)
    return np.stack([per_unit, twice.astype(float)], axis=1)


def _agreeing_and_steps(ratings: Ratings) -> Floats:
    """Units x (2 + 1 + steps): as above, whether anybody judged the unit, and the share of each step in it."""
    import numpy as np

    raters = ratings.counts.sum(axis=1, keepdims=True)
    per_unit = np.divide(ratings.counts, raters, out=np.zeros_like(ratings.counts), where=raters > 0)
    return np.concatenate([_agreeing(ratings), (raters > 0).astype(float), per_unit], axis=1)


def _agreeing_and_choices(ratings: Ratings) -> Floats:
    """Units x (2 + raters * steps): as above, and which step each rater chose."""
    import numpy as np

    return np.concatenate([_agreeing(ratings), ratings.chosen.reshape(ratings.units, -1)], axis=1)


def _raw(sums: Floats, _: Ratings) -> Floats:
    return _over(sums[:, 0], sums[:, 1])


def _conger(sums: Floats, ratings: Ratings) -> Floats:
    import numpy as np

    raters = ratings.raters
    own = sums[:, 2:].reshape(len(sums), raters, -1)
    shares = _over(own, own.sum(axis=2, keepdims=True))
    mean = shares.mean(axis=1)
    spread = (np.swapaxes(shares, 1, 2) @ shares - raters * mean[:, :, None] * mean[:, None, :]) / (raters - 1)
    together = mean[:, :, None] * mean[:, None, :] - spread / raters
    return _beyond_chance(_raw(sums, ratings), (together * ratings.agreement_weights).sum(axis=(1, 2)))


def _fleiss(sums: Floats, ratings: Ratings) -> Floats:
    shares = _over(sums[:, 3:], sums[:, 2:3])
    return _beyond_chance(_raw(sums, ratings), ((shares @ ratings.agreement_weights) * shares).sum(axis=1))


def _brennan_prediger(sums: Floats, ratings: Ratings) -> Floats:
    import numpy as np

    observed = _raw(sums, ratings)
    expected = float(ratings.agreement_weights.sum()) / max(len(ratings.scale), 1) ** 2
    return _beyond_chance(observed, np.full_like(observed, expected))


def _gwet(sums: Floats, ratings: Ratings) -> Floats:
    import numpy as np

    observed = _raw(sums, ratings)
    steps = len(ratings.scale)
    if steps < 2:
        return np.full_like(observed, np.nan)
    shares = _over(sums[:, 3:], sums[:, 2:3])
    weight = float(ratings.agreement_weights.sum()) / (steps * (steps - 1))
    return _beyond_chance(observed, weight * (shares * (1 - shares)).sum(axis=1))


def _two_raters(ratings: Ratings) -> Floats:
    if ratings.raters != 2 or (ratings.counts.sum(axis=1) < 2).any():
        raise ValueError("Cohen's kappa compares two raters on units that both judged")
    return _agreeing_and_choices(ratings)


raw_agreement = Coefficient(_agreeing, _raw)
"""Mean over units of the (weighted) share of rater pairs that agree."""

cohen_kappa = Coefficient(_two_raters, _conger)
"""Cohen 1960, weighted 1968: two raters, each with the shares of their own. `Ratings.pair` makes the two; a ValueError
where there are not two, or one of them did not judge a unit."""

conger_kappa = Coefficient(_agreeing_and_choices, _conger)
"""Conger 1980: Cohen's kappa for any number of raters."""

fleiss_kappa = Coefficient(_agreeing_and_steps, _fleiss)
"""Fleiss 1971; of two raters Scott's pi (1955): all raters share the shares."""

brennan_prediger = Coefficient(_agreeing, _brennan_prediger)
"""Brennan and Prediger 1981 (Bennett's S): every step is as likely by chance."""

gwet_ac = Coefficient(_agreeing_and_steps, _gwet, bias_corrected=True)
"""Gwet 2008 (Br J Math Stat Psychol 61:29): AC1 with identity weights, AC2 with others.

It stays meaningful where nearly all ratings are the same, where kappa collapses. With the whole scale given, full
agreement on one step gives 1."""


def _over(above: Floats, below: Floats) -> Floats:
    """Quotient, not a number where nothing was judged."""
    import numpy as np

    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    import numpy as np

    room = 1 - expected
    return np.divide(observed - expected, room, out=np.full_like(observed, np.nan), where=room > 1e-12)
