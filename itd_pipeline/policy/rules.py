"""A policy as data: rules in order, each a comparison of one signal.

Belongs here: what a rule is, which comparisons a signal allows, which records a rule covers. Does not belong here:
reading the file (`loading`), the decision (`decision`), or any threshold (conf/policy.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Column
from itd_pipeline.tables.signals import SIGNALS

COLUMNS: Mapping[str, Column] = {
    c.name: c for c in SIGNALS.columns if c.name not in {"record_id", "source", "contamination_matches"}}
"""Signals that a rule may read."""

TWINS: Mapping[str, str] = {
    "exact_duplicate_of": "coalesce(exact_duplicate_of, record_id)",
    "near_duplicate_of": "near_duplicate_cluster",
    "instruction_near_duplicate_of": "instruction_near_duplicate_cluster",
    "prompt_near_duplicate_of": "prompt_near_duplicate_cluster",
    "output_near_duplicate_of": "output_near_duplicate_cluster",
}
"""Signals that name a better twin, with the SQL of the cluster. A rule on one of them keeps the best member that
passes all other rules, whether or not that is the one the signal names."""

SCOPES: Mapping[str, tuple[str, ...] | None] = {
    "routes": v.ROUTE, "except_routes": v.ROUTE, "tasks": v.TASK_TYPE, "except_tasks": v.TASK_TYPE, "sources": None,
    "except_sources": None,
}
"""Keys of a scope that take a list, with their vocabulary; `patient_data` takes true or false."""

SCOPE_COLUMN: Mapping[str, str] = {"routes": "route", "tasks": "task_type", "sources": "source"}

_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_NULL = ("is_null", "not_null")
WITHOUT_VALUE = (*_NULL, "is_empty", "not_empty")


def operators(signal: str) -> tuple[str, ...]:
    """Comparisons that the signal allows."""
    column = COLUMNS[signal]
    if signal in TWINS:
        return ("is_null",)
    nullable = _NULL if column.nullable else ()
    if pa.types.is_list(column.type):
        return ("is_empty", "not_empty", "has_any", "has_none")
    if pa.types.is_boolean(column.type):
        return ("==", "!=", *nullable)
    if pa.types.is_string(column.type):
        return ("==", "!=", "in", "not_in", *nullable)
    return (*_ORDER, *nullable)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        name: unique within the policy.
        reason: reason code of the reject, in snake_case.
        signal: column of `tables.signals.SIGNALS`.
        polarity: whether the comparison says what is kept or what is hit.
        op: comparison, one of `operators(signal)`.
        value: what is compared with; None where the comparison takes none.
        action: `reject` turns the record away, `quarantine` sets it aside for experts, `warn` only records the verdict.
        if_missing: what a null (not measured) means: the rule passes, or it hits.
        scope: which records the rule covers: lists by key of `SCOPES`, and `patient_data`; empty covers all.
        note: where the rule and its threshold come from.
        version: raised by hand where the rule changes its meaning; stands in every verdict.
    """

    name: str
    reason: str
    signal: str
    polarity: Literal["keep_if", "reject_if"]
    op: str
    value: Any
    action: Literal["reject", "quarantine", "warn"]
    if_missing: Literal["pass", "reject"] = "pass"
    scope: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    version: int = 1

    @property
    def threshold(self) -> str:
        """The comparison in words, such as `keep if >= 3`."""
        shown = ", ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        if isinstance(shown, bool):
            shown = str(shown).lower()
        comparison = self.op if shown is None else f"{self.op} {shown}"
        return f"{self.polarity.replace('_', ' ')} {comparison}"

    @property
    def is_twin_rule(self) -> bool:
        return self.signal in TWINS

    def covers(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of signals lies in the scope."""
        for key, wanted in self.scope.items():
            if key == "patient_data":
                inside = row["patient_data"] == wanted
            else:
                inside = (row[SCOPE_COLUMN[key.removeprefix("except_")]] in wanted) != key.startswith("except_")
            if not inside:
                return False
        return True


@dataclass(frozen=True)
class Policy:
    """Rules in the order in which reasons are given.

    Args:
        version: as in the file; stands in the facts of every run.
        rules: in order; the first that rejects a record gives its reason.
        accepted: records that experts let out of quarantine, with who said so and why.
    """

    version: str
    rules: tuple[Rule, ...]
    accepted: Mapping[str, str] = field(default_factory=dict)
