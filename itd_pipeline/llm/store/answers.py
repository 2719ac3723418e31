"""The store of answers: a SQLite file beside the lake, keyed by the hash of the full payload, and the ledger.

Belongs here: keeping and finding. Does not belong here: sending. Prompts are not stored: their hash is the key.

An answer is committed with `synchronous=FULL` before anyone uses it, so neither a killed process nor a power cut
makes a request due again. A failure is stored too, for the record, and does not count as an answer: whatever its
kind, a later run asks again, because keys, quotas, limits and servers change between runs. The ledger has one
row per request that was really sent, retries included, booked under the build, stage and day that sent it. What may
have been billed without an answer (a time-out) stands there with its worst case, as in the budget. The raw text of an
answer that was asked for again (malformed, truncated) is kept in the ledger's row.

One connection reads and one writes, so that a look-up never waits for a commit.
"""

from __future__ import annotations

import datetime
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from itd_pipeline.errors import StorageError, TransientError
from itd_pipeline.llm.store.schema import prepare
from itd_pipeline.ports import ChatAnswer, FinishReason

_LOOKUP = 500
_FOUND = ("request_id, text, finish_reason, prompt_tokens, completion_tokens, cost_usd, model_version, cached_tokens, "
          "attempts, seconds, stored_at")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was sent, as the ledger keeps it; `error` is empty where it succeeded.

    Args:
        place: host that it was sent to.
        raw: text of an answer that was asked for again.
    """

    request_id: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    error: str = ""
    cached_tokens: int = 0
    seconds: float = 0.0
    place: str = ""
    raw: str = ""


@dataclass(frozen=True)
class Payer:
    """Who pays: the build, the stage and the day (UTC, ISO) that a request is booked under."""

    build: str = ""
    stage: str = ""
    day: str = ""


class AnswerStore:
    """An open store. Use as a context manager.

    Args:
        path: file; made with its folder where it is absent.
        journal: `wal`, or `delete` for a file that several machines share over a network drive.

    Raises:
        StorageError: the file cannot be opened or is no store.
    """

    def __init__(self, path: Path, journal: str = "wal") -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _connect(path)
            self._db.execute(f"PRAGMA journal_mode={'DELETE' if journal == 'delete' else 'WAL'}")
            prepare(self._db)
            self._reads = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{path.name}: the store of model answers cannot be opened ({type(error).__name__}).",
                               "Check the folder's rights and free space; move a damaged file away.") from error

    def __enter__(self) -> AnswerStore:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._reads.close()
            self._db.close()

    def spent_by(self, build: str, stage: str = "") -> float:
        """US dollars booked under a build, and in it under one stage; 0 for the empty name, which is no build."""
        if not build:
            return 0.0
        return self._sum("build = ?" + (" AND stage = ?" if stage else ""), (build, stage) if stage else (build,))

    def spent_on(self, day: str) -> float:
        """US dollars booked on a day, over all builds."""
        return self._sum("day = ?", (day,))

    def _sum(self, where: str, values: tuple[str, ...]) -> float:
        with self._lock:
            row = self._db.execute(f"SELECT coalesce(sum(cost_usd), 0) FROM spent WHERE {where}", values).fetchone()
        return float(row[0])

    def find(self, request_ids: Sequence[str]) -> dict[str, ChatAnswer]:
        """Answers there are, by request id; failures do not count."""
        found: dict[str, ChatAnswer] = {}
        for at in range(0, len(request_ids), _LOOKUP):
            part = request_ids[at : at + _LOOKUP]
            marks = ",".join("?" * len(part))
            for row in self._reads.execute(
                f"SELECT {_FOUND} FROM answers WHERE error = '' AND request_id IN ({marks})", part,
            ):
                found[row[0]] = ChatAnswer(row[0], row[1], cast(FinishReason, row[2]), row[3], row[4], row[5], "", True,
                                           row[6], row[7], row[8], row[9], row[10])
        return found

    def forget(self, request_ids: Sequence[str]) -> int:
        """Delete answers and how they are booked by request; the sums in dollars and tokens stay. Returns how many
        answers were deleted."""
        count = 0
        with self._lock:
            for at in range(0, len(request_ids), _LOOKUP):
                part = request_ids[at : at + _LOOKUP]
                marks = ",".join("?" * len(part))
                count += self._db.execute(f"DELETE FROM answers WHERE request_id IN ({marks})", part).rowcount
                self._db.execute(f"UPDATE ledger SET request_id = 'forgotten', raw = '' WHERE request_id IN ({marks})",
                                 part)
            if count:
                # Deleted rows stay in the file's free pages, and in the log, until these are written over.
                self._db.execute("VACUUM")
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def keep(
        self, model: str, done: Iterable[tuple[ChatAnswer | None, Sequence[Attempt]]], payer: Payer | str = "",
    ) -> None:
        """Commit answers and the attempts behind them, in one transaction. A failure never replaces an answer.

        Raises:
            TransientError: another process holds the file for longer than a minute.
            StorageError: it cannot be written.
        """
        payer = Payer(build=payer) if isinstance(payer, str) else payer
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._write(model, done, payer)
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

    def _write(
        self, model: str, done: Iterable[tuple[ChatAnswer | None, Sequence[Attempt]]], payer: Payer,
    ) -> None:
        now = round(time.time(), 3)
        requests, cost = 0, 0.0
        for answer, attempts in done:
            for a in attempts:
                requests, cost = requests + 1, cost + a.cost_usd
                self._db.execute(
                    "INSERT INTO ledger (request_id, model, prompt_tokens, completion_tokens, cost_usd, error, build, "
                    "stage, day, place, cached_tokens, seconds, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (a.request_id, a.model, a.prompt_tokens, a.completion_tokens, a.cost_usd, a.error, payer.build,
                     payer.stage, payer.day, a.place, a.cached_tokens, a.seconds, a.raw))
            if answer is not None:
                self._db.execute(
                    "INSERT INTO answers (request_id, model, text, finish_reason, error, prompt_tokens, "
                    "completion_tokens, cost_usd, model_version, cached_tokens, attempts, seconds, stored_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO UPDATE SET "
                    "text = excluded.text, finish_reason = excluded.finish_reason, error = excluded.error, "
                    "prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens, "
                    "cost_usd = excluded.cost_usd, model_version = excluded.model_version, cached_tokens = "
                    "excluded.cached_tokens, attempts = excluded.attempts, seconds = excluded.seconds, "
                    "stored_at = excluded.stored_at WHERE answers.error <> ''",
                    (answer.request_id, model, answer.text, answer.finish_reason, answer.error, answer.prompt_tokens,
                     answer.completion_tokens, answer.cost_usd, answer.model_version, answer.cached_tokens,
                     answer.attempts, answer.seconds, answer.answered_at or now))
        if requests:
            self._db.execute(
                "INSERT INTO spent VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, build, stage) DO UPDATE SET "
                "requests = requests + excluded.requests, cost_usd = cost_usd + excluded.cost_usd",
                (payer.day, payer.build, payer.stage, requests, cost))

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """One statement of another part of this room (`batches.py`, `upkeep.py`), committed by itself.

        Raises:
            StorageError: it cannot be run.
        """
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StorageError(f"{self.path.name}: the store of model answers cannot be used "
                               f"({type(error).__name__}).", "Check free space and rights.") from error


def today() -> str:
    """The day that spending is booked on: ISO date, UTC."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection
