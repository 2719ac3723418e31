"""The SQLite file: its tables, one connection for each thread, transactions that are on disk when they return.

WAL with `synchronous=FULL`: a commit is flushed before the call returns, so an answer that the next page follows
cannot be lost. Belongs here: the file. Does not belong here: what rows mean (the other files of this room).
"""

from __future__ import annotations

import datetime
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itd_pipeline.errors import StorageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    pseudonym TEXT PRIMARY KEY, roles TEXT NOT NULL, role TEXT NOT NULL, experience_years INTEGER,
    token_hash TEXT NOT NULL UNIQUE, active INTEGER NOT NULL DEFAULT 1, added_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, pseudonym TEXT NOT NULL, started_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    item_id TEXT PRIMARY KEY, kind TEXT NOT NULL, author TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    task_id INTEGER PRIMARY KEY, reviewer TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,
    item_id TEXT NOT NULL, slot INTEGER NOT NULL, swapped INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 0,
    answer TEXT, answered_at TEXT, seconds REAL, rubric_version TEXT, UNIQUE (reviewer, position));
CREATE UNIQUE INDEX IF NOT EXISTS one_per_place ON tasks (item_id, slot, swapped)
    WHERE kind IN ('record', 'pair');
CREATE UNIQUE INDEX IF NOT EXISTS one_per_person ON tasks (reviewer, item_id, kind, swapped);
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (reviewer, position) WHERE answer IS NULL;
CREATE INDEX IF NOT EXISTS answered_tasks ON tasks (reviewer, answered_at) WHERE answer IS NOT NULL;
CREATE INDEX IF NOT EXISTS judged_items ON tasks (item_id) WHERE answer IS NOT NULL;
CREATE TABLE IF NOT EXISTS drafts (
    who TEXT NOT NULL, about TEXT NOT NULL, content TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (who, about));
CREATE TABLE IF NOT EXISTS opinions (
    item_id TEXT PRIMARY KEY, adjudicator TEXT NOT NULL, revision INTEGER NOT NULL, answer TEXT NOT NULL,
    at TEXT NOT NULL, rubric_version TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    event_id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL,
    content TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_about ON events (about);
CREATE TABLE IF NOT EXISTS seeds (
    seed_id TEXT PRIMARY KEY, author TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seed_versions (
    seed_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, cells TEXT NOT NULL, who TEXT NOT NULL,
    role TEXT NOT NULL, experience_years INTEGER, comment TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (seed_id, version));
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_PATIENCE_S = 30


class Conflict(Exception):
    """Somebody, or another tab, was faster: what is stored stays. Says what is stored in words for the page."""


class Store:
    """An open store. Threads share it; each has a connection of its own.

    Args:
        path: the file; made with its folder where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._connection().executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"{path} cannot be opened ({type(error).__name__}).",
                               "Check that it is the store of reviews, that it may be written, and the disk.") \
                from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._local = threading.local()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a question."""
        return [dict(row) for row in self._connection().execute(query, values)]

    def row(self, query: str, values: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a question, or None."""
        found = self._connection().execute(query, values).fetchone()
        return dict(found) if found is not None else None

    def compact(self) -> None:
        """Write the file anew without what was deleted, also in its log."""
        connection = self._connection()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk when the block ends; an exception leaves nothing of it."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            # Closed by another thread when the server stops; each is used by one thread only.
            found = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
            found.row_factory = sqlite3.Row
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=FULL")
            self._local.connection = found
            self._all.append(found)
        return found


def now() -> str:
    """The time as it is kept beside what people did; it never enters a dataset."""
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="milliseconds")


def note(connection: sqlite3.Connection, who: str, what: str, about: str, content: str = "") -> None:
    """Add to the history, which is never changed."""
    connection.execute("INSERT INTO events (at, who, what, about, content) VALUES (?, ?, ?, ?, ?)",
                       (now(), who, what, about, content))
