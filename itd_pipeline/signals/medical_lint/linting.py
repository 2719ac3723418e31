"""All rules of the lint, and the signal that counts what they find.

A finding that stands in the evidence word for word is the evidence's, not the record's: a label that prints `QD` may be
quoted. Rules on what is impossible are asked all the same where the record is no quotation as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from itd_pipeline.signals.medical_lint import abbreviations, age_and_sex, doses, emergencies, names, routes, values
from itd_pipeline.signals.medical_lint.rule import SEVERITIES, LintFinding, LintRecord, LintRule
from itd_pipeline.signals.signal import Columns, Records, Signal

RULES: tuple[LintRule, ...] = (
    *doses.RULES, *routes.RULES, *values.RULES, *age_and_sex.RULES, *abbreviations.RULES, *emergencies.RULES,
    *names.RULES,
)
"""In order of family."""


def lint(record: LintRecord, rules: Iterable[LintRule] = RULES) -> list[LintFinding]:
    """What the rules find in a record, in their order; each excerpt of a rule once."""
    return [LintFinding(rule.id, rule.severity, excerpt) for rule in rules
            if not rule.hints or record.holds(rule.hints) for excerpt in dict.fromkeys(rule.find(record))]


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    found: list[list[LintFinding]] = []
    columns = [records.column(name) for name in ("instruction", "input", "output", "sex", "age_group", "audience")]
    for instruction, given, output, sex, age_group, audience, named in zip(*columns, records.named, strict=True):
        evidence = "\n".join(records.evidence[p] for p in named)
        record = LintRecord(instruction, given or "", output, evidence, sex, age_group, audience)
        found.append(lint(record))
    counts = {f"lint_{severity}_count": [sum(f.severity == severity for f in findings) for findings in found]
              for severity in SEVERITIES}
    return {**counts, "lint_rules": [sorted({f.rule for f in findings}) for findings in found]}


SIGNAL = Signal(
    name="medical_lint", version=1, compute=measured,
    columns=("lint_critical_count", "lint_major_count", "lint_minor_count", "lint_rules"),
)
