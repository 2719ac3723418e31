"""The store of answers: a SQLite file beside the lake, keyed by the hash of the full payload, and the ledger.

Belongs here: keeping and finding. Does not belong here: sending. Prompts are not stored: their hash is the key.

An answer is committed with `synchronous=FULL` before anyone uses it, so neither a killed process nor a power cut
makes a request due again. A failure is stored too, for the record, and does not count as an answer: whatever its
kind, a later run asks again, because keys, quotas, limits and servers change between runs. The ledger has one
row per request that was really sent, retries included, booked under the build that sent it. What may have been billed
without an answer (a time-out) stands there with its worst case, as in the budget.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from itd_pipeline.errors import StorageError, TransientError
from itd_pipeline.ports import ChatAnswer, FinishReason

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    request_id TEXT PRIMARY KEY, model TEXT NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    error TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS ledger (
    sent INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, error TEXT NOT NULL,
    build TEXT NOT NULL DEFAULT ''
);
"""
_ADD_BUILD = "ALTER TABLE ledger ADD COLUMN build TEXT NOT NULL DEFAULT ''"
_LOOKUP = 500


@dataclass(frozen=True)
class Attempt:
    """One request that was sent, as the ledger keeps it; `error` is empty where it succeeded."""

    request_id: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    error: str = ""


class AnswerStore:
    """An open store. Use as a context manager.

    Args:
        path: file; made with its folder where it is absent.

    Raises:
        StorageError: the file cannot be opened or is no store.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{path.name}: the store of model answers cannot be opened ({type(error).__name__}).",
                               "Check the folder's rights and free space; move a damaged file away.") from error

    def __enter__(self) -> AnswerStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _migrate(self) -> None:
        """A store of an earlier version has no column `build`. Two processes may open it at once."""
        self._db.execute("BEGIN IMMEDIATE")
        if "build" not in {row[1] for row in self._db.execute("PRAGMA table_info(ledger)")}:
            self._db.execute(_ADD_BUILD)
        self._db.execute("CREATE INDEX IF NOT EXISTS ledger_build ON ledger (build)")
        self._db.execute("COMMIT")

    def spent_by(self, build: str) -> float:
        """US dollars booked under a build; 0 for the empty name, which stands for no build."""
        if not build:
            return 0.0
        row = self._db.execute("SELECT coalesce(sum(cost_usd), 0) FROM ledger WHERE build = ?", (build,)).fetchone()
        return float(row[0])

    def find(self, request_ids: Sequence[str]) -> dict[str, ChatAnswer]:
        """Answers there are, by request id; failures do not count."""
        found: dict[str, ChatAnswer] = {}
        for at in range(0, len(request_ids), _LOOKUP):
            part = request_ids[at : at + _LOOKUP]
            marks = ",".join("?" * len(part))
            for row in self._db.execute(
                "SELECT request_id, text, finish_reason, prompt_tokens, completion_tokens, cost_usd FROM answers "
                f"WHERE error = '' AND request_id IN ({marks})", part,
            ):
                found[row[0]] = ChatAnswer(row[0], row[1], cast(FinishReason, row[2]), row[3], row[4], row[5],
                                           cached=True)
        return found

    def forget(self, request_ids: Sequence[str]) -> int:
        """Delete answers and how they are booked by request; the sums in dollars and tokens stay. Returns how many
        answers were deleted."""
        count = 0
        for at in range(0, len(request_ids), _LOOKUP):
            part = request_ids[at : at + _LOOKUP]
            marks = ",".join("?" * len(part))
            count += self._db.execute(f"DELETE FROM answers WHERE request_id IN ({marks})", part).rowcount
            self._db.execute(f"UPDATE ledger SET request_id = 'forgotten' WHERE request_id IN ({marks})", part)
        if count:
            # Deleted rows stay in the file's free pages, and in the log, until these are written over.
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def keep(
        self, model: str, done: Iterable[tuple[ChatAnswer | None, Sequence[Attempt]]], build: str = "",
    ) -> None:
        """Commit answers and the attempts behind them, in one transaction. A failure never replaces an answer."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for answer, attempts in done:
                self._db.executemany(
                    "INSERT INTO ledger (request_id, model, prompt_tokens, completion_tokens, cost_usd, error, build) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [(a.request_id, a.model, a.prompt_tokens, a.completion_tokens, a.cost_usd, a.error, build)
                     for a in attempts])
                if answer is not None:
                    self._db.execute(
                        "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO UPDATE SET "
                        "text = excluded.text, finish_reason = excluded.finish_reason, error = excluded.error, "
                        "prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens, "
                        "cost_usd = excluded.cost_usd WHERE answers.error <> ''",
                        (answer.request_id, model, answer.text, answer.finish_reason, answer.error,
                         answer.prompt_tokens, answer.completion_tokens, answer.cost_usd))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise TransientError("The store of model answers is in use by another process.",
                                     "It is tried again; nothing is lost.") from error
            raise StorageError(f"The store of model answers cannot be written ({type(error).__name__}).",
                               "Check free space; the run can then be started again.") from error
        finally:  # after an interrupt too, so that the answers can be kept on the way out
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def ledger_totals(store_path: Path) -> dict[str, Any]:
    """Requests, failures, tokens and US dollars ever sent through a store, in total and by model; zeros for no store.

    Raises:
        StorageError: the file is there and is no store.
    """
    names = ("requests", "failed", "prompt_tokens", "completion_tokens", "cost_usd")
    totals: dict[str, Any] = dict.fromkeys(names, 0) | {"by_model": {}}
    if not store_path.is_file():
        return totals
    try:
        db = sqlite3.connect(store_path, timeout=60)
        try:
            rows = db.execute("SELECT model, count(*), sum(error <> ''), sum(prompt_tokens), sum(completion_tokens), "
                              "sum(cost_usd) FROM ledger GROUP BY model ORDER BY model").fetchall()
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StorageError(f"{store_path.name}: the ledger cannot be read ({type(error).__name__}).",
                           "Move the file away if it is damaged.") from error
    for model, *values in rows:
        totals["by_model"][model] = dict(zip(names, values, strict=True))
        for name, value in zip(names, values, strict=True):
            totals[name] += value
    return totals
