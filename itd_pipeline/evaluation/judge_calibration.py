"""How far an automatic judge may be believed: against the panel of experts, beside what an expert reaches.

Per axis, the judge is compared with the panel's mean, and each expert with the mean of the others ("left out"). A judge
that agrees less than the experts do among themselves is reported and not used. A usable judge's scores are corrected to
the panel's scale: by isotonic regression (Zadrozny and Elkan 2002) for scores of many records, by Platt's logistic
(1999, with his smoothed targets) for yes and no from few.

Belongs here: agreement of a judge, and correction. Does not belong here: asking a judge (`signals/`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itd_pipeline.evaluation.agreement import Ratings, icc_single
from itd_pipeline.evaluation.agreement.ratings_table import value_of
from itd_pipeline.evaluation.bootstrap import bootstrap_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_RECORDS = 20
"""Fewer records than this say nothing about a judge."""


@dataclass(frozen=True)
class JudgeVerdict:
    """Whether a judge is used on an axis.

    Args:
        records: judged by the judge and by two experts or more.
        judge_agreement: ICC(2,1) of the judge with the panel's mean; None where not defined.
        judge_interval: its 95 % interval.
        expert_agreement: mean over experts of the same for each against the mean of the others.
        used: the judge agrees at least as well as an expert does.
        why: in words.
    """

    records: int
    judge_agreement: float | None
    judge_interval: tuple[float, float] | None
    expert_agreement: float | None
    used: bool
    why: str


def judge_against_panel(judge: Mapping[str, float], panel: Mapping[str, Mapping[str, float]]) -> JudgeVerdict:
    """Compare a judge with experts on one axis.

    Args:
        judge: record id -> score.
        panel: expert -> record id -> score.
    """
    by_record: dict[str, dict[str, float]] = {}
    for expert, given in panel.items():
        for record_id, score in given.items():
            by_record.setdefault(record_id, {})[expert] = score
    shared = sorted(r for r, given in by_record.items() if len(given) >= 2 and r in judge)
    if len(shared) < LEAST_RECORDS:
        return JudgeVerdict(len(shared), None, None, None, False,
                            f"{len(shared)} records have two experts' scores and the judge's; at least "
                            f"{LEAST_RECORDS} are needed")
    pairs = Ratings.of([(judge[r], _mean(by_record[r].values())) for r in shared])
    mine = value_of(icc_single, pairs)
    interval = bootstrap_interval(lambda draws: icc_single(pairs, draws), pairs.units)
    theirs = [value for expert in sorted(panel) if (value := _left_out(expert, by_record, shared)) is not None]
    human = sum(theirs) / len(theirs) if theirs else None
    used = mine is not None and human is not None and mine >= human
    if mine is None or human is None:
        why = "agreement is not defined: all scores are the same"
    elif used:
        why = (f"the judge agrees with the panel ({mine:.2f}) at least as well as an expert with the others "
               f"({human:.2f})")
    else:
        why = f"the judge agrees with the panel ({mine:.2f}) less than an expert with the others ({human:.2f})"
    return JudgeVerdict(len(shared), mine, interval, human, used, why)


def _left_out(expert: str, by_record: Mapping[str, Mapping[str, float]], records: Sequence[str]) -> float | None:
    """Agreement of one expert with the mean of the others."""
    pairs = [(by_record[r][expert], _mean(score for other, score in by_record[r].items() if other != expert))
             for r in records if expert in by_record[r]]
    return value_of(icc_single, Ratings.of(pairs)) if len(pairs) >= 2 else None


def _mean(scores: object) -> float:
    values = list(scores)  # type: ignore[call-overload]
    return float(sum(values)) / len(values)


def isotonic(scores: Sequence[float], panel: Sequence[float]) -> Callable[[Sequence[float]], Floats]:
    """Monotone correction from the judge's scores to the panel's; straight lines between the scores seen.

    Args:
        scores: of the judge.
        panel: of the experts, for the same records.
    """
    import numpy as np
    from scipy.optimize import isotonic_regression

    steps, place = np.unique(np.asarray(scores, float), return_inverse=True)
    counts = np.bincount(place).astype(float)
    means = np.bincount(place, weights=np.asarray(panel, float)) / counts
    fitted = isotonic_regression(means, weights=counts).x
    return lambda new: np.interp(np.asarray(new, float), steps, fitted)


def platt(scores: Sequence[float], defective: Sequence[bool]) -> Callable[[Sequence[float]], Floats]:
    """Probability of a defect from a judge's score, by a logistic curve.

    Args:
        scores: of the judge.
        defective: experts' verdict for the same records.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    at = np.asarray(scores, float)
    found = np.asarray(defective, bool)
    yes, no = int(found.sum()), int((~found).sum())
    target = np.where(found, (yes + 1) / (yes + 2), 1 / (no + 2))  # Platt's targets: never 0 or 1

    def loss(line: Floats) -> float:
        logit = line[0] * at + line[1]
        return float((np.logaddexp(0, logit) - target * logit).sum())

    line = minimize(loss, np.zeros(2), method="BFGS").x
    return lambda new: expit(line[0] * np.asarray(new, float) + line[1])
