"""What a release needs from experts, and how many more ratings would prove it."""

from __future__ import annotations

from typing import Any

import pytest

from itd_pipeline.evaluation.defects import clopper_pearson_upper
from itd_pipeline.evaluation.gate import gate, more_records
from itd_pipeline.settings import ReviewGate

WANTED = ReviewGate(min_reviewed_share=0.9, min_agreement=0.6, max_defect_bound=0.05)


def facts(answered: int = 118, agreement: float | None = 0.8, defective: float = 0, records: float = 59) -> Any:
    return {"assignments": 118, "assignments_answered": answered,
            "agreement": {"gwet_ac1": {"value": agreement, "low": 0.5, "high": 0.9}},
            "defect": {"estimate": defective / records, "effective_records": records, "confidence": 0.95,
                       "upper_bound": clopper_pearson_upper(defective, records)}}


def test_all_three_hold() -> None:
    assert all(one.holds and not one.missing for one in gate(facts(), WANTED))


@pytest.mark.parametrize(("given", "name", "missing"), [
    ({"answered": 106}, "reviewed_share", "1 more of 118 ratings"),
    ({"agreement": 0.59}, "agreement", "gwet ac1 is 0.59 (95 % interval from 0.50)"),
    ({"agreement": None}, "agreement", "records that two reviewers judged"),
    ({"records": 58}, "defect_bound", "about 1 more rated records"),
    ({"defective": 3}, "defect_bound", "the estimate itself is 5.1%"),
    ({"defective": 1}, "defect_bound", "about 34 more rated records"),
])
def test_what_is_missing_is_said(given: dict[str, Any], name: str, missing: str) -> None:
    failed = [one for one in gate(facts(**given), WANTED) if not one.holds]
    assert [one.name for one in failed] == [name]
    assert missing in failed[0].missing


def test_just_enough_ratings_hold() -> None:
    assert gate(facts(answered=107), WANTED)[0].holds
    assert gate(facts(agreement=0.6), WANTED)[1].holds


def test_more_records_bring_the_bound_down_and_one_less_does_not() -> None:
    more = more_records(1, 59, 0.05)
    assert clopper_pearson_upper(1, 59 + more) <= 0.05 < clopper_pearson_upper(1, 59 + more - 1)
