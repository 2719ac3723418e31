"""A third opinion decides what the record is; how far reviewers agree stays theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline.evaluation import evaluate_ratings
from itd_pipeline.evaluation.adjudication import defect_found
from itd_pipeline.evaluation.defects import clopper_pearson_upper
from itd_pipeline.settings import ReviewGate

Make = Callable[..., pa.Table]
NO = {"decision": "accept", "gate": {"medically_correct": "no"}}
YES = {"decision": "accept", "gate": {"medically_correct": "yes"}}


@pytest.mark.parametrize(("opinion", "defect"), [
    (None, True),
    ({"status": "accepted"}, False),
    ({"status": "accepted", "gate": {"medically_correct": "yes"}}, False),
    ({"status": "accepted", "gate": {"medically_correct": "no"}}, True),
    ({"status": "corrected", "gate": {"medically_correct": "no"}}, True),
    ({"status": "corrected", "gate": {"medically_correct": "yes"}}, False),
    ({"status": "rejected"}, True),
])
def test_the_third_opinion_decides_whether_there_is_a_defect(opinion: Any, defect: bool) -> None:
    assert defect_found([YES, NO], "any", opinion) is defect


@pytest.fixture
def facts(ratings: Make, sample: Make, records: Make) -> Callable[..., dict[str, Any]]:
    """Sixty records by two reviewers who differ on the first two: one accepts, the other answers no and rejects."""
    rows = [(i, r, "reject" if i < 2 and r == 2 else "accept", "no" if i < 2 and r == 2 else "yes", 4)
            for i in range(60) for r in (1, 2)]

    def _facts(third: Any = None) -> dict[str, Any]:
        return evaluate_ratings(ratings(*rows), sample(*[0.5] * 60), records(*[{}] * 60), third=third,
                                wanted=ReviewGate(max_defect_bound=0.05))

    return _facts


def _bound(found: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in found["gate"]}["defect_bound"]


def test_a_dispute_settled_as_accepted_is_no_defect_for_rate_stratum_route_and_gate(
    facts: Callable[..., dict[str, Any]],
) -> None:
    before, after = facts(), facts({"rec-0": {"status": "accepted"}, "rec-1": {"status": "accepted"}})
    assert before["defect"]["defective"] == 2
    assert not _bound(before)["holds"]
    assert after["defect"]["defective"] == 0
    assert after["defect"]["upper_bound"] == pytest.approx(clopper_pearson_upper(0, 60))
    assert _bound(after)["holds"]
    assert after["defects_by_stratum"]["s"]["defective"] == 0
    assert after["defects_by_route"]["template"]["defective"] == 0
    assert after["statuses"] == {"accepted": 60, "corrected": 0, "rejected": 0}
    assert after["adjudication"] == {
        "disputes": 2, "settled": 2, "waiting": 0, "outcomes": {"accepted": 2, "corrected": 0, "rejected": 0},
        "defects_confirmed": 0, "defects_overruled": 2, "defects_added": 0}


def test_agreement_and_gate_answers_are_those_before_adjudication(facts: Callable[..., dict[str, Any]]) -> None:
    before, after = facts(), facts({"rec-0": {"status": "accepted"}})
    assert after["agreement"] == before["agreement"]
    assert after["gates"] == before["gates"]
    assert after["records_in_dispute"] == 2
    assert after["adjudication"]["waiting"] == 1
    assert after["defect"]["defective"] == 1


def test_a_confirmed_defect_stays_and_opinions_on_records_that_nobody_rated_count_nowhere(
    facts: Callable[..., dict[str, Any]],
) -> None:
    found = facts({"rec-0": {"status": "rejected"}, "elsewhere": {"status": "rejected"}})
    assert found["defect"]["defective"] == 2
    assert found["adjudication"]["defects_confirmed"] == 1
    assert found["statuses"]["rejected"] == 2
