"""Prevalence and bias, to be read beside kappa (Byrt, Bishop and Carlin 1993, J Clin Epidemiol 46:423).

Where nearly all ratings are the same (prevalence near 1) kappa is low although raters agree; where raters use the scale
differently (bias) it is high although they do not. PABAK is kappa with both taken out.

They are defined for two raters and two steps. Here, for more raters, pairs of raters are counted together, each by the
units that both judged; for more steps each is set against all others, and the greatest index is told. With two raters
and two steps that is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from itd_pipeline.evaluation.agreement.ratings_table import Ratings


@dataclass(frozen=True)
class Balance:
    """How one-sided ratings are, and how differently raters use the scale.

    Args:
        prevalence_index: |both say a step - both say another| / pairs of ratings, of the step where it is greatest.
        bias_index: |only one says it - only the other does| / pairs of ratings, likewise.
        pabak: prevalence-adjusted, bias-adjusted kappa: (steps * raw agreement - 1) / (steps - 1).
    """

    prevalence_index: float
    bias_index: float
    pabak: float


def balance(ratings: Ratings) -> Balance | None:
    """None where there are fewer than two steps, or no unit that two raters judged."""
    import numpy as np

    steps = len(ratings.scale)
    pairs, agreed = 0.0, 0.0
    prevalence, bias = np.zeros(steps), np.zeros(steps)
    for first, second in combinations(range(ratings.raters), 2):
        one, other = ratings.chosen[:, first], ratings.chosen[:, second]
        common = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
        one, other = one[common], other[common]
        pairs += len(one)
        agreed += float((one * other).sum())
        prevalence += (one * other).sum(axis=0) - ((1 - one) * (1 - other)).sum(axis=0)
        bias += np.abs((one * (1 - other)).sum(axis=0) - ((1 - one) * other).sum(axis=0))
    if not pairs or steps < 2:
        return None
    return Balance(
        prevalence_index=float(np.abs(prevalence).max()) / pairs,
        bias_index=float(bias.max()) / pairs,
        pabak=(steps * agreed / pairs - 1) / (steps - 1),
    )
