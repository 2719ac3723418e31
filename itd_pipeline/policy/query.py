"""A policy as SQL over the table `signals`. Belongs here: SQL. Not here: what becomes of the verdicts.

One scan judges all rules that look at one record. Twin rules follow in order: of the members of a cluster that no
rejecting rule has hit so far, the best one stays and the rule hits the others. Best is: outside of the rule's scope,
not bound for quarantine, least `quality_rank`, least id. So a filter drops one of two twins, never both, and where the
best member falls to another rule the next best stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from itd_pipeline.policy.rules import COLUMNS, SCOPE_COLUMN, TWINS, Policy, Rule

OUTCOMES = ("kept", "quarantined", "rejected")
_SQL_OP = {"==": "=", "!=": "<>"}


def decide(connection: duckdb.DuckDBPyConnection, policy: Policy, name: str = "outcomes") -> None:
    """Judge every row of `signals`.

    Creates the temporary tables `NAME` (record_id, route, outcome, position of the deciding rule or null, value) and
    `NAME_twins_I` (record_id, stays) for each twin rule by its position I.
    """
    twins = [(i, rule) for i, rule in enumerate(policy.rules) if rule.is_twin_rule]
    clusters = "".join(f", {TWINS[rule.signal]} AS cluster_{i}, {_scope(rule)} AS covered_{i}" for i, rule in twins)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE "{name}_judged" AS SELECT record_id, route, quality_rank,
            {_first(policy, "reject")} AS rejected_by, {_first(policy, "quarantine")} AS quarantined_by{clusters}
        FROM signals""")
    fallen: list[str] = []
    for i, rule in twins:
        left = "".join(f' ANTI JOIN "{t}" USING (record_id)' for t in fallen)
        alone = (f"AND ({rule.signal} IS NOT NULL OR record_id IN (SELECT {rule.signal} FROM signals))"
                 if TWINS[rule.signal].startswith("coalesce") else "")
        judged = f'"{name}_judged"'
        source = f"(SELECT j.*, s.{rule.signal} FROM {judged} j JOIN signals s USING (record_id))" if alone else judged
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE "{name}_twins_{i}" AS SELECT record_id, stays FROM (
                SELECT record_id, covered_{i} AS covered, first_value(record_id) OVER (PARTITION BY cluster_{i} ORDER BY
                    covered_{i}, quarantined_by IS NOT NULL, quality_rank, record_id) AS stays
                FROM {source} AS members{left}
                WHERE rejected_by IS NULL AND cluster_{i} IS NOT NULL {alone})
            WHERE covered AND record_id <> stays""")
        if rule.action != "warn":
            fallen.append(f"{name}_twins_{i}")
    hit_by = "".join(f' LEFT JOIN "{t}" AS {t.removeprefix(name + "_")} USING (record_id)' for t in fallen)
    positions = [int(t.rsplit("_", 1)[1]) for t in fallen]
    decided = " ".join(f"WHEN twins_{i}.stays IS NOT NULL THEN {i}" for i in positions)
    stays = "".join(f", twins_{i}.stays" for i in positions)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT record_id, route,
            CASE WHEN rejected IS NOT NULL THEN 'rejected' WHEN quarantined_by IS NOT NULL THEN 'quarantined'
                 ELSE 'kept' END AS outcome, coalesce(rejected, quarantined_by) AS position, stays
        FROM (SELECT record_id, route, quarantined_by,
                  {f"coalesce(rejected_by, CASE {decided} END)" if decided else "rejected_by"} AS rejected,
                  coalesce(NULL::VARCHAR{stays}) AS stays
              FROM "{name}_judged"{hit_by})""")


def verdicts(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str = "outcomes", record_id: str | None = None,
) -> Iterator[tuple[int, pa.Table]]:
    """Position of each rule, with a row (record_id, value, passed) for every candidate that it covers, by record id.

    Twin rules cover what no earlier rule has rejected; their value is the id of the twin that stays. With `record_id`,
    only what was said of that candidate.
    """
    only = "" if record_id is None else f" WHERE record_id = {_literal(record_id)}"
    fallen: list[str] = []
    for i, rule in enumerate(policy.rules):
        if not rule.is_twin_rule:
            query = (f"SELECT record_id, {_shown(rule)} AS value, NOT {_hit(rule)} AS passed FROM signals "
                     f"WHERE {_scope(rule)}")
        else:
            left = "".join(f' ANTI JOIN "{t}" USING (record_id)' for t in fallen)
            query = f"""SELECT record_id, coalesce(stays, 'none') AS value, stays IS NULL AS passed FROM "{name}_judged"
                        LEFT JOIN "{name}_twins_{i}" USING (record_id){left} WHERE rejected_by IS NULL AND
                        covered_{i}"""
            if rule.action != "warn":
                fallen.append(f"{name}_twins_{i}")
        yield i, connection.sql(f"SELECT * FROM ({query}){only} ORDER BY record_id").to_arrow_table()


def hit_counts(connection: duckdb.DuckDBPyConnection, policy: Policy, name: str = "outcomes") -> list[int]:
    """How many candidates each rule hits, whatever other rules say; twin rules, of those that are left to them."""
    counted = [f"count(*) FILTER (WHERE {_scope(rule)} AND {_hit(rule)})" for rule in policy.rules
               if not rule.is_twin_rule]
    row = connection.execute(f"SELECT {', '.join(counted)} FROM signals").fetchone() if counted else ()
    single = iter(row or ())
    return [int(next(single)) if not rule.is_twin_rule else _count(connection, f"{name}_twins_{i}")
            for i, rule in enumerate(policy.rules)]


def count_hits(connection: duckdb.DuckDBPyConnection, rule: Rule, where: str, name: str = "outcomes") -> int:
    """How many candidates a rule that is on no twins hits, among those of an outcome.

    Args:
        connection: on which `decide` has judged.
        where: condition on the table of outcomes.
        name: of that table.
    """
    row = connection.execute(f"SELECT count(*) FROM signals WHERE {_scope(rule)} AND {_hit(rule)} AND record_id IN "
                             f'(SELECT record_id FROM "{name}" WHERE {where})').fetchone()
    return int(row[0]) if row else 0


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(row[0]) if row else 0


def _first(policy: Policy, action: str) -> str:
    """Position of the first rule of an action that hits; null where none does."""
    cases = "".join(f" WHEN {_scope(rule)} AND {_hit(rule)} THEN {i}" for i, rule in enumerate(policy.rules)
                    if rule.action == action and not rule.is_twin_rule)
    if not cases:
        return "NULL::INTEGER"
    released = f" WHEN record_id IN ({_literals(tuple(sorted(policy.accepted)))}) THEN NULL" if (
        action == "quarantine" and policy.accepted) else ""
    return f"CASE{released}{cases} END"


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
