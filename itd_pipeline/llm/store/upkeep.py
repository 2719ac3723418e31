"""Looking after a store: what is in it, what may go, what is handed on. Way in: `itd cache`.

Belongs here: sums over answers, deleting by age, model or kind, exchange as JSON lines. Does not belong here: erasure
of a patient (`AnswerStore.forget`, through `itd forget`). The ledger is never pruned: it says what was paid.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from itd_pipeline.errors import ConfigError
from itd_pipeline.llm.store.answers import AnswerStore
from itd_pipeline.llm.store.ledger import ledger_totals, read_store
from itd_pipeline.ports import ChatAnswer

_DAY_S = 86_400
_COLUMNS = ("request_id", "model", "text", "finish_reason", "error", "prompt_tokens", "completion_tokens", "cost_usd",
            "model_version", "cached_tokens", "attempts", "seconds", "stored_at")
_LINES = 500


def contents(path: Path) -> dict[str, Any]:
    """What a store holds: answers and failures by model, with days; the ledger by model, day, stage and kind of error;
    batches that are waited for; bytes. Zeros where there is no store.

    Raises:
        StorageError: the file is no store.
    """
    if path.is_file():
        with AnswerStore(path):  # an older file gets its new columns
            pass
    answers = read_store(
        path, "SELECT model, sum(error = ''), sum(error <> ''), sum(length(text)), min(stored_at), max(stored_at) "
        "FROM answers GROUP BY model ORDER BY model")
    kinds = read_store(
        path, "SELECT substr(error, 1, instr(error || ':', ':') - 1) AS kind, count(*) FROM ledger WHERE error <> '' "
        "GROUP BY kind ORDER BY kind")
    spent = read_store(path, "SELECT day, stage, sum(requests), sum(cost_usd) FROM spent GROUP BY day, stage "
                             "ORDER BY day, stage")
    waiting = read_store(path, "SELECT batch_id, model, request_ids, created_at FROM batches ORDER BY created_at")
    return {
        "file": str(path), "bytes": path.stat().st_size if path.is_file() else 0,
        "answers": [dict(zip(("model", "answers", "failures", "characters", "first", "last"), row, strict=True))
                    for row in answers],
        "ledger": ledger_totals(path), "errors": dict(kinds),
        "spent": [dict(zip(("day", "stage", "requests", "cost_usd"), row, strict=True)) for row in spent],
        "batches": [{"batch": batch, "model": model, "requests": len(json.loads(ids)), "since": since}
                    for batch, model, ids, since in waiting],
    }


def prune(store: AnswerStore, model: str | None = None, older_than_days: float | None = None, failures: bool = False,
          dry_run: bool = False) -> int:
    """Delete answers; how many they are. What is deleted is asked, and paid for, again when it is needed.

    Args:
        model: only of this model.
        older_than_days: only those stored longer ago.
        failures: only failures, which no run uses.
        dry_run: count and delete nothing.

    Raises:
        ConfigError: nothing says what may go.
    """
    where, values = [], []
    if model is not None:
        where.append("model = ?")
        values.append(model)
    if older_than_days is not None:
        where.append("stored_at < ?")
        values.append(str(time.time() - older_than_days * _DAY_S))
    if failures:
        where.append("error <> ''")
    if not where:
        raise ConfigError("Nothing says what may go.", "Give --model, --older-than or --failures.")
    condition = " AND ".join(where)
    count = int(store.run(f"SELECT count(*) FROM answers WHERE {condition}", values)[0][0])
    if count and not dry_run:
        store.run(f"DELETE FROM answers WHERE {condition}", values)
        store.run("VACUUM")
    return count


def export(path: Path, model: str | None = None) -> Iterator[str]:
    """Every answer as a line of JSON, in order of request ids; failures are not exported.

    Raises:
        StorageError: the file is no store.
    """
    where, values = ("AND model = ?", (model,)) if model else ("", ())
    for row in read_store(path, f"SELECT {', '.join(_COLUMNS)} FROM answers WHERE error = '' {where} "
                                "ORDER BY request_id", values):
        yield json.dumps(dict(zip(_COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"


def take_in(store: AnswerStore, lines: TextIO, name: str) -> int:
    """Answers that another store exported; those that are here stay. Returns how many came in.

    Raises:
        ConfigError: a line is none; those before it are in.
    """
    before = _count(store)
    groups: dict[str, list[tuple[ChatAnswer, tuple[()]]]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            answer = ChatAnswer(
                str(value["request_id"]), str(value["text"]), value["finish_reason"], int(value["prompt_tokens"]),
                int(value["completion_tokens"]), float(value["cost_usd"]), "", False, str(value["model_version"]),
                int(value["cached_tokens"]), int(value["attempts"]), float(value["seconds"]),
                float(value["stored_at"]))
            group = groups.setdefault(str(value["model"]), [])
        except (ValueError, LookupError, TypeError) as error:
            raise ConfigError(f"{name}, line {number}: no answer that `itd cache export` wrote.",
                              "Export it again.") from error
        group.append((answer, ()))
        if len(group) >= _LINES:
            store.keep(str(value["model"]), group)
            group.clear()
    for model, group in groups.items():
        store.keep(model, group)
    return _count(store) - before


def _count(store: AnswerStore) -> int:
    return int(store.run("SELECT count(*) FROM answers WHERE error = ''")[0][0])
