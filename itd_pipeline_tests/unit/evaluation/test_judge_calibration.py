"""A judge counts only as far as it agrees with the humans."""

from __future__ import annotations

import numpy as np
import pytest

from itd_pipeline.evaluation.judge_calibration import LEAST_RECORDS, isotonic, judge_against_panel, platt


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
