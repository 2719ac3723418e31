"""An automatic judge turns records away only as far as it agrees with the experts.

A rule on a signal of the judge rejects or sets aside where a calibration says that the judge may be used; otherwise the
same rule warns. So the verdict on the judge is an input of the policy, and what the rule would have hit is still told.

Belongs here: what becomes of such rules. Does not belong here: the calibration (`evaluation/judge_calibration.py`), or
where its verdict is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from itd_pipeline.policy.rules import Policy, Rule

JUDGE_SIGNALS = ("judge_score", "judge_status", "judge_scores")


@dataclass(frozen=True)
class JudgeUse:
    """Whether the judge counts.

    Args:
        used: whether rules on its signals reject and set aside.
        why: in words.
    """

    used: bool
    why: str


def with_judge(policy: Policy, use: JudgeUse) -> Policy:
    """The policy in force: where the judge is not used, its rules warn."""
    if use.used:
        return policy
    return replace(policy, rules=tuple(
        replace(rule, action="warn", note=f"{rule.note} Only warns: {use.why}.".strip()) if _decides(rule) else rule
        for rule in policy.rules))


def held_back(policy: Policy, use: JudgeUse) -> tuple[str, ...]:
    """Names of the rules that only warn because the judge is not used."""
    return () if use.used else tuple(rule.name for rule in policy.rules if _decides(rule))


def _decides(rule: Rule) -> bool:
    return rule.signal in JUDGE_SIGNALS and rule.action != "warn"
