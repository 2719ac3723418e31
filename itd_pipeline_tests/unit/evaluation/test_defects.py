from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.evaluation import adjudicate, evaluate_ratings
from itd_pipeline.evaluation.bootstrap import bootstrap_interval
from itd_pipeline.evaluation.defects import clopper_pearson_upper, defect_rate, sample_size_for

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
    assert evaluate_ratings(ratings(), sample(1.0), records({})) == {
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
    assert facts["agreement"]["raw"] == 0
    assert facts["axes"]["clarity"]["mean"] == pytest.approx(11 / 3)
    assert facts["error_tags"] == {"omission": 1}


def test_every_assignment_answered_is_reviewed(ratings: Make, sample: Make, records: Make) -> None:
    rows = [(i, r, "accept", "yes", 3 + i % 2) for i in range(4) for r in (1, 2)]
    facts = evaluate_ratings(ratings(*rows), sample(*[1.0] * 4), records(*[{}] * 4))
    assert facts["status"] == "reviewed"
    assert facts["agreement"]["gwet_ac1"] == 1
    assert facts["agreement"]["cohen_kappa"] is None
    assert facts["axes"]["clarity"]["weighted_kappa"] == pytest.approx(1)
    assert facts["defect"]["upper_bound"] == pytest.approx(clopper_pearson_upper(0, 4))


def test_the_bootstrap_is_the_same_every_time_and_holds_the_value() -> None:
    def mean(units: list[int]) -> float:
        return sum(units) / len(units)

    units = [0, 1, 1, 0, 1, 1, 1, 0, 1, 1]
    interval = bootstrap_interval(units, mean)  # type: ignore[arg-type]
    assert interval == bootstrap_interval(units, mean)  # type: ignore[arg-type]
    assert interval is not None
    assert interval[0] < 0.7 < interval[1]
    assert bootstrap_interval([1], mean) is None  # type: ignore[arg-type]
    assert bootstrap_interval(units, lambda _: None) is None
