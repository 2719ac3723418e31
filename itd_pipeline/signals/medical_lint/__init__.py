"""Medical lint: what is wrong, or wrong to write, whatever the evidence says.

Belongs here: one file per family of rules; each rule has an id, a severity and a source. Does not belong here: claims
without evidence (`grounding`), or what follows from a finding (the policy).

The way in is `linting.lint`. A rule speaks of the record's own text and, for doses, of the doses that its evidence
states.
Severity: `critical` may harm a patient who follows the text; `major` is wrong or misleading; `minor` is a matter of
    style.
"""

from __future__ import annotations

from itd_pipeline.signals.medical_lint.linting import RULES, lint
from itd_pipeline.signals.medical_lint.rule import LintFinding, LintRecord, LintRule

__all__ = ["RULES", "LintFinding", "LintRecord", "LintRule", "lint"]
