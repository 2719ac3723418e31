"""Rules are suggested for what experts rejected, never for chance, and never written."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from itd_pipeline.policy import JudgeUse, Policy, Rule, Suggestions, as_yaml, load_policy, suggest_rules
from itd_pipeline.policy.candidates import candidate_rules
from itd_pipeline.tables.signals import SIGNALS
from itd_pipeline_tests.unit.policy.conftest import GOOD

IN_FORCE = Policy("1", (Rule(name="covered", reason="low_coverage", signal="evidence_coverage", polarity="keep_if",
                             op=">=", value=0.1, action="reject"),))
UNUSED = JudgeUse(False, "not calibrated")


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return SIGNALS.from_rows([{**GOOD, "record_id": f"r{i:04}", "quality_rank": i + 1, **row}
                              for i, row in enumerate(rows)])


def suggest(signals: pa.Table, decisions: Mapping[str, str], tags: Mapping[str, list[str]] | None = None,
            judge: JudgeUse = UNUSED) -> Suggestions:
    with duckdb.connect(":memory:") as connection:
        connection.register("signals", signals)
        return suggest_rules(connection, IN_FORCE, decisions, tags or {}, judge)


@pytest.fixture
def judged() -> tuple[pa.Table, dict[str, str], dict[str, list[str]]]:
    """120 judged candidates, every tenth of the synthetic ones rejected: they hold 2 unsupported tests each. Another
    80 are not judged; 4 of them hold some, and one of these the policy rejects."""
    rows: list[dict[str, Any]] = []
    decisions, tags = {}, {}
    for i in range(120):
        bad = i % 10 == 0
        rows.append({"route": "synthetic" if i % 2 == 0 else "template", "unsupported_test_count": 2 if bad else i % 2,
                     "output_words": 20 + i})
        decisions[f"r{i:04}"] = "rejected" if bad else "corrected" if i % 7 == 0 else "accepted"
        tags[f"r{i:04}"] = ["invented_detail", "omission"] if bad and i < 50 else ["invented_detail"] if bad else []
    rows += [{"unsupported_test_count": 2 if i < 4 else 0, "evidence_coverage": 0.05 if i == 0 else 0.9,
              "output_words": 150 + i} for i in range(80)]
    return table(rows), decisions, tags


def test_the_pattern_is_found_with_what_it_costs(judged: Any) -> None:
    signals, decisions, tags = judged
    found = suggest(signals, decisions, tags)
    assert (found.judged, found.rejected) == (120, 12)
    assert len(found.found) == 1
    one = found.found[0]
    assert (one.rule.signal, one.rule.polarity, one.rule.op, one.rule.value) == ("unsupported_test_count", "reject_if",
                                                                                ">=", 2)
    assert one.rule.scope == {}
    assert one.rule.action == "reject"
    assert (one.judged, one.rejected, one.precision, one.recall) == (12, 12, 1, 1)
    assert one.precision_low == pytest.approx(0.7575, abs=0.001)
    # 12 judged ones that are kept so far, and 3 of the 4 that are not judged: the policy has rejected one.
    assert one.kept == 15
    assert one.sound == 0
    assert one.sound_high == pytest.approx(15 * (1 - one.precision_low))
    assert one.chance < 0.01
    assert one.error_tags == (("invented_detail", 12), ("omission", 5))
    assert one.beside == ()
    assert "no rule is left" in found.why


def test_what_is_printed_is_a_policy(judged: Any, tmp_path: Path) -> None:
    signals, decisions, tags = judged
    found = suggest(signals, decisions, tags).found
    file = tmp_path / "policy.yaml"
    file.write_text('version: "1"\nrules:\n' + as_yaml(found), encoding="utf-8")
    read = load_policy(file)
    assert [rule.name for rule in read.rules] == ["suggested_unsupported_test_count_from_2"]
    assert read.rules[0].value == found[0].rule.value
    assert textwrap.dedent(as_yaml(found)).startswith("- name: suggested_")


def by_chance(seed: int) -> Suggestions:
    """A hundred judged candidates whose verdicts have nothing to do with their signals."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows = [{"output_words": int(random.integers(5, 200)), "instruction_words": int(random.integers(3, 40)),
             "evidence_coverage": float(random.random()), "repetition_share": float(random.random()),
             "route": ["synthetic", "template"][int(random.integers(2))]} for _ in range(100)]
    decisions = {f"r{i:04}": "rejected" if random.random() < 0.15 else "accepted" for i in range(100)}
    return suggest(table(rows), decisions)


@pytest.mark.full
def test_chance_suggests_a_rule_in_at_most_one_of_twenty_sets() -> None:
    """Five in a hundred are expected; eleven or more come up in one of a hundred tries."""
    assert sum(bool(by_chance(seed).found) for seed in range(100)) <= 10


def test_chance_suggests_nothing() -> None:
    found = by_chance(5)
    assert found.tried > 100
    assert found.found == ()
    assert "chance" in found.why


@pytest.mark.parametrize(("judged_count", "rejected"), [(29, 10), (60, 4)])
def test_too_few_verdicts_are_said(judged_count: int, rejected: int) -> None:
    rows = [{"unsupported_test_count": int(i < rejected)} for i in range(judged_count)]
    decisions = {f"r{i:04}": "rejected" if i < rejected else "accepted" for i in range(judged_count)}
    found = suggest(table(rows), decisions)
    assert found.found == ()
    assert "at least 30 and 5 are needed" in found.why


def test_just_enough_verdicts_are_enough() -> None:
    rows = [{"unsupported_test_count": int(i < 5)} for i in range(30)]
    decisions = {f"r{i:04}": "rejected" if i < 5 else "accepted" for i in range(30)}
    assert [one.rule.signal for one in suggest(table(rows), decisions).found] == ["unsupported_test_count"]


def test_the_judge_is_read_only_where_it_is_used() -> None:
    rows = [{"judge_score": 1.5 if i < 8 else 4.0, "judge_status": "judged"} for i in range(40)]
    decisions = {f"r{i:04}": "rejected" if i < 8 else "accepted" for i in range(40)}
    assert suggest(table(rows), decisions).found == ()
    used = suggest(table(rows), decisions, judge=JudgeUse(True, "it agrees")).found
    assert [one.rule.signal for one in used] == ["judge_score"]


def test_a_rule_that_hits_more_sound_ones_than_not_quarantines() -> None:
    rows = [{"refusal": i < 24} for i in range(200)]
    decisions = {f"r{i:04}": "rejected" if i < 12 else "accepted" for i in range(200)}
    one = suggest(table(rows), decisions).found[0]
    assert (one.rule.signal, one.rule.action) == ("refusal", "quarantine")
    assert one.precision_low < 0.5 <= one.precision


def test_within_a_route_a_pattern_is_named_with_its_scope() -> None:
    rows = [{"route": "synthetic" if i < 50 else "template", "lint_rules": ["dose"] if i % 5 == 0 else []}
            for i in range(100)]
    decisions = {f"r{i:04}": "rejected" if i < 50 and i % 5 == 0 else "accepted" for i in range(100)}
    one = suggest(table(rows), decisions).found[0]
    assert one.rule.scope == {"routes": ("synthetic",)}
    assert (one.rule.op, one.rule.value) == ("has_any", ("dose",))


def test_thresholds_are_short_and_rules_with_the_same_hits_are_tried_once() -> None:
    rows = table([{"evidence_coverage": value} for value in (0.123456, 0.4, 0.7, 0.9)])
    found = candidate_rules(rows)
    assert [(one.op, one.value) for one in found if one.signal == "evidence_coverage"] == [
        ("<=", 0.1235), (">=", 0.4), ("<=", 0.4), (">=", 0.7), ("<=", 0.7), (">=", 0.9)]
    assert len({one.hits.tobytes() for one in found}) == len(found)
