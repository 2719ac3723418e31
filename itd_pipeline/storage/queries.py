"""DuckDB over the lake: every table as a view, with its partitions joined.

Belongs here: views and connections. Does not belong here: any question asked of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from itd_pipeline.storage.lake import Lake
from itd_pipeline.tables.contract import Table


def connect(lake: Lake, views: Mapping[str, Sequence[Path]] | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that reads the lake and cannot reach the network.

    Args:
        lake: where spilling goes if a query outgrows memory.
        views: view name -> Parquet files; see `lake_views`.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    for name, files in (views or {}).items():
        create_view(connection, name, files)
    return connection


def create_view(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """View `name` over the rows of Parquet files of one schema."""
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM read_parquet([{listed}])')


def lake_views(lake: Lake, tables: Sequence[Table], partitions: Sequence[str]) -> dict[str, list[Path]]:
    """View name -> files for every table that has been built, plus `rejected` over all stages and side tables.

    Args:
        tables: the stages' tables.
        partitions: names of configured sources; a source that left the profile is not shown.
    """
    views: dict[str, list[Path]] = {}
    for table in tables:
        for partition in lake.partitions(table.name):
            if partition != "all" and partition not in partitions:
                continue
            key = "" if partition == "all" else partition
            manifest = lake.manifest(table.name, key)
            if manifest is None:
                continue
            for name, stored in manifest.files.items():
                if stored.rows is not None:
                    view = table.name if name == "rows" else name
                    views.setdefault(view, []).append(lake.folder(table.name, key) / stored.file)
    return views
