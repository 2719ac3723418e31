"""Why a record was kept or turned away: every rule of the policy, with what it saw. For people to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from itd_pipeline.policy.rules import Policy


class Explained(NamedTuple):
    """One rule and what it said.

    Args:
        rule: its name.
        value: the signal's value in words; for a twin rule that was hit, the id of the twin that stays.
        threshold: the comparison in words.
        outcome: `not applicable` where the rule does not cover the record, where the signal was not measured, and for
            a twin rule where the record was turned away for something else.
    """

    rule: str
    value: str
    threshold: str
    outcome: Literal["passed", "failed", "not applicable"]


def explain_record(
    signals_row: Mapping[str, Any], verdict_rows: Sequence[Mapping[str, Any]], policy: Policy,
) -> list[Explained]:
    """Every rule of the policy on one record, in the policy's order.

    Args:
        signals_row: the record's row of `tables.signals.SIGNALS`.
        verdict_rows: rows of `tables.signals.VERDICTS`; those of other records are passed over.
        policy: the policy that gave the verdicts.
    """
    said = {row["rule"]: row for row in verdict_rows if row["record_id"] == signals_row["record_id"]}
    explained = []
    for rule in policy.rules:
        value = signals_row[rule.signal]
        verdict = said.get(rule.name)
        if verdict is not None and not verdict["passed"]:
            explained.append(Explained(rule.name, str(verdict["value"]), rule.threshold, "failed"))
        elif verdict is None:
            explained.append(Explained(rule.name, _shown(value), rule.threshold, "not applicable"))
        elif value is None and rule.op not in ("is_null", "not_null"):
            explained.append(Explained(rule.name, "not measured", rule.threshold, "not applicable"))
        else:
            explained.append(Explained(rule.name, _shown(value), rule.threshold, "passed"))
    return explained


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{round(value, 6):g}"
    return ", ".join(value) if isinstance(value, list) else str(value)
