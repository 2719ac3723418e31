"""How many records of the whole set may be defective, given the sample that experts judged.

The sample is stratified with unequal inclusion probabilities, so the share is estimated by the Hajek form of the
Horvitz-Thompson estimator (Horvitz and Thompson 1952): weights are 1 / inclusion probability, divided by their sum.

- The *bound* is that of Clopper and Pearson (1934), one-sided, with the effective sample size in place of the count
  (Korn and Graubard 1998). With equal weights it is the exact binomial bound: no defect in 59 records shows, with 95 %
  confidence, at most 5 % defects.
- The *interval* is Wilson's (1927), two-sided, on the same effective size. It covers about 95 %, where Clopper and
  Pearson's is cautious.

Records that were drawn but not rated are taken to be like the rated ones.

Belongs here: rates and bounds. Does not belong here: what a defect is (`adjudication.py`), or estimates with the help
of a judge (`two_stage.py`).
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
        low, high: two-sided Wilson interval.
        confidence: of bound and interval.
        effective_records: records of a simple random sample that would tell as much.
    """

    records: int
    defective: int
    estimate: float
    upper_bound: float
    low: float
    high: float
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


def wilson_interval(share: float, records: float, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided interval of a binomial share (Wilson 1927); (0, 1) where nothing was looked at.

    Args:
        share: observed share.
        records: count of records, or effective size.
        confidence: 0 to 1.
    """
    from scipy.stats import norm

    if records <= 0:
        return 0.0, 1.0
    z = float(norm.ppf((1 + confidence) / 2))
    middle = (share + z * z / (2 * records)) / (1 + z * z / records)
    half = z / (1 + z * z / records) * math.sqrt(share * (1 - share) / records + z * z / (4 * records**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def defect_rate(
    defective: Sequence[bool], inclusion_probabilities: Sequence[float], confidence: float = 0.95,
    strata: Sequence[str] | None = None,
) -> DefectRate:
    """Share of defective records in the set that the sample was drawn from.

    Args:
        defective: per rated record; at least one.
        inclusion_probabilities: per rated record, above 0.
        confidence: of bound and interval.
        strata: per rated record, the stratum it was drawn from; None takes the sample for one stratum.
    """
    weights = [1 / p for p in inclusion_probabilities]
    total = math.fsum(weights)
    estimate = math.fsum(w for w, bad in zip(weights, defective, strict=True) if bad) / total
    effective = effective_size(defective, weights, strata)
    low, high = wilson_interval(estimate, effective, confidence)
    return DefectRate(
        records=len(weights), defective=sum(defective), estimate=estimate, confidence=confidence, low=low, high=high,
        upper_bound=clopper_pearson_upper(estimate * effective, effective, confidence), effective_records=effective,
    )


def effective_size(
    defective: Sequence[bool], weights: Sequence[float], strata: Sequence[str] | None = None
) -> float:
    """How many records of a simple random sample tell as much.

    Kish's size (1965), sum(w)^2 / sum(w^2), is what unequal weights cost. Strata win some of it back where defects
    gather in few of them: then the size is p(1-p) over the variance of the stratified estimate (Korn and Graubard
    1998), each stratum's share drawn towards the whole by a third, so that a stratum in which nothing was found does
    not count as certain.
    """
    total = math.fsum(weights)
    kish = total**2 / math.fsum(w**2 for w in weights)
    share = math.fsum(w for w, bad in zip(weights, defective, strict=True) if bad) / total
    if strata is None or not 0 < share < 1:
        return kish
    members: dict[str, list[int]] = {}
    for i, name in enumerate(strata):
        members.setdefault(name, []).append(i)
    variance = 0.0
    for rows in members.values():
        near = (sum(defective[i] for i in rows) + share * len(rows) / 2) / (1.5 * len(rows))
        variance += (math.fsum(weights[i] for i in rows) / total) ** 2 * near * (1 - near) / len(rows)
    return max(kish, share * (1 - share) / variance)


def sample_size_for(bound: float, confidence: float = 0.95, defective: int = 0) -> int:
    """Least number of records that shows, with this confidence, a share of at most `bound`.

    Without a defect (1 - bound)^n <= 1 - confidence: 59 for 5 % at 95 %, 299 for 1 %.

    Args:
        bound: the share to show.
        confidence: 0 to 1.
        defective: how many defects the sample may hold.
    """
    if not 0 < bound < 1 or not 0 < confidence < 1:
        raise ValueError("bound and confidence lie between 0 and 1")
    if defective == 0:
        return math.ceil(math.log(1 - confidence) / math.log(1 - bound))
    low, high = defective, max(2 * defective, 8)
    while clopper_pearson_upper(defective, high, confidence) > bound:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if clopper_pearson_upper(defective, middle, confidence) > bound else (low, middle)
    return high
