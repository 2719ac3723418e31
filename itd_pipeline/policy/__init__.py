"""Policy: which measured records are good enough.

Belongs here: reading a policy, deciding by one query, explaining a decision. Does not belong here: measuring, or any
threshold; those stand in conf/policy.yaml, each with its source.
"""

from __future__ import annotations

from itd_pipeline.policy.decision import apply_policy
from itd_pipeline.policy.explanation import Explained, explain_record
from itd_pipeline.policy.loading import load_policy
from itd_pipeline.policy.rules import Policy, Rule

__all__ = ["Explained", "Policy", "Rule", "apply_policy", "explain_record", "load_policy"]
