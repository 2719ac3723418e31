"""What was ever spent through a store. Belongs here: sums. Not here: what may still be spent (`money/budget.py`)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from itd_pipeline.errors import StorageError

_NAMES = ("requests", "failed", "prompt_tokens", "completion_tokens", "cost_usd")


def ledger_totals(store_path: Path) -> dict[str, Any]:
    """Requests, failures, tokens and US dollars ever sent through a store, in total and by model; zeros for no store.

    Raises:
        StorageError: the file is there and is no store.
    """
    totals: dict[str, Any] = dict.fromkeys(_NAMES, 0) | {"by_model": {}}
    for model, *values in read_store(
        store_path, "SELECT model, count(*), sum(error <> ''), sum(prompt_tokens), sum(completion_tokens), "
        "sum(cost_usd) FROM ledger GROUP BY model ORDER BY model"):
        totals["by_model"][model] = dict(zip(_NAMES, values, strict=True))
        for name, value in zip(_NAMES, values, strict=True):
            totals[name] += value
    return totals


def read_store(store_path: Path, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query; none where there is no store.

    Raises:
        StorageError: the file is there and is no store.
    """
    if not store_path.is_file():
        return []
    try:
        db = sqlite3.connect(store_path, timeout=60)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StorageError(f"{store_path.name}: the ledger cannot be read ({type(error).__name__}).",
                           "Move the file away if it is damaged.") from error
