"""A policy as one SQL query over the table `signals`. Belongs here: SQL. Not here: what becomes of the verdicts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from itd_pipeline.policy.rules import COLUMNS, SCOPE_COLUMN, TWINS, Policy, Rule

_SQL_OP = {"==": "=", "!=": "<>"}


def verdict_query(policy: Policy) -> str:
    """SQL that gives (record_id, position, value): each rule, by its position in the policy, that hits a record.

    Rules that look at one record come first. Twin rules follow in order: of the members of a cluster that no
    rejecting rule has hit so far, the best one by `quality_rank` stays and the rule hits the others; members
    outside the rule's scope are never hit and are the first to stay. So a filter drops one of two twins, never both.
    """
    single = [(i, rule) for i, rule in enumerate(policy.rules) if not rule.is_twin_rule]
    twins = [(i, rule) for i, rule in enumerate(policy.rules) if rule.is_twin_rule]
    hits = [_single_hits(i, rule) for i, rule in single] or [_NO_HITS]
    parts = ["hits_0 AS (\n  " + "\n  UNION ALL ".join(hits) + "\n)"]
    rejecting = ", ".join(str(i) for i, rule in single if rule.action == "reject") or "-1"
    parts.append("left_0 AS (SELECT * FROM signals ANTI JOIN "
                 f"(SELECT record_id FROM hits_0 WHERE position IN ({rejecting})) USING (record_id))")
    for step, (i, rule) in enumerate(twins, start=1):
        parts.append(
            f"twins_{step} AS (SELECT record_id, {_scope(rule)} AS covered, first_value(record_id) OVER "
            f"(PARTITION BY {TWINS[rule.signal]} ORDER BY {_scope(rule)}, quality_rank, record_id) AS stays "
            f"FROM left_{step - 1} WHERE {TWINS[rule.signal]} IS NOT NULL)")
        parts.append(f"hits_{step} AS (SELECT record_id, {i} AS position, stays AS value FROM twins_{step} "
                     "WHERE covered AND record_id <> stays)")
        without = f" ANTI JOIN hits_{step} USING (record_id)" if rule.action == "reject" else ""
        parts.append(f"left_{step} AS (SELECT * FROM left_{step - 1}{without})")
    union = " UNION ALL ".join(f"SELECT * FROM hits_{step}" for step in range(len(twins) + 1))
    return "WITH " + ",\n".join(parts) + f"\nSELECT * FROM ({union}) ORDER BY record_id, position"


_NO_HITS = "SELECT record_id, -1 AS position, '' AS value FROM signals WHERE false"


def _single_hits(position: int, rule: Rule) -> str:
    return (f"SELECT record_id, {position} AS position, {_shown(rule)} AS value FROM signals "
            f"WHERE {_scope(rule)} AND {_hit(rule)}")


def _hit(rule: Rule) -> str:
    """Condition under which the rule hits; never null, because a null is a case of its own."""
    compared = _comparison(rule)
    hit = compared if rule.polarity == "reject_if" else f"NOT ({compared})"
    if rule.op in ("is_null", "not_null"):
        return f"({hit})"
    missing = "true" if rule.if_missing == "reject" else "false"
    return f"(CASE WHEN {rule.signal} IS NULL THEN {missing} ELSE {hit} END)"


def _comparison(rule: Rule) -> str:
    signal, op = rule.signal, rule.op
    if op in ("is_null", "not_null"):
        return f"{signal} IS {'NOT ' if op == 'not_null' else ''}NULL"
    if op in ("is_empty", "not_empty"):
        return f"len({signal}) {'=' if op == 'is_empty' else '>'} 0"
    if op in ("has_any", "has_none"):
        found = f"list_has_any({signal}, [{_literals(rule.value)}])"
        return found if op == "has_any" else f"NOT {found}"
    if op in ("in", "not_in"):
        return f"{signal} {'NOT ' if op == 'not_in' else ''}IN ({_literals(rule.value)})"
    return f"{signal} {_SQL_OP.get(op, op)} {_literal(rule.value)}"


def _shown(rule: Rule) -> str:
    kind = COLUMNS[rule.signal].type
    shown = rule.signal
    if pa.types.is_floating(kind):
        shown = f"round({rule.signal}, 6)"
    elif pa.types.is_list(kind):
        shown = f"array_to_string({rule.signal}, ', ')"
    return f"coalesce(CAST({shown} AS VARCHAR), 'not measured')"


def _scope(rule: Rule) -> str:
    conditions = []
    for key, wanted in rule.scope.items():
        if key == "patient_data":
            conditions.append(f"patient_data = {_literal(wanted)}")
        else:
            column = SCOPE_COLUMN[key.removeprefix("except_")]
            negation = "NOT " if key.startswith("except_") else ""
            conditions.append(f"{column} {negation}IN ({_literals(wanted)})")
    return "(" + (" AND ".join(conditions) or "true") + ")"


def _literals(values: tuple[str, ...]) -> str:
    return ", ".join(_literal(value) for value in values)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"CAST({value!r} AS DOUBLE)"
