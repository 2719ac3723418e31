"""Another policy on the signals that are there: what would become of the candidates, without building anything.

Belongs here: the comparison of two policies over one table of signals. Does not belong here: reading the lake or
printing. Nothing is measured and no text is read, so a million candidates take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from itd_pipeline.policy.query import OUTCOMES, decide, hit_counts
from itd_pipeline.policy.rules import Policy


@dataclass(frozen=True)
class Step:
    """What one rule of the tried policy does.

    Args:
        rule: its name.
        version: its version.
        action: reject, quarantine or warn.
        threshold: the comparison in words.
        hits: candidates it hits, whatever other rules say; a rule on twins, of those that are left to it.
        decides: candidates whose outcome it decides, as the first rule that hits them.
        hits_before: what the rule of this name hits in the policy in force; None where there is none.
    """

    rule: str
    version: int
    action: str
    threshold: str
    hits: int
    decides: int
    hits_before: int | None


@dataclass(frozen=True)
class Changed:
    """A candidate whose outcome changes.

    Args:
        record_id: its id.
        source: its source.
        before: outcome under the policy in force, with the deciding rule.
        after: outcome under the tried policy, with the deciding rule.
    """

    record_id: str
    source: str
    before: str
    after: str


@dataclass(frozen=True)
class Trial:
    """The funnel under another policy.

    Args:
        candidates: how many there are.
        outcomes: outcome -> (candidates under the policy in force, under the tried one).
        steps: rules of the tried policy, in order.
        gained: candidates that would be kept and are not, in all.
        lost: candidates that are kept and would not be, in all.
        gained_examples: some of them, the same on every run.
        lost_examples: some of them.
    """

    candidates: int
    outcomes: dict[str, tuple[int, int]]
    steps: tuple[Step, ...]
    gained: int
    lost: int
    gained_examples: tuple[Changed, ...]
    lost_examples: tuple[Changed, ...]


def try_policy(connection: duckdb.DuckDBPyConnection, tried: Policy, in_force: Policy, examples: int = 5) -> Trial:
    """Compare two policies.

    Args:
        connection: with a table or view `signals` in the columns of `tables.signals.SIGNALS`.
        tried: the policy to try.
        in_force: the policy to compare it with.
        examples: how many gained and lost candidates to name.
    """
    decide(connection, in_force, "before")
    decide(connection, tried, "after")
    hits, hits_before = hit_counts(connection, tried, "after"), hit_counts(connection, in_force, "before")
    before_by_name = {rule.name: count for rule, count in zip(in_force.rules, hits_before, strict=True)}
    decided = dict(connection.execute("SELECT position, count(*) FROM after WHERE position IS NOT NULL GROUP BY "
                                      "1").fetchall())
    steps = tuple(Step(rule.name, rule.version, rule.action, rule.threshold, hits[i], int(decided.get(i, 0)),
                       before_by_name.get(rule.name)) for i, rule in enumerate(tried.rules))
    counts = {table: dict(connection.execute(f'SELECT outcome, count(*) FROM "{table}" GROUP BY 1').fetchall())
              for table in ("before", "after")}
    connection.execute("""CREATE OR REPLACE TEMP TABLE changed AS
        SELECT record_id, b.outcome AS was, b.position AS was_by, a.outcome AS becomes, a.position AS becomes_by
        FROM before b JOIN after a USING (record_id) WHERE b.outcome <> a.outcome AND 'kept' IN (b.outcome,
        a.outcome)""")
    gained, lost = (connection.execute("SELECT count(*) FROM changed WHERE becomes = 'kept'").fetchone(),
                    connection.execute("SELECT count(*) FROM changed WHERE was = 'kept'").fetchone())
    return Trial(
        candidates=sum(counts["after"].values()),
        outcomes={outcome: (int(counts["before"].get(outcome, 0)), int(counts["after"].get(outcome, 0)))
                  for outcome in OUTCOMES},
        steps=steps,
        gained=int(gained[0]) if gained else 0, lost=int(lost[0]) if lost else 0,
        gained_examples=_examples(connection, "becomes = 'kept'", in_force, tried, examples),
        lost_examples=_examples(connection, "was = 'kept'", in_force, tried, examples),
    )


def _examples(
    connection: duckdb.DuckDBPyConnection, which: str, in_force: Policy, tried: Policy, count: int,
) -> tuple[Changed, ...]:
    """Changed candidates by the hash of their ids: a draw that is the same on every run."""
    rows = connection.execute(f"""
        SELECT c.record_id, s.source, was, was_by, becomes, becomes_by FROM changed c JOIN signals s USING (record_id)
        WHERE {which} ORDER BY md5(c.record_id) LIMIT {count}""").fetchall()
    return tuple(Changed(record_id, source, _named(was, was_by, in_force), _named(becomes, by, tried))
                 for record_id, source, was, was_by, becomes, by in rows)


def _named(outcome: str, position: int | None, policy: Policy) -> str:
    return outcome if position is None else f"{outcome} by {policy.rules[position].name}"

