"""Prevalence and bias, to be read beside kappa (Byrt, Bishop and Carlin 1993, J Clin Epidemiol 46:423).

Where nearly all ratings are the same (prevalence near 1) kappa is low although raters agree; where raters use the scale
differently (bias) it is high although they do not. PABAK is kappa with both taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

from itd_pipeline.evaluation.agreement.ratings_table import Ratings


@dataclass(frozen=True)
class Balance:
    """Of two raters and two steps.

    Args:
        prevalence_index: |both first - both second| / units.
        bias_index: |only one says first - only the other does| / units.
        pabak: prevalence-adjusted, bias-adjusted kappa: 2 * raw agreement - 1.
    """

    prevalence_index: float
    bias_index: float
    pabak: float


def balance(ratings: Ratings) -> Balance | None:
    """None where there are not two raters and a scale of two steps, or no unit that both judged."""
    if ratings.raters != 2 or len(ratings.scale) != 2:
        return None
    both = ratings.pair(0, 1)
    if not both.units:
        return None
    first, second = ratings.scale
    cells = {(a, b): sum(unit == (a, b) for unit in both.table) for a in (first, second) for b in (first, second)}
    agreed = cells[first, first] + cells[second, second]
    return Balance(
        prevalence_index=abs(cells[first, first] - cells[second, second]) / both.units,
        bias_index=abs(cells[first, second] - cells[second, first]) / both.units,
        pabak=2 * agreed / both.units - 1,
    )
