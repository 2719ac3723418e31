"""Dagster's own records of runs and events, as `itd build` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import Engine, event


@contextmanager
def local_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance below `home`, without a flush to disk at each event.

    Dagster opens, commits and closes its SQLite files some three thousand times in a small build; where a flush takes
    7 ms that is 25 of 60 s, measured. What is not flushed survives a killed process and may be lost in a power cut:
    then Dagster's history lacks its last events, and the lake, which is flushed, is as it should be.
    """
    event.listen(Engine, "connect", _without_flush)
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", _without_flush)


def _without_flush(connection: Any, _: Any) -> None:
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA synchronous = OFF")
