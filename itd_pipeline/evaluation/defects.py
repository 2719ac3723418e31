"""How many records of the whole set may be defective, given the sample that experts judged.

The sample is stratified with unequal inclusion probabilities, so the share is estimated by the Hajek form of the
Horvitz-Thompson estimator (Horvitz and Thompson 1952): weights are 1 / inclusion probability, divided by their sum.
Its upper bound is that of Clopper and Pearson (1934), one-sided, with Kish's effective sample size in place of the
count (Korn and Graubard 1998). With equal weights that is the exact binomial bound: no defect in 59 records shows,
with 95 % confidence, at most 5 % defects. Records that were drawn but not rated are taken to be like the rated ones.

Belongs here: rates and bounds. Does not belong here: what a defect is (`adjudication.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DefectRate:
    """Share of defective records in the whole set.

    Args:
        records: records rated.
        defective: of those, defective.
        estimate: weighted share, 0 to 1.
        upper_bound: one-sided upper confidence bound of the share.
        confidence: of the bound.
        effective_records: Kish's effective sample size, at most `records`.
    """

    records: int
    defective: int
    estimate: float
    upper_bound: float
    confidence: float
    effective_records: float


def clopper_pearson_upper(defective: float, records: float, confidence: float = 0.95) -> float:
    """One-sided upper bound of a binomial share; 1 where nothing was looked at.

    Args:
        defective: count of defects, 0 to `records`; need not be whole where `records` is an effective size.
        records: count of records.
        confidence: 0 to 1.
    """
    from scipy.stats import beta

    if records <= 0 or defective >= records:
        return 1.0
    return float(beta.ppf(confidence, defective + 1, records - defective))


def defect_rate(
    defective: Sequence[bool], inclusion_probabilities: Sequence[float], confidence: float = 0.95
) -> DefectRate:
    """Share of defective records in the set that the sample was drawn from.

    Args:
        defective: per rated record; at least one.
        inclusion_probabilities: per rated record, above 0.
        confidence: of the upper bound.
    """
    weights = [1 / p for p in inclusion_probabilities]
    total = math.fsum(weights)
    estimate = math.fsum(w for w, bad in zip(weights, defective, strict=True) if bad) / total
    effective = total**2 / math.fsum(w**2 for w in weights)
    return DefectRate(
        records=len(weights), defective=sum(defective), estimate=estimate, confidence=confidence,
        upper_bound=clopper_pearson_upper(estimate * effective, effective, confidence), effective_records=effective,
    )


def sample_size_for(bound: float, confidence: float = 0.95) -> int:
    """Least number of records without a defect that shows, with this confidence, a share of at most `bound`.

    (1 - bound)^n <= 1 - confidence; 59 for 5 % at 95 %.
    """
    if not 0 < bound < 1 or not 0 < confidence < 1:
        raise ValueError("bound and confidence lie between 0 and 1")
    return math.ceil(math.log(1 - confidence) / math.log(1 - bound))
