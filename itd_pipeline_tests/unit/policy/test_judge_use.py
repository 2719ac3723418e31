"""A judge that has not shown to agree with experts turns nothing away: its rules warn."""

from __future__ import annotations

from dataclasses import replace

from itd_pipeline.policy import JudgeUse, Policy, Rule, held_back, with_judge
from itd_pipeline.ports import Batch
from itd_pipeline_tests.unit.policy.conftest import decide_on

LOW = Rule(name="judged_well", reason="low_judge_score", signal="judge_score", polarity="keep_if", op=">=", value=3,
           action="reject", note="Reasoned.")
UNSURE = Rule(name="judge_sure", reason="judge_unsure", signal="judge_status", polarity="reject_if", op="==",
              value="inconsistent", action="quarantine")
LONG = Rule(name="long", reason="too_short", signal="output_words", polarity="keep_if", op=">=", value=5,
            action="reject")
POLICY = Policy("1", (LOW, UNSURE, LONG))
ROWS = [{"judge_score": 2.0, "judge_status": "judged"}, {"judge_score": 4.0, "judge_status": "inconsistent"},
        {"judge_score": 5.0, "judge_status": "judged"}, {"output_words": 2}]


def outcome(batch: Batch) -> dict[str, str]:
    return {row["row_id"]: row["reason"] for row in batch.rejects.to_pylist()}


def test_a_usable_judge_rejects_and_sets_aside() -> None:
    use = JudgeUse(True, "it agrees")
    assert with_judge(POLICY, use) is POLICY
    assert held_back(POLICY, use) == ()
    assert outcome(decide_on(with_judge(POLICY, use), ROWS)) == {
        "r0": "low_judge_score", "r1": "quarantined", "r3": "too_short"}


def test_an_unusable_judge_only_warns_and_the_reason_is_told() -> None:
    use = JudgeUse(False, "it agrees less than an expert")
    policy = with_judge(POLICY, use)
    assert held_back(POLICY, use) == ("judged_well", "judge_sure")
    assert policy.rules[0].note == "Reasoned. Only warns: it agrees less than an expert."
    assert policy.rules[2] is LONG
    batch = decide_on(policy, ROWS)
    assert outcome(batch) == {"r3": "too_short"}
    assert batch.facts["warned"] == {"judge_unsure": 1, "low_judge_score": 1}


def test_a_rule_that_warns_anyway_is_not_held_back() -> None:
    warns = Policy("1", (replace(LOW, action="warn"),))
    assert held_back(warns, JudgeUse(False, "no")) == ()
