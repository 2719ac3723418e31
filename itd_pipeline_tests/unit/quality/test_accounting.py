"""The balance holds, or says what is missing."""

import duckdb
import pytest

from itd_pipeline.quality.accounting import Account, balance


def account(rows: str, rejected: str, units_in: int, upstream: str | None = None, column: str = "parent") -> Account:
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW account_rows AS SELECT * FROM (VALUES {rows}) AS t(id, parent)")
    connection.execute(f"CREATE VIEW account_rejected AS SELECT * FROM (VALUES {rejected}) AS t(row_id, parent_id, "
                       "reason) WHERE row_id IS NOT NULL")
    if upstream:
        connection.execute(f"CREATE VIEW account_upstream AS SELECT * FROM (VALUES {upstream}) AS t(key)")
    return balance(connection, units_in, ("id",), (column, "key") if upstream else None)


NONE = "(NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR)"


def test_in_equals_out_plus_rejected() -> None:
    found = account("('a', 'd1'), ('b', 'd1')", "('c', 'd2', 'odd')", 3, "('d1'), ('d2')")
    assert found.holds
    assert found.rejected == {"odd": 1}


@pytest.mark.parametrize(
    ("rows", "rejected", "units_in", "upstream", "says"),
    [
        ("('a', 'd1')", NONE, 2, None, "1 lost"),
        ("('a', 'd1'), ('b', 'd1')", NONE, 1, None, "1 too many"),
        ("('a', 'd1')", "('x', NULL, 'odd'), ('x', NULL, 'odd')", 3, None, "1 rejects share an id"),
        ("('a', 'd1')", "('a', NULL, 'odd')", 2, None, "both kept and rejected"),
        ("('a', 'd1')", "('x', NULL, 'odd')", 2, "('d1'), ('d2')", "1 upstream rows left neither"),
    ],
)
def test_what_does_not_balance_is_said(rows: str, rejected: str, units_in: int, upstream: str | None,
                                       says: str) -> None:
    found = account(rows, rejected, units_in, upstream)
    assert not found.holds
    assert says in " ".join(found.problems)


def test_a_parent_may_be_a_list() -> None:
    found = account("('a', ['d1', 'd2'])", NONE, 1, "('d1'), ('d2')")
    assert found.holds
