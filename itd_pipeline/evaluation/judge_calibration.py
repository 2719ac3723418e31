"""How far an automatic judge may be believed: against the panel of experts, beside what an expert reaches.

Three agreements, each ICC(2,1) with a bootstrap interval over records:

- the judge with the panel: its score against the mean of all experts;
- an expert with the others: each score against the mean of the others' ("left out"), all experts together;
- the judge with the others: the judge's score against those same means. Only this one is on the same footing as the
  expert's, because the mean of a whole panel is steadier than that of a panel less one.

A judge that agrees with the others less than an expert does is reported and not used. A usable judge's scores are
corrected to what experts say: scores of 1 to 5 by isotonic regression (Zadrozny and Elkan 2002), for they have few
levels with many records each; the probability of a defect by Platt's logistic (1999, with his smoothed targets) from
fewer than 1,000 judged records and by isotonic regression from there on, because with fewer it follows chance
(Niculescu-Mizil and Caruana 2005, ICML, section 5).

Belongs here: agreement of a judge, and correction. Does not belong here: asking a judge (`signals/`), which of its axes
are compared (`judge_facts.py`), or what a policy makes of it (`policy/judge_use.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from itd_pipeline.evaluation.agreement.icc import icc_of_pairs, pair_moments
from itd_pipeline.evaluation.bootstrap import bootstrap_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_RECORDS = 20
"""Fewer records than this say nothing about a judge."""
ISOTONIC_FROM = 1_000
"""Judged records from which a probability is corrected by isotonic regression, and not by Platt's logistic."""
FOLDS = 5
Interval = tuple[float, float] | None


@dataclass(frozen=True)
class JudgeVerdict:
    """Whether a judge is used on an axis.

    Args:
        records: judged by the judge and by two experts or more.
        judge_agreement: of the judge with the panel's mean; None where not defined.
        judge_interval: its 95 % interval.
        expert_agreement: of an expert with the mean of the others.
        expert_interval: its 95 % interval.
        judge_with_others: of the judge with those same means.
        difference: judge_with_others - expert_agreement.
        difference_interval: its 95 % interval.
        used: the judge agrees at least as well as an expert does.
        why: in words.
    """

    records: int
    judge_agreement: float | None = None
    judge_interval: Interval = None
    expert_agreement: float | None = None
    expert_interval: Interval = None
    judge_with_others: float | None = None
    difference: float | None = None
    difference_interval: Interval = None
    used: bool = False
    why: str = ""


def judge_against_panel(
    judge: Mapping[str, float], panel: Mapping[str, Mapping[str, float]], confidence: float = 0.95,
) -> JudgeVerdict:
    """Compare a judge with experts on one axis.

    Args:
        judge: record id -> score.
        panel: expert -> record id -> score.
        confidence: of the intervals.
    """
    import numpy as np

    by_record: dict[str, list[float]] = {}
    for _, given in sorted(panel.items()):
        for record_id, score in given.items():
            by_record.setdefault(record_id, []).append(float(score))
    shared = sorted(r for r, given in by_record.items() if len(given) >= 2 and r in judge)
    if len(shared) < LEAST_RECORDS:
        return JudgeVerdict(len(shared), why=f"{len(shared)} records have two experts' scores and the judge's; at "
                                             f"least {LEAST_RECORDS} are needed")
    # Records x 15: sums over the pairs of a record, of each of the three comparisons.
    terms = np.stack([_terms(float(judge[r]), np.array(by_record[r])) for r in shared])

    def agreements(draws: Floats) -> tuple[Floats, Floats, Floats]:
        sums = draws @ terms
        return icc_of_pairs(sums[:, :5]), icc_of_pairs(sums[:, 5:10]), icc_of_pairs(sums[:, 10:])

    def interval(statistic: Callable[[Floats], Floats]) -> Interval:
        return bootstrap_interval(statistic, len(shared), confidence)

    mine, theirs, others = (_finite(float(found[0])) for found in agreements(np.ones((1, len(shared)))))
    if mine is None or theirs is None or others is None:
        return JudgeVerdict(len(shared), why="agreement is not defined: all scores are the same")
    used = others >= theirs
    return JudgeVerdict(
        records=len(shared),
        judge_agreement=mine, judge_interval=interval(lambda draws: agreements(draws)[0]),
        expert_agreement=theirs, expert_interval=interval(lambda draws: agreements(draws)[1]),
        judge_with_others=others, difference=others - theirs,
        difference_interval=interval(lambda draws: agreements(draws)[2] - agreements(draws)[1]), used=used,
        why=f"the judge agrees with the others ({others:.2f}) {'at least as well as' if used else 'less than'} an "
            f"expert does ({theirs:.2f})")


def _terms(judge: float, given: Floats) -> Floats:
    import numpy as np

    others = (given.sum() - given) / (len(given) - 1)
    mine = np.full_like(given, judge)
    return np.concatenate([pair_moments(mine[:1], given.mean(keepdims=True)).sum(axis=0),
                           pair_moments(given, others).sum(axis=0), pair_moments(mine, others).sum(axis=0)])


def _finite(value: float) -> float | None:
    return value if value - value == 0 else None


def isotonic(scores: Sequence[float], panel: Sequence[float], rising: bool = True) \
        -> Callable[[Sequence[float]], Floats]:
    """Monotone correction from the judge's scores to the panel's; straight lines between the scores seen.

    Args:
        scores: of the judge.
        panel: of the experts, for the same records.
        rising: whether the panel's scores rise with the judge's; else they fall.
    """
    import numpy as np
    from scipy.optimize import isotonic_regression

    steps, place = np.unique(np.asarray(scores, float), return_inverse=True)
    counts = np.bincount(place).astype(float)
    means = np.bincount(place, weights=np.asarray(panel, float)) / counts
    fitted = isotonic_regression(means, weights=counts, increasing=rising).x
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

    def loss(line: Floats) -> tuple[float, Floats]:
        logit = line[0] * at + line[1]
        away = expit(logit) - target
        return float((np.logaddexp(0, logit) - target * logit).sum()), np.array([away @ at, away.sum()])

    line = minimize(loss, np.zeros(2), jac=True, method="BFGS").x
    return lambda new: expit(line[0] * np.asarray(new, float) + line[1])


def correction_for(records: int) -> Literal["platt", "isotonic"]:
    """Which correction of the probability of a defect so many judged records bear."""
    return "isotonic" if records >= ISOTONIC_FROM else "platt"


def defect_probabilities(
    scores_of_all: Sequence[float | None], sampled: Sequence[int], defective: Sequence[bool],
) -> tuple[Floats, Floats]:
    """Probability of a defect for every record, and for those of the sample, corrected by cross-fitting.

    A curve that has seen a verdict follows it, and the difference between the two would look too small. So the sample
    is parted in five: a sampled record's probability is that of the curve fitted without its part, everybody's the mean
    of the five curves (Zrnic and Candes 2024, PNAS 121:e2322083121, "cross-prediction"). A record without a score gets
    the share of defects that the curve was fitted on.

    Args:
        scores_of_all: the judge's score of every record of the set; None where it gave none.
        sampled: places of the judged sample in it.
        defective: experts' verdict per record of the sample.

    Returns:
        One probability per record of the set; one per record of the sample.
    """
    import numpy as np

    everyone = np.array([np.nan if score is None else score for score in scores_of_all], float)
    at, found = np.asarray(sampled, int), np.asarray(defective, bool)
    fold = np.arange(len(at)) % FOLDS
    everywhere, left_out = [], np.zeros(len(at))
    for part in range(min(FOLDS, len(at))):
        seen = fold != part
        known = seen & np.isfinite(everyone[at])
        share = (float(found[seen].sum()) + 0.5) / (int(seen.sum()) + 1)
        chances = np.full(len(everyone), share)
        if known.any():
            curve = platt(everyone[at][known], found[known]) if correction_for(int(known.sum())) == "platt" \
                else isotonic(everyone[at][known], found[known].astype(float), rising=False)
            scored = np.isfinite(everyone)
            chances[scored] = curve(everyone[scored])
        everywhere.append(chances)
        left_out[fold == part] = chances[at][fold == part]
    return np.mean(everywhere, axis=0), left_out
