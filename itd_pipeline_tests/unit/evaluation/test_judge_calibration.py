"""A judge counts only as far as it agrees with the humans."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from itd_pipeline.evaluation.judge_calibration import (
    LEAST_RECORDS,
    correction_for,
    defect_probabilities,
    isotonic,
    judge_against_panel,
    platt,
)
from itd_pipeline.evaluation.judge_facts import judge_facts


def panel(noise: float, records: int = 60) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """(what is true, three experts who see it with noise)."""
    random = np.random.Generator(np.random.PCG64(3))
    truth = {f"r{i}": float(random.integers(1, 6)) for i in range(records)}
    return truth, {f"e{e}": {r: float(np.clip(round(v + random.normal(0, noise)), 1, 5)) for r, v in truth.items()}
                   for e in range(3)}


def test_a_judge_as_good_as_an_expert_is_used_and_a_worse_one_is_not() -> None:
    truth, experts = panel(0.7)
    good = judge_against_panel(truth, experts)
    assert good.used
    assert good.judge_agreement is not None
    assert good.expert_agreement is not None
    assert good.judge_agreement > good.expert_agreement > 0.5
    turned = judge_against_panel({r: 6 - v for r, v in truth.items()}, experts)
    assert not turned.used
    assert "less than an expert" in turned.why


def test_too_few_records_say_nothing() -> None:
    truth, experts = panel(0.7, LEAST_RECORDS - 1)
    found = judge_against_panel(truth, experts)
    assert not found.used
    assert "at least 20 are needed" in found.why
    assert judge_against_panel(*panel(0.7, LEAST_RECORDS)).used


def test_a_judge_who_gives_one_score_to_all_is_not_used() -> None:
    truth, experts = panel(0.7)
    assert not judge_against_panel(dict.fromkeys(truth, 3.0), experts).used


def test_isotonic_correction_never_turns_the_order() -> None:
    correct = isotonic([1, 2, 3, 4, 5, 5], [2, 3, 2, 4, 4, 5])
    assert correct([1, 2, 3, 4, 5, 9]) == pytest.approx([2, 2.5, 2.5, 4, 4.5, 4.5])


def test_platt_gives_probabilities_between_the_shares_seen() -> None:
    curve = platt([1, 1, 1, 5, 5, 5], [True, True, True, False, False, False])
    low, high = curve([5.0])[0], curve([1.0])[0]
    assert 0 < low < 0.3 < 0.7 < high < 1


def test_all_three_agreements_have_intervals_that_hold_them() -> None:
    truth, experts = panel(0.7)
    found = judge_against_panel(truth, experts)
    for value, interval in ((found.judge_agreement, found.judge_interval),
                            (found.expert_agreement, found.expert_interval),
                            (found.difference, found.difference_interval)):
        assert value is not None
        assert interval is not None
        assert interval[0] < value < interval[1]
    assert found.judge_with_others is not None
    assert found.difference == pytest.approx(found.judge_with_others - (found.expert_agreement or 0))


def test_a_judge_like_an_expert_is_compared_on_the_same_footing() -> None:
    """A fourth expert as judge: nearer to the whole panel than an expert is to the others, and no better."""
    truth, experts = panel(0.7, 400)
    random = np.random.Generator(np.random.PCG64(11))
    judge = {r: float(np.clip(round(v + random.normal(0, 0.7)), 1, 5)) for r, v in truth.items()}
    found = judge_against_panel(judge, experts)
    assert found.judge_agreement is not None
    assert found.judge_with_others is not None
    assert found.judge_agreement > found.judge_with_others
    assert found.difference == pytest.approx(0, abs=0.03)


def test_platt_corrects_few_verdicts_and_isotonic_many() -> None:
    assert (correction_for(999), correction_for(1000)) == ("platt", "isotonic")


def test_a_verdict_does_not_decide_its_own_probability() -> None:
    scores: list[float | None] = [1.0, 5.0, 1.0, 5.0, 1.0, 5.0, 1.0, 5.0, 1.0, 5.0, None]
    defective = [True, False] * 5
    everyone, sampled = defect_probabilities(scores, list(range(10)), defective)
    assert len(everyone) == 11
    assert (sampled[::2] > sampled[1::2]).all()
    assert everyone[10] == pytest.approx(0.5, abs=0.06)
    flipped = [False, *defective[1:]]
    _, without = defect_probabilities(scores, list(range(10)), flipped)
    assert without[0] == sampled[0]
    assert without[1] != sampled[1]


def test_axes_are_compared_by_name_and_others_are_told() -> None:
    rows = [{"record_id": f"r{i}", "judge_score": 1.0 + i % 5, "judge_status": "judged",
             "judge_scores": json.dumps({"clarity": 1 + i % 5, "safety": 3})} for i in range(24)]
    rows.append({"record_id": "unrated", "judge_score": None, "judge_status": "failed", "judge_scores": None})
    signals = pa.Table.from_pylist(rows)
    by_record = {f"r{i}": [{"reviewer": who, "axes": {"clarity": 1 + i % 5, "currency": 4}} for who in ("owl", "fox")]
                 for i in range(24)}
    found = judge_facts(by_record, signals)
    assert (found["asked"], found["scored"]) == (25, 24)
    assert list(found["axes"]) == ["clarity"]
    assert found["axes_not_asked"] == ["currency"]
    assert found["axes"]["clarity"]["used"]
    assert found["axes"]["clarity"]["correction"] == [[float(n), float(n)] for n in range(1, 6)]
    assert judge_facts(by_record, signals.filter(pc.is_null(signals.column("judge_status"))))["why"] == \
        "no judge was asked"
