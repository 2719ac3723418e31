"""Agreement between raters: how far independent judgements of the same records are the same.

Belongs here: coefficients, one family a file. Does not belong here: which question is compared (`ratings.py`), what a
coefficient is needed for (`gate.py`), or how intervals are drawn (`bootstrap.py`).

Every coefficient takes `Ratings` (units x raters, `None` where a rater did not judge) and is None where it is not
defined: no unit with two ratings, or chance agreement of 1. Each is computed for many *draws* of units at once, so that
an interval costs one matrix product: see `ratings_table.py`.
"""

from __future__ import annotations

from itd_pipeline.evaluation.agreement.alpha import krippendorff_alpha
from itd_pipeline.evaluation.agreement.balance import Balance, balance
from itd_pipeline.evaluation.agreement.estimating import Estimate, estimate
from itd_pipeline.evaluation.agreement.icc import icc_average, icc_single
from itd_pipeline.evaluation.agreement.kappas import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    raw_agreement,
)
from itd_pipeline.evaluation.agreement.ratings_table import Coefficient, Rating, Ratings, Weighting

__all__ = [
    "Balance",
    "Coefficient",
    "Estimate",
    "Rating",
    "Ratings",
    "Weighting",
    "balance",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "estimate",
    "fleiss_kappa",
    "gwet_ac",
    "icc_average",
    "icc_single",
    "krippendorff_alpha",
    "raw_agreement",
]
