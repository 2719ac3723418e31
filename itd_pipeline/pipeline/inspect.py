"""Ask of a stored partition everything that must hold of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from itd_pipeline.expectations.runner import Finding, evaluate
from itd_pipeline.pipeline import judge_verdict, release_gate, seed_balance
from itd_pipeline.pipeline.canary_search import DESCRIPTION, NO_CANARIES, canary_hits, searched
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.pipeline.watching import watch
from itd_pipeline.quality.accounting import balance
from itd_pipeline.quality.expectations import (
    CHECKS,
    checks_for,
    expectations_for,
    frame_query,
    schema_expectation,
    typed_names,
)
from itd_pipeline.quality.rules import RULES
from itd_pipeline.quality.watch import WATCHED
from itd_pipeline.settings import Settings
from itd_pipeline.storage.queries import connect, create_view


@dataclass(frozen=True)
class Outcome:
    """One check: whether it held, and why, as a sentence with counts."""

    check: str
    held: bool
    sentence: str
    numbers: Mapping[str, int] = field(default_factory=dict)


def blocks(stage: Stage, check: str, settings: Settings) -> bool:
    """Whether nothing downstream may run, and nothing is published, where a check fails."""
    if (stage.name, check) == (release_gate.STAGE, release_gate.CHECK):
        return release_gate.stops(settings)
    if check in dict(WATCHED.get(stage.name, ())) or check in seed_balance.DESCRIPTIONS \
            or check in judge_verdict.DESCRIPTIONS:
        return False
    return all(rule.blocking for rule in RULES.get(stage.name, ()) if rule.check == check)


def verify(stage: Stage, stages: Mapping[str, Stage], scope: Scope) -> list[Outcome]:
    """Run every check of a stage in one scope and keep the verdict. Only what has passed its blocking checks is
    published, and read by stages downstream, in this run and in any later one.

    Raises:
        NotBuiltError: there is nothing to check.
    """
    manifest = scope.lake.require(stage.name, scope.partition)
    outcomes = list(inspect(stage, stages, scope))
    passed = all(outcome.held for outcome in outcomes if blocks(stage, outcome.check, scope.settings))
    if passed:
        stage.publish(scope, manifest)
    scope.lake.mark(stage.name, scope.partition, manifest.data_version, passed)
    return outcomes


def inspect(stage: Stage, stages: Mapping[str, Stage], scope: Scope) -> Iterator[Outcome]:
    """Every outcome of a stage's checks in one scope. Raises NotBuiltError where there is nothing to ask."""
    lake = scope.lake
    with connect(lake) as connection:
        create_view(connection, "rows", [lake.path(stage.name, scope.partition)])
        create_view(connection, "rejected", [lake.path(stage.name, scope.partition, "rejected")])
        yield _accounting(stage, scope, connection, stages)
        for side in stage.sides:
            create_view(connection, side.name, [lake.path(stage.name, scope.partition, side.name)])
        for name in _views_needed(stage):
            create_view(connection, name, _files(name, stages, scope))
        for name in sorted({side for rule in RULES.get(stage.name, ()) for side in rule.sides}):
            create_view(connection, name, [lake.path(stage.name, scope.partition, name)])
        yield from _contract(stage, scope, connection)
        if searched(stage):
            hits = canary_hits(stage, scope, connection)
            yield Outcome(NO_CANARIES, hits == 0, DESCRIPTION if hits == 0 else f"{DESCRIPTION} Not so for {hits:,}.",
                          {"hits": hits})
        for check, findings, otherwise in watch(stage, scope, connection):
            described = dict(WATCHED[stage.name])[check]
            yield _outcome(check, findings, described) if findings else Outcome(check, True, otherwise)
        if stage.name == seed_balance.STAGE:
            yield from (Outcome(*found) for found in seed_balance.seed_checks(scope))
        if stage.name == judge_verdict.STAGE:
            yield from (Outcome(*found) for found in judge_verdict.judge_checks(scope))
        if stage.name == release_gate.STAGE:
            yield Outcome(release_gate.CHECK, *release_gate.release_check(scope))
        for rule in RULES.get(stage.name, ()):
            row = connection.execute(rule.query).fetchone()
            count = int(row[0]) if row else -1
            says = rule.description if count == 0 else f"{rule.description} Not so for {count:,}."
            yield Outcome(rule.check, count == 0, says, {"violations": count})


def _contract(stage: Stage, scope: Scope, connection: duckdb.DuckDBPyConnection) -> Iterator[Outcome]:
    """The checks that follow from the table's definition. On a file of another schema only that one is asked."""
    import pandas as pd

    with pq.ParquetFile(scope.lake.path(stage.name, scope.partition)) as file:
        stored = pd.DataFrame(columns=typed_names(file.schema_arrow))
    findings = evaluate(stored, [schema_expectation(stage.table)])
    if findings[0].held:
        targets = {target.split(".")[0] for target in (stage.table.references or {}).values()}
        frame = connection.execute(frame_query(stage.table, "rows", {name: name for name in targets})).df()
        findings += evaluate(frame, expectations_for(stage.table, stage.may_be_empty))
    for check in checks_for(stage.table, stage.may_be_empty):
        outcome = _outcome(check, [f for f in findings if f.expectation.check == check])
        if check == "has_rows" and not outcome.held:
            outcome = replace(outcome, sentence=_why_empty(stage, scope))
        yield outcome


def _why_empty(stage: Stage, scope: Scope) -> str:
    manifest = scope.lake.require(stage.name, scope.partition)
    if not manifest.units_in:
        return "The table holds no row, because nothing came in: look at the files or stages that it reads."
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in manifest.rejected.items())
    return f"The table holds no row: all {manifest.units_in:,} that came in were rejected ({reasons}). " \
           f"`itd rejects --stage {stage.name} --sample 5` shows some."


def _accounting(stage: Stage, scope: Scope, connection: duckdb.DuckDBPyConnection,
                stages: Mapping[str, Stage]) -> Outcome:
    connection.execute("CREATE VIEW account_rows AS SELECT * FROM rows")
    connection.execute("CREATE VIEW account_rejected AS SELECT * FROM rejected")
    parent = None
    if stage.parent is not None:
        column, upstream = stage.parent
        create_view(connection, "account_upstream", _files(upstream, stages, scope))
        parent = (column, stages[upstream].table.key[0])
    account = balance(connection, scope.lake.require(stage.name, scope.partition).units_in, stage.table.key, parent)
    rejected = sum(account.rejected.values())
    says = " ".join(account.problems) or (
        f"{account.units_in:,} in = {account.rows_out:,} out + {rejected:,} rejected.")
    return Outcome("rows_accounted", account.holds, says,
                   {"units_in": account.units_in, "rows_out": account.rows_out, "rejected": rejected})


def _outcome(check: str, findings: list[Finding], described: str = "") -> Outcome:
    failed = [f for f in findings if not f.held]
    numbers = {"expectations": len(findings), "failed": len(failed), "unexpected_values": sum(f.unexpected
                                                                                            for f in failed)}
    if not findings:
        return Outcome(check, False, "No expectation was evaluated.", numbers)
    if not failed:
        held = "1 expectation" if len(findings) == 1 else f"{len(findings)} expectations"
        return Outcome(check, True, f"{described or CHECKS[check]} {held} held.", numbers)
    reasons = "; ".join(
        f"{f.expectation.arguments.get('column', 'table')}: {f.problem or f'{f.unexpected:,} of {f.evaluated:,}'}"
        for f in failed)
    return Outcome(check, False, f"{described or CHECKS[check]} Not so: {reasons}.", numbers)


def _views_needed(stage: Stage) -> list[str]:
    referenced = {target.split(".")[0] for target in (stage.table.references or {}).values()}
    return sorted(referenced | {view for rule in RULES.get(stage.name, ()) for view in rule.views})


def _files(name: str, stages: Mapping[str, Stage], scope: Scope) -> list[Path]:
    if not stages[name].partitioned:
        return [scope.lake.path(name)]
    partitions = [scope.partition] if scope.partition else scope.built(name)
    return [scope.lake.path(name, partition) for partition in partitions]
