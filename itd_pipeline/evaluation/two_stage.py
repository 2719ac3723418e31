"""The defect rate from two stages: an automatic judge's scores for all records, experts' verdicts for a sample.

The judge alone is biased, the sample alone is small. The difference estimator joins them: the mean of the judge's
scores over all records, corrected by the weighted mean of (verdict - score) in the sample (Cochran 1977, chapter 7;
Angelopoulos et al. 2023, "prediction-powered inference", with the power tuning of Angelopoulos, Duchi and Zrnic 2023).
It is unbiased whatever the judge is worth; a judge worth nothing gets weight 0 and the sample speaks alone.

Belongs here: that estimate. Does not belong here: how a judge is calibrated (`judge_calibration.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.evaluation.defects import effective_size, wilson_interval


@dataclass(frozen=True)
class TwoStage:
    """Share of defective records in the whole set.

    Args:
        estimate: 0 to 1.
        low, high: two-sided interval.
        confidence: of the interval.
        judge_weight: 0 (the judge does not help) to 1 (it is used in full).
        records_worth: verdicts that a sample without a judge would need for an interval as narrow.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    judge_weight: float
    records_worth: float


def two_stage_rate(
    scores_of_all: Sequence[float], scores: Sequence[float], defective: Sequence[bool],
    inclusion_probabilities: Sequence[float], confidence: float = 0.95, strata: Sequence[str] | None = None,
) -> TwoStage:
    """Defect rate from a judge's scores and experts' verdicts.

    Args:
        scores_of_all: the judge's probability of a defect, 0 to 1, for every record of the set.
        scores: the same for the judged sample.
        defective: experts' verdict per record of the sample.
        inclusion_probabilities: per record of the sample, above 0.
        confidence: of the interval.
        strata: per record of the sample, the stratum it was drawn from.

    Raises:
        ValueError: fewer than two verdicts.
    """
    import numpy as np

    if len(defective) < 2:
        raise ValueError("an estimate needs at least two verdicts")
    everyone = np.asarray(scores_of_all, float)
    judged, found = np.asarray(scores, float), np.asarray(defective, float)
    weight = 1 / np.asarray(inclusion_probabilities, float)
    weight = weight / weight.sum()
    share = float(weight @ found)
    mean = float(weight @ judged)
    together = float(weight @ ((found - share) * (judged - mean)))
    alone = float(weight @ (judged - mean) ** 2)
    # The best weight for a judge (Angelopoulos, Duchi, Zrnic 2023, eq. 6), from the sample itself.
    use = 0.0 if alone <= 0 else min(1.0, max(0.0, together / (alone * (1 + len(found) / len(everyone)))))
    rest = found - use * judged
    estimate = use * float(everyone.mean()) + float(weight @ rest)
    drawn = len(found) / (len(found) - 1)
    variance = float(weight**2 @ (rest - weight @ rest) ** 2) * drawn + use**2 * float(everyone.var()) / len(everyone)
    plain = float(weight**2 @ (found - share) ** 2) * drawn
    effective = effective_size(defective, weight.tolist(), strata)
    # A judge narrows the interval by the share of variance that it explains. The share of defects itself enters by
    # Wilson's interval on the records that the sample is worth: where defects are rare a normal interval is too narrow.
    worth = effective * max(1.0, plain / variance) if variance > 0 and plain > 0 else effective
    inside = min(1.0, max(0.0, estimate))
    low, high = wilson_interval(inside, worth, confidence)
    return TwoStage(estimate=inside, low=low, high=high, confidence=confidence, judge_weight=use, records_worth=worth)
