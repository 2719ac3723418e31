"""Train, ask, compare: every arm on the same items, differences with paired bootstrap intervals.

Belongs here: the comparison. Does not belong here: a model, or which records it sees.

A difference is taken item by item between two models that saw the same item, and items are drawn with replacement
(`evaluation.bootstrap`): what makes an item hard for both cancels out. Options of a multiple-choice item are compared
by log-likelihood per character after the question, as the LM evaluation harness does for its normalised accuracy
(Gao et al. 2021, doi 10.5281/zenodo.5371628).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from itd_pipeline.evaluation.bootstrap import bootstrap_interval
from itd_pipeline.ports import Batch
from itd_pipeline.probe.arms import ProbeRecords
from itd_pipeline.probe.questions import Question
from itd_pipeline.probe.student import Said, Student
from itd_pipeline.tables.probe import PROBE
from itd_pipeline.tables.rejects import REJECTS

HELD_OUT, GENERAL = "held_out", "general_text"
_DIGITS = 4
_PAIRS = (("release", "base"), ("release", "random_draw"), ("release", "last_release"))
_AS_LEARNED = 0.02
"""Nats per token: a smaller rise of the loss on general text counts as retained."""


@dataclass(frozen=True)
class ProbeInputs:
    """What the probe is run on.

    Args:
        records: every arm and what is held out.
        general: passages of general text.
        benchmarks: name -> items.
        steps: of training, per arm.
    """

    records: ProbeRecords
    general: Sequence[str]
    steps: int
    benchmarks: Mapping[str, Sequence[Question]] = field(default_factory=dict)


def run_probe(inputs: ProbeInputs, student: Student, said: Said = lambda _: None) -> Batch:
    """Train every arm and compare.

    Returns:
        Batch of `downstream_probe` rows; `units_in` is the number of numbers entered.
    """
    scores: dict[str, dict[str, np.ndarray[Any, Any]]] = {}
    student.reset()
    said("asking the base model")
    scores["base"] = _asked(inputs, student)
    for arm, examples in inputs.records.arms.items():
        student.reset()
        said(f"{arm}: training on {len(examples):,} records for {inputs.steps:,} steps")
        student.train([(e.prompt, e.completion) for e in examples], inputs.steps, said)
        said(f"{arm}: asking")
        scores[arm] = _asked(inputs, student)
    student.reset()
    rows = [*_own(scores), *_differences(scores, inputs.records.notes)]
    trained = {arm: len(examples) for arm, examples in inputs.records.arms.items()}
    return Batch(rows=PROBE.from_rows(rows), rejects=REJECTS.empty(), units_in=len(rows), facts={
        "model": student.name, "steps": inputs.steps, "trained_on": trained,
        "held_out": len(inputs.records.held_out), "verdict": verdict(rows)})


def verdict(rows: Sequence[Mapping[str, Any]]) -> str:
    """The comparison in sentences."""
    found = [row["note"] for row in rows if row["arm"] != row["against"] and row["value"] is not None]
    return " ".join(found)


def _asked(inputs: ProbeInputs, student: Student) -> dict[str, np.ndarray[Any, Any]]:
    """Test -> one number per item: nats per token, or 1 for a right answer."""
    held = student.losses([(e.prompt, e.completion) for e in inputs.records.held_out])
    general = student.losses([("", passage) for passage in inputs.general])
    found = {HELD_OUT: np.array([loss.per_token for loss in held]),
             GENERAL: np.array([loss.per_token for loss in general])}
    for name, questions in inputs.benchmarks.items():
        found[name] = _answers(questions, student)
    return found


def _answers(questions: Sequence[Question], student: Student) -> np.ndarray[Any, Any]:
    losses = iter(student.losses([(q.text, option) for q in questions for option in q.options]))
    right = []
    for question in questions:
        costs = [next(losses).nats / max(1, len(option)) for option in question.options]
        right.append(float(costs.index(min(costs)) == question.right))
    return np.array(right)


def _metric(test: str) -> str:
    return "loss" if test in (HELD_OUT, GENERAL) else "accuracy"


def _own(scores: Mapping[str, Mapping[str, np.ndarray[Any, Any]]]) -> list[dict[str, Any]]:
    return [_row(arm, arm, test, _metric(test), values, "") for arm, tests in scores.items()
            for test, values in tests.items()]


def _differences(scores: Mapping[str, Mapping[str, np.ndarray[Any, Any]]],
                 notes: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = []
    for arm, against in _PAIRS:
        for test, values in scores[arm].items():
            metric = f"{_metric(test)}_difference"
            if against not in scores:
                rows.append({"arm": arm, "against": against, "test": test, "metric": metric, "items": 0,
                             "value": None, "low": None, "high": None, "note": f"Not measured: {notes[against]}."})
                continue
            row = _row(arm, against, test, metric, values - scores[against][test], "")
            rows.append({**row, "note": in_words(row)})
    return rows


def _row(arm: str, against: str, test: str, metric: str, values: np.ndarray[Any, Any], note: str) -> dict[str, Any]:
    """The mean over items and its interval."""
    def mean(draws: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = draws @ values / draws.sum(axis=1)
        return found

    interval = bootstrap_interval(mean, len(values)) if len(values) else None
    value = round(float(values.mean()), _DIGITS) if len(values) else None
    low, high = (round(end, _DIGITS) for end in interval) if interval else (None, None)
    return {"arm": arm, "against": against, "test": test, "metric": metric, "items": len(values), "value": value,
            "low": low, "high": high, "note": note}


def in_words(row: Mapping[str, Any]) -> str:
    """What a difference says: better, worse, or neither can be told."""
    names = {"base": "the untouched model", "random_draw": "as many random candidates",
             "last_release": "the last release"}
    if row["value"] is None:
        return "Not measured: there is nothing to ask."
    low, high = (row["low"], row["high"]) if row["low"] is not None else (row["value"], row["value"])
    measured = f"({row['value']:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}, {row['items']:,} items)"
    against = names[row["against"]]
    if row["test"] == GENERAL and row["against"] == "base":
        kept = "is retained" if high <= _AS_LEARNED else "is partly lost" if low > 0 else "may be partly lost"
        return f"General text {kept} after training on the release {measured}."
    better = high < 0 if row["metric"].startswith("loss") else low > 0
    worse = low > 0 if row["metric"].startswith("loss") else high < 0
    says = "better than" if better else "worse than" if worse else "not distinguishable from"
    return f"On {row['test']}, trained on the release, the model is {says} {against} {measured}."
