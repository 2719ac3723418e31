"""Which documents stand behind which release: kept in the lake, so that a release can be found when one is forgotten.

A release itself names no patient's document. Belongs here: writing and reading that list. It holds hashes only.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.storage.lake import Lake, write_atomically
from itd_pipeline.storage.queries import connect, lake_views
from itd_pipeline.storage.tombstones import document_key
from itd_pipeline.tables.contract import Table

_FOLDER = "release_contents"


def contents_path(lake: Lake, version: str) -> Path:
    return lake.root / _FOLDER / f"{version}.parquet"


def keep_contents(lake: Lake, version: str, tables: list[Table], sources: list[str]) -> None:
    """Write the list of a release that lies in the lake now; one that is there stays."""
    target = contents_path(lake, version)
    if target.is_file():
        return
    with connect(lake, lake_views(lake, tables, sources)) as connection:
        rows = connection.execute(
            "SELECT d.document_id, d.source, d.external_id, d.group_id, count(DISTINCT r.record_id) "
            "FROM (SELECT record_id, unnest(document_ids) AS document_id FROM filtered_set) f "
            "JOIN dataset_release r ON r.filtered_id = f.record_id JOIN raw_sources d USING (document_id) "
            "GROUP BY ALL ORDER BY 1").fetchall()
    table = pa.table({
        "document_id": pa.array([row[0] for row in rows], pa.string()),
        "source": pa.array([row[1] for row in rows], pa.string()),
        "document_key": pa.array([document_key(row[1], row[2]) for row in rows], pa.string()),
        "group_id": pa.array([row[3] for row in rows], pa.string()),
        "records": pa.array([row[4] for row in rows], pa.int64()),
    })
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_atomically(target, sink.getvalue().to_pybytes())


def records_from(lake: Lake, version: str, source: str, keys: frozenset[str], groups: frozenset[str],
                 whole_source: bool) -> int | None:
    """Records of a release that rest on the documents; None where no list was kept and nothing can be said."""
    path = contents_path(lake, version)
    if not path.is_file():
        return None
    return sum(int(row["records"]) for row in pq.ParquetFile(path).read().to_pylist() if row["source"] == source and (
        whole_source or row["document_key"] in keys or row["group_id"] in groups))


def records_of_seed(lake: Lake, version: str, seed: str, grown: frozenset[str]) -> int | None:
    """Records of a release that are this seed or grew from it, read from the release itself; None where it cannot be
    read and nothing can be said.

    Args:
        grown: ids of the seed and of all that grew from it (`descendants.py`). Records on patient data bear other names
            in a release, and are found by the seed that they name.
    """
    folder = lake.root / "releases" / version
    files = sorted(folder.rglob("lineage.parquet"))
    if not files:
        return None
    with pq.ParquetFile(files[0]) as file:  # releases of earlier versions name no corrected record
        corrects = "corrects" if "corrects" in file.schema_arrow.names else "NULL"
    with connect(lake) as connection:
        found = connection.execute(
            f"SELECT count(DISTINCT record_id) FROM read_parquet(?) WHERE list_contains(?, record_id) OR "
            f"list_contains(?, {corrects}) OR list_contains(seed_ids, ?)",
            [str(files[0]), sorted(grown), sorted(grown), seed]).fetchone()
    return int(found[0]) if found else None
