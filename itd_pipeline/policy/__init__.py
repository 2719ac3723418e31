"""Policy: which measured records are good enough.

Belongs here: reading a policy, deciding by one query, explaining a decision, trying another policy, how often its rules
hit what experts find sound, and which rules would have turned away what experts rejected. Does not belong here:
measuring, or any threshold; those stand in conf/policy.yaml, each with its source.
"""

from __future__ import annotations

from itd_pipeline.policy.audit import RuleAudit, audit_rules
from itd_pipeline.policy.decision import QUARANTINED, RETURNED, apply_policy
from itd_pipeline.policy.explanation import Explained, explain_record
from itd_pipeline.policy.judge_use import JudgeUse, held_back, with_judge
from itd_pipeline.policy.loading import load_policy
from itd_pipeline.policy.rules import Policy, Rule
from itd_pipeline.policy.suggesting import Suggestion, Suggestions, as_yaml, suggest_rules
from itd_pipeline.policy.trial import Trial, try_policy

__all__ = ["QUARANTINED", "RETURNED", "Explained", "JudgeUse", "Policy", "Rule", "RuleAudit", "Suggestion",
           "Suggestions", "Trial", "apply_policy", "as_yaml", "audit_rules", "explain_record", "held_back",
           "load_policy", "suggest_rules", "try_policy", "with_judge"]
