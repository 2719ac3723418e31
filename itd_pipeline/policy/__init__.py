"""Policy: which measured records are good enough.

Belongs here: reading a policy, deciding by one query, explaining a decision, trying another policy, and how often its
rules hit what experts find sound. Does not belong here: measuring, or any threshold; those stand in conf/policy.yaml,
each with its source.
"""

from __future__ import annotations

from itd_pipeline.policy.audit import RuleAudit, audit_rules
from itd_pipeline.policy.decision import QUARANTINED, RETURNED, apply_policy
from itd_pipeline.policy.explanation import Explained, explain_record
from itd_pipeline.policy.loading import load_policy
from itd_pipeline.policy.rules import Policy, Rule
from itd_pipeline.policy.trial import Trial, try_policy

__all__ = ["QUARANTINED", "RETURNED", "Explained", "Policy", "Rule", "RuleAudit", "Trial", "apply_policy",
           "audit_rules",
           "explain_record", "load_policy", "try_policy"]
