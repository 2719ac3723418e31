"""What is watched: missing signals, and shares that jump; evaluated by Great Expectations."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from itd_pipeline.expectations.runner import evaluate
from itd_pipeline.quality.watch import missing_expectations, missing_query, share_expectations
from itd_pipeline.tables.signals import SIGNALS
from itd_pipeline_tests.unit.policy.conftest import GOOD


def missing(**changes: Any) -> list[str]:
    rows = [{**GOOD, "record_id": "a", "quality_rank": 1, **changes}]
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", SIGNALS.from_rows(rows))
        frame = connection.execute(missing_query("rows")).df()
    return [f.expectation.arguments["column"] for f in evaluate(frame, missing_expectations()) if not f.held]


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, []),
    ({"evidence_coverage": None}, ["evidence_coverage"]),
    ({"evidence_coverage": None, "route": "manual"}, []),
    ({"novelty_rouge_l": None}, ["novelty_rouge_l"]),
    ({"unsupported_drug_count": 1}, ["unsupported_claims"]),
    ({"unsupported_drug_count": 1, "unsupported_claims": ["drug: x"]}, []),
    ({"lint_major_count": 1}, ["lint_rules"]),
    ({"judge_status": "failed"}, ["judge_answers"]),
    ({"judge_status": "unanswered"}, ["judge_answers"]),
    ({"judge_status": "refused_family"}, ["judge_of_another_family"]),
    ({"judge_status": "judged"}, ["judge_status"]),
])
def test_what_is_due_and_missing_is_named(changes: dict[str, Any], expected: list[str]) -> None:
    assert missing(**changes) == expected


@pytest.mark.parametrize(("before", "now", "held"), [
    ({"refusal": 0.10}, {"refusal": 0.16}, True),
    ({"refusal": 0.10}, {"refusal": 0.18}, False),
    ({"refusal": 0.30}, {"refusal": 0.39}, True),
    ({"refusal": 0.30}, {"refusal": 0.19}, False),
    ({"refusal": 0.001}, {"refusal": 0.05}, False),
    ({}, {"new_reason": 0.01}, True),
    ({}, {"new_reason": 0.03}, False),
    ({"gone": 0.03}, {}, True),
    ({"gone": 0.05}, {}, False),
])
def test_a_share_that_jumps_is_found(before: dict[str, float], now: dict[str, float], held: bool) -> None:
    expectations = share_expectations(before, now)
    frame = pd.DataFrame({e.arguments["column"]: [now.get(e.arguments["column"], 0.0)] for e in expectations})
    assert [finding.held for finding in evaluate(frame, expectations)] == [held]
