"""No row is lost: what entered a stage is what left it plus what it turned away.

Belongs here: the questions and their SQL. They are asked of the stored files, not of what the stage said of itself,
except for the number of units that entered, which the stage counted at entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Account:
    """The balance of one stage and partition.

    Args:
        units_in: units that entered, as counted at entry.
        rows_out: rows stored.
        rejected: reason -> rows stored beside them.
        problems: sentences; empty where the balance holds.
    """

    units_in: int
    rows_out: int
    rejected: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def balance(connection: duckdb.DuckDBPyConnection, units_in: int, key: tuple[str, ...],
            parent: tuple[str, str] | None = None) -> Account:
    """Account for one stage and partition.

    Args:
        connection: holds the views `account_rows`, `account_rejected` and, with a parent, `account_upstream`.
        units_in: units that entered.
        key: key columns of the rows.
        parent: (column of the rows, key column upstream): every upstream row must have left a row or a reject.
            The column may be a list.
    """
    rows_out = _one(connection, "SELECT count(*) FROM account_rows")
    rejected = dict(
        connection.execute("SELECT reason, count(*) FROM account_rejected GROUP BY 1 ORDER BY 1").fetchall())
    problems = []
    total = rows_out + sum(rejected.values())
    if units_in != total:
        problems.append(f"{units_in:,} units entered, {rows_out:,} rows and {sum(rejected.values()):,} rejects "
                        f"came out: {abs(units_in - total):,} {'lost' if units_in > total else 'too many'}.")
    twice = _one(connection, "SELECT count(*) - count(DISTINCT row_id) FROM account_rejected")
    if twice:
        problems.append(f"{twice:,} rejects share an id with another.")
    if len(key) == 1:
        both = _one(connection, f'SELECT count(*) FROM account_rows r JOIN account_rejected j ON r."{key[0]}" = '
                                "j.row_id")
        if both:
            problems.append(f"{both:,} rows were both kept and rejected.")
    if parent is not None:
        column, upstream_key = parent
        kind = connection.execute(f'SELECT typeof("{column}") FROM account_rows LIMIT 1').fetchone()
        expression = f'unnest("{column}")' if kind and kind[0].endswith("[]") else f'"{column}"'
        missing = _one(connection, f"""
            SELECT count(*) FROM account_upstream u WHERE u."{upstream_key}" NOT IN (
                SELECT {expression} FROM account_rows
                UNION ALL SELECT row_id FROM account_rejected
                UNION ALL SELECT parent_id FROM account_rejected WHERE parent_id IS NOT NULL)""")
        if missing:
            problems.append(f"{missing:,} upstream rows left neither a row nor a reject.")
    return Account(units_in, rows_out, rejected, tuple(problems))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
