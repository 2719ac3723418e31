"""Everything that grew from a seed: records that had it in their prompt, records evolved from those, corrected records,
over any number of steps.

A record names the seeds of its prompt (`seed_ids`) and what it was evolved from or corrects (`parent_ids`). Parents may
stand in a release alone, because records of an earlier release can be evolved. Belongs here: following these names.
Does not belong here: removing what is found (`forget.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect

_NAMES = ("seed_ids", "parent_ids")
_MADE = "synthetic_expansions"


def descendants(settings: Settings, lake: Lake, seed: str) -> frozenset[str]:
    """Ids of all records and rejects that grew from a seed, the seed's own among them."""
    with connect(lake) as connection:
        connection.execute("CREATE TABLE grew (child VARCHAR, ancestor VARCHAR)")
        for partition in lake.partitions(_MADE):
            manifest, folder = lake.manifest(_MADE, partition), lake.folder(_MADE, partition)
            if manifest is None:
                continue
            _add_rows(connection, folder / manifest.files["rows"].file)
            for name in _NAMES:
                connection.execute(
                    f"INSERT INTO grew SELECT row_id, unnest(coalesce((row->'$.{name}')::VARCHAR[], [])) "
                    "FROM read_parquet(?)", [str(folder / manifest.files["rejected"].file)])
        for path in _released(settings, lake):
            _add_rows(connection, path)
        found = connection.execute(
            "WITH RECURSIVE reached(id) AS (SELECT ?::VARCHAR UNION "
            "SELECT child FROM grew JOIN reached ON ancestor = id) FROM reached", [seed]).fetchall()
    return frozenset(str(row[0]) for row in found)


def _add_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    with pq.ParquetFile(path) as file:
        there = [name for name in _NAMES if name in file.schema_arrow.names]
    for name in there:
        connection.execute(f"INSERT INTO grew SELECT record_id, unnest({name}) FROM read_parquet(?)", [str(path)])


def _released(settings: Settings, lake: Lake) -> Iterator[Path]:
    """Files of records of every release of this lake, and of the one whose records may be evolved."""
    folders = sorted(p for p in (lake.root / "releases").glob("*") if p.is_dir() and not p.name.startswith("."))
    if settings.expansion.evolve_release is not None:
        folders.append(settings.resolve(settings.expansion.evolve_release))
    for folder in folders:
        yield from sorted(folder.glob("data/*.parquet"))
