"""DuckDB over the lake: every table as a view, with its partitions joined.

Belongs here: views and connections. Does not belong here: any question asked of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

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


def column_names(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    """Columns of a view, in order."""
    return [row[0] for row in connection.execute(f'SELECT column_name FROM (DESCRIBE "{view}")').fetchall()]


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


def batches_together(lake: Lake, stage: str, partition: str, column: str, batch_rows: int) -> Iterator[pa.Table]:
    """Rows with equal values of `column` next to each other, otherwise in stored order, in bounded memory.

    Where they stand so already they are read as they are; else DuckDB sorts them, on disk where need be.
    """
    if _stand_together(lake, stage, partition, column):
        yield from lake.batches(stage, partition, batch_rows=batch_rows)
        return
    with lake.scratch(stage, partition) as scratch, connect(lake) as connection:
        connection.execute("SET memory_limit = '500MB'; SET temp_directory = ?", [str(scratch)])
        query = (f'SELECT * EXCLUDE (file_row_number) FROM read_parquet(?, file_row_number = true) '
                 f'ORDER BY min(file_row_number) OVER (PARTITION BY "{column}"), file_row_number')
        rows = connection.sql(query, params=[str(lake.path(stage, partition))])
        reader: pa.RecordBatchReader = rows.to_arrow_reader(batch_rows)
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _stand_together(lake: Lake, stage: str, partition: str, column: str) -> bool:
    values = lake.read(stage, partition, columns=[column]).column(0).combine_chunks()
    if len(values) < 2:
        return True
    changes = pc.sum(pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))).as_py()
    return bool(changes + 1 == pc.count_distinct(values).as_py())
