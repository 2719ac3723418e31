from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.evaluation import adjudicate, evaluate_ratings
from itd_pipeline.evaluation.bootstrap import bootstrap_interval
from itd_pipeline.evaluation.defects import (
    clopper_pearson_upper,
    defect_rate,
    effective_size,
    sample_size_for,
    wilson_interval,
)
from itd_pipeline.evaluation.two_stage import two_stage_rate

Make = Callable[..., pa.Table]


def test_no_defect_in_59_shows_at_most_five_percent() -> None:
    assert sample_size_for(0.05) == 59
    assert clopper_pearson_upper(0, 59) < 0.05 < clopper_pearson_upper(0, 58)
    assert sample_size_for(0.01, 0.99) == 459
    with pytest.raises(ValueError, match="between 0 and 1"):
        sample_size_for(0)


def test_the_bound_solves_the_binomial_tail() -> None:
    bound = clopper_pearson_upper(1, 10)
    assert (1 - bound) ** 10 + 10 * bound * (1 - bound) ** 9 == pytest.approx(0.05)
    assert clopper_pearson_upper(10, 10) == clopper_pearson_upper(0, 0) == 1


def test_a_rarely_drawn_record_weighs_more() -> None:
    rate = defect_rate([True, False, False], [0.1, 1, 1])
    assert rate.estimate == pytest.approx(10 / 12)
    assert rate.effective_records == pytest.approx(144 / 102)
    assert (rate.records, rate.defective) == (3, 1)


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.floats(0.01, 1))
def test_with_equal_weights_the_bound_is_exact(defective: list[bool], probability: float) -> None:
    rate = defect_rate(defective, [probability] * len(defective))
    assert rate.effective_records == pytest.approx(len(defective))
    assert rate.upper_bound == pytest.approx(clopper_pearson_upper(sum(defective), len(defective)))
    assert rate.upper_bound >= rate.estimate


def test_one_no_is_enough_or_half(ratings: Make) -> None:
    table = ratings((0, 1, "accept", "no", 3), (0, 2, "accept", "yes", 3), (0, 3, "accept", "yes", 3),
                    (1, 1, "correct", "yes", 3), (1, 2, "accept", "yes", 3), (2, 1, "reject", "yes", 3),
                    (2, 2, "accept", "yes", 3), (3, 1, "accept", "yes", 5))
    assert adjudicate(table) == {"rec-0": "rejected", "rec-1": "corrected", "rec-2": "rejected", "rec-3": "accepted"}
    assert adjudicate(table, "majority") == {
        "rec-0": "accepted", "rec-1": "corrected", "rec-2": "rejected", "rec-3": "accepted"}


def test_without_ratings_the_status_says_so(ratings: Make, sample: Make, records: Make) -> None:
    facts = evaluate_ratings(ratings(), sample(1.0), records({}))
    assert facts.pop("ready") is False
    assert [one["missing"] for one in facts.pop("gate")] == [
        "2 more of 2 ratings", "records that two reviewers judged, so that gwet ac1 is defined",
        "59 rated records without a defect"]
    assert facts == {
        "status": "not reviewed", "records_sampled": 1, "assignments": 2, "assignments_answered": 0,
        "records_rated": 0, "records_needed_for_5_percent": 59}


def test_facts_of_a_partly_reviewed_sample(ratings: Make, sample: Make, records: Make) -> None:
    facts = evaluate_ratings(
        ratings((0, 1, "accept", "yes", 4), (0, 2, "reject", "no", 2), (1, 1, "accept", "yes", 5)),
        sample(0.5, 1.0), records({"route": "hybrid"}, {}))
    assert facts["status"] == "partly reviewed"
    assert (facts["assignments_answered"], facts["records_rated"], facts["records_rated_twice"]) == (3, 2, 1)
    assert facts["records_in_dispute"] == 1
    assert facts["decisions"] == {"accept": 2, "correct": 0, "reject": 1}
    assert facts["statuses"] == {"accepted": 1, "corrected": 0, "rejected": 1}
    assert facts["defect"]["estimate"] == pytest.approx(2 / 3)
    assert facts["defects_by_route"] == {"hybrid": {"records": 1, "defective": 1},
                                         "template": {"records": 1, "defective": 0}}
    assert facts["gates"]["medically_correct"]["no"] == 1
    assert facts["agreement"]["units"] == 1
    assert facts["agreement"]["raw"]["value"] == 0
    assert facts["axes"]["clarity"]["mean"] == pytest.approx(11 / 3)
    assert facts["error_tags"] == {"omission": 1}


def test_every_assignment_answered_is_reviewed(ratings: Make, sample: Make, records: Make) -> None:
    rows = [(i, r, "accept", "yes", 3 + i % 2) for i in range(4) for r in (1, 2)]
    facts = evaluate_ratings(ratings(*rows), sample(*[1.0] * 4), records(*[{}] * 4))
    assert facts["status"] == "reviewed"
    assert facts["agreement"]["gwet_ac1"]["value"] == 1
    assert facts["agreement"]["cohen_kappa"]["value"] is None
    assert facts["axes"]["clarity"]["weighted_kappa"]["value"] == pytest.approx(1)
    assert facts["defect"]["upper_bound"] == pytest.approx(clopper_pearson_upper(0, 4))


def test_the_bootstrap_is_the_same_every_time_and_holds_the_value() -> None:
    values = np.array([0, 1, 1, 0, 1, 1, 1, 0, 1, 1.0])

    def mean(draws: Any) -> Any:
        return draws @ values / draws.sum(axis=1)

    interval = bootstrap_interval(mean, 10)
    assert interval == bootstrap_interval(mean, 10)
    assert interval is not None
    assert interval[0] < 0.7 < interval[1]
    assert bootstrap_interval(mean, 1) is None
    assert bootstrap_interval(lambda draws: draws.sum(axis=1) * np.nan, 10) is None


def test_strata_in_which_defects_gather_win_back_what_weights_cost() -> None:
    defective = [True] * 10 + [False] * 40 + [False] * 50
    weights = [1.0] * 50 + [9.0] * 50
    alone = effective_size(defective, weights)
    assert alone == pytest.approx(500**2 / (50 + 50 * 81))
    assert effective_size(defective, weights, ["a"] * 50 + ["b"] * 50) > alone
    assert effective_size([False] * 100, weights, ["a"] * 50 + ["b"] * 50) == pytest.approx(alone)


def test_wilson_beside_a_textbook() -> None:
    """Newcombe 1998 (Stat Med 17:857), table I: 81 of 263, 0.2553 to 0.3662; 0 of 20, 0 to 0.1611."""
    assert wilson_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=0.0001)
    assert wilson_interval(0, 20) == pytest.approx((0, 0.1611), abs=0.0001)
    assert wilson_interval(0, 0) == (0, 1)


def test_sample_size_with_defects() -> None:
    size = sample_size_for(0.05, defective=2)
    assert clopper_pearson_upper(2, size) <= 0.05 < clopper_pearson_upper(2, size - 1)


def test_a_good_judge_narrows_the_interval_and_a_bad_one_does_no_harm() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    truth = random.random(5000) < 0.1
    drawn = random.choice(5000, 200, replace=False)
    verdicts, chances = truth[drawn].tolist(), [200 / 5000] * 200
    alone = defect_rate(verdicts, chances)
    good = np.clip(0.8 * truth + 0.1 * random.random(5000), 0, 1)
    helped = two_stage_rate(good.tolist(), good[drawn].tolist(), verdicts, chances)
    assert helped.low <= truth.mean() <= helped.high
    assert helped.high - helped.low < 0.5 * (alone.high - alone.low)
    noise = random.random(5000)
    unmoved = two_stage_rate(noise.tolist(), noise[drawn].tolist(), verdicts, chances)
    assert unmoved.judge_weight < 0.2
    assert unmoved.high - unmoved.low <= 1.05 * (alone.high - alone.low)
    with pytest.raises(ValueError, match="two verdicts"):
        two_stage_rate([0.1], [0.1], [True], [1.0])
