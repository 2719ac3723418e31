"""Another policy on the same signals: what it keeps, gains and loses."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from itd_pipeline.policy import try_policy
from itd_pipeline.policy.trial import Changed, Step
from itd_pipeline.tables.signals import SIGNALS
from itd_pipeline_tests.unit.policy.conftest import GOOD

SHORT = {"name": "long_enough", "reason": "too_short", "signal": "output_words", "keep_if": {"op": ">=", "value": 3}}
NEAR = {"name": "near", "reason": "near_duplicate", "signal": "near_duplicate_of", "keep_if": {"op": "is_null"}}


def compare(tried: Any, in_force: Any, rows: list[dict[str, Any]], examples: int = 5) -> Any:
    full = [{**GOOD, "record_id": f"r{i}", "quality_rank": i + 1, **row} for i, row in enumerate(rows)]
    with duckdb.connect(":memory:") as connection:
        connection.register("signals", SIGNALS.from_rows(full))
        return try_policy(connection, tried, in_force, examples)


def test_gained_and_lost_are_named_with_the_rules_that_decide(policy_of) -> None:
    stricter = policy_of({**SHORT, "keep_if": {"op": ">=", "value": 10}}, {**SHORT, "name": "short", "keep_if": {
        "op": "<=", "value": 50}, "action": "quarantine", "version": 2})
    trial = compare(stricter, policy_of(SHORT), [{"output_words": n} for n in (2, 5, 20, 60)])
    assert trial.candidates == 4
    assert trial.outcomes == {"kept": (3, 1), "quarantined": (0, 1), "rejected": (1, 2)}
    assert (trial.gained, trial.lost) == (0, 2)
    assert set(trial.lost_examples) == {Changed("r1", "s", "kept", "rejected by long_enough"),
                                        Changed("r3", "s", "kept", "quarantined by short")}
    assert trial.steps == (Step("long_enough", 1, "reject", "keep if >= 10", 2, 2, 1),
                           Step("short", 2, "quarantine", "keep if <= 50", 1, 1, None))


def test_without_a_rule_on_twins_they_are_gained(policy_of) -> None:
    rows = [{"near_duplicate_cluster": "r0", "near_duplicate_of": of} for of in (None, "r0", "r0")]
    trial = compare(policy_of(SHORT), policy_of(NEAR), rows, examples=1)
    assert trial.gained == 2
    assert [(c.before, c.after) for c in trial.gained_examples] == [("rejected by near", "kept")]


def test_a_policy_against_itself_changes_nothing(shipped) -> None:
    trial = compare(shipped, shipped, [{}, {"output_words": 1}, {"refusal": True}])
    assert (trial.gained, trial.lost) == (0, 0)
    assert all(was == becomes for was, becomes in trial.outcomes.values())
    assert all(step.hits == step.hits_before for step in trial.steps)


@pytest.mark.parametrize("count", [0, 2])
def test_examples_are_as_many_as_asked_for(policy_of, count: int) -> None:
    trial = compare(policy_of(SHORT), policy_of({**SHORT, "keep_if": {"op": ">=", "value": 99}}), [{}] * 5, count)
    assert (trial.gained, len(trial.gained_examples)) == (5, count)
