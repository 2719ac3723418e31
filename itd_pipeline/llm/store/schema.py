"""Tables of the store of answers, and how an older file becomes one of today. Nothing else belongs here."""

from __future__ import annotations

import sqlite3

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
    request_id TEXT PRIMARY KEY, model TEXT NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    error TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS ledger (
    sent INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, error TEXT NOT NULL,
    build TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS spent (
    day TEXT NOT NULL, build TEXT NOT NULL, stage TEXT NOT NULL, requests INTEGER NOT NULL, cost_usd REAL NOT NULL,
    PRIMARY KEY (day, build, stage)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    token TEXT PRIMARY KEY, batch_id TEXT NOT NULL, model TEXT NOT NULL, place TEXT NOT NULL, state TEXT NOT NULL,
    request_ids TEXT NOT NULL, created_at REAL NOT NULL
);
"""
_ADDED = {
    "answers": {"model_version": "TEXT NOT NULL DEFAULT ''", "cached_tokens": "INTEGER NOT NULL DEFAULT 0",
                "attempts": "INTEGER NOT NULL DEFAULT 1", "seconds": "REAL NOT NULL DEFAULT 0",
                "stored_at": "REAL NOT NULL DEFAULT 0"},
    "ledger": {"build": "TEXT NOT NULL DEFAULT ''", "stage": "TEXT NOT NULL DEFAULT ''",
               "day": "TEXT NOT NULL DEFAULT ''", "place": "TEXT NOT NULL DEFAULT ''",
               "cached_tokens": "INTEGER NOT NULL DEFAULT 0", "seconds": "REAL NOT NULL DEFAULT 0",
               "raw": "TEXT NOT NULL DEFAULT ''"},
}


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, and the columns that a file of an earlier version lacks. Two processes may do so at once."""
    connection.executescript(_TABLES)
    if all(not _missing(connection, table) for table in _ADDED):
        return
    connection.execute("BEGIN IMMEDIATE")
    fresh = "day" in _missing(connection, "ledger")
    for table in _ADDED:
        for column in _missing(connection, table):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {_ADDED[table][column]}")
    connection.execute("CREATE INDEX IF NOT EXISTS ledger_build ON ledger (build)")
    if fresh:
        connection.execute("INSERT OR REPLACE INTO spent SELECT '', build, '', count(*), sum(cost_usd) FROM ledger "
                           "GROUP BY build")
    connection.execute("COMMIT")


def _missing(connection: sqlite3.Connection, table: str) -> list[str]:
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    return [column for column in _ADDED[table] if column not in there]
