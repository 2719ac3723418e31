"""Which records are judged more often, and why."""

from __future__ import annotations

import pytest

from itd_pipeline.review.risk import higher_risk


@pytest.mark.parametrize(("record", "why"), [
    ({"severity": "life_threatening"}, "severity"),
    ({"severity": "moderate"}, ""),
    ({"age_group": "infant"}, "child"),
    ({"specialty": "paediatrics"}, "child"),
    ({"age_group": "adult"}, ""),
    ({"instruction": "Is it safe while breastfeeding?"}, "pregnancy"),
    ({"codes": ["ICD-10-CM:O14.1"]}, "pregnancy"),
    ({"codes": ["ICD-10-CM:J45"]}, ""),
    ({"output": "Give 10 mg/kg by slow infusion."}, "dose"),
    ({"output": "Take 500 mg twice a day."}, "dose"),
    ({"output": "The sodium was 130 mmol/L."}, ""),
    ({"output": "It weighs 5 g."}, ""),
    ({}, ""),
    ({"judge_status": "inconsistent", "judge_score": 4.5}, "judge_disagrees"),
    ({"judge_status": "failed", "judge_score": None}, "judge_unsure"),
    ({"judge_status": "judged", "judge_score": 3.49}, "judge_unsure"),
    ({"judge_status": "judged", "judge_score": 2.51}, "judge_unsure"),
    ({"judge_status": "judged", "judge_score": 3.5}, ""),
    ({"judge_status": "judged", "judge_score": 2.5}, ""),
    ({"judge_status": "refused_family", "judge_score": None}, ""),
    ({"judge_status": "inconsistent", "severity": "severe"}, "severity"),
])
def test_higher_risk(record: dict[str, object], why: str) -> None:
    assert higher_risk(record) == why


def test_doubt_is_measured_from_the_thresholds_of_the_policy() -> None:
    record = {"judge_status": "judged", "judge_score": 4.2}
    assert higher_risk(record) == ""
    assert higher_risk(record, (2.0, 4.0)) == "judge_unsure"
