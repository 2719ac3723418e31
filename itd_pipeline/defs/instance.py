"""Dagster's own records of runs and events, as `itd build` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError

from itd_pipeline.defs.partitions import align
from itd_pipeline.errors import StorageError
from itd_pipeline.storage.lake import process_is_alive

PROCESS_TAG = "itd/process"
"""Tag of a run that `itd build` executes itself: the id of its process on this machine."""


def clear_away_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs of `itd build` whose process was killed as failed, and free the slots of pools that they hold:
    otherwise the next build would wait for them for ever."""
    open_runs = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
    for run in instance.get_runs(filters=open_runs):
        process = run.tags.get(PROCESS_TAG, "")
        if process.isdigit() and not process_is_alive(int(process)):
            instance.report_run_failed(run, message="The process of this run was killed.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


@contextmanager
def local_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance below `home`, without a flush to disk at each event.

    Dagster opens, commits and closes its SQLite files some three thousand times in a small build; where a flush takes
    7 ms that is 25 of 60 s, measured. What is not flushed survives a killed process and may be lost in a power cut:
    then Dagster's history lacks its last events, and the lake, which is flushed, is as it should be.

    Raises:
        StorageError: its files are damaged or the disk is full.
    """
    event.listen(Engine, "connect", _without_flush)
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
    except DatabaseError as error:
        raise StorageError(f"Dagster's records below {home} cannot be read or written ({type(error).__name__}).",
                           "Free disk space; or delete that folder: only the history of runs is lost.") from error
    finally:
        event.remove(Engine, "connect", _without_flush)


def _without_flush(connection: Any, _: Any) -> None:
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA synchronous = OFF")


def show_sources(home: Path, sources: Iterable[str]) -> None:
    """Make the partitions that the UI shows those of the profile."""
    with local_instance(home) as instance:
        align(instance, sources)
