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
])
def test_higher_risk(record: dict[str, object], why: str) -> None:
    assert higher_risk(record) == why
