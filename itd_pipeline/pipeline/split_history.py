"""Which split every record that was ever released stands in: kept in the lake, so that it never changes.

The list holds hashes only, and loses what is forgotten. It is no part of the fingerprint of a release: it grows by what
a release decides, and deciding the same again changes nothing. Releases of other lakes count where the profile names
their folders (`release.earlier`).

Belongs here: reading and writing that list. Does not belong here: what follows from it (`release/splits.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.release.history import SplitHistory
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake, write_atomically
from itd_pipeline.tables.contract import Table, term, text, texts
from itd_pipeline.tables.vocabularies import SPLIT

SPLIT_HISTORY = Table(
    name="split_history",
    description="Split of every record that was ever released from this lake, in the order in which they came.",
    columns=(
        text("record_id", "The record."), text("source", "Its source."), text("group_id", "Its group."),
        texts("document_ids", "Its documents."), term("split", "Split it stands in.", SPLIT),
    ),
    key=("record_id",),
)
_OF_PATIENTS = "patient-"


def history_path(lake: Lake) -> Path:
    return lake.root / "release_contents" / "split_history.parquet"


def earlier_digest(settings: Settings) -> dict[str, str]:
    """Digests of the checksums of the releases that the profile names; they speak for every file."""
    return files_digest({f"earlier/{place}": settings.resolve(folder) / "SHA256SUMS"
                         for place, folder in enumerate(settings.release.earlier)})


def split_history(settings: Settings, lake: Lake) -> SplitHistory:
    """What this lake has released, then the releases that the profile names.

    Raises:
        ConfigError: a folder that the profile names holds no release.
    """
    rows = _kept(lake)
    for folder in settings.release.earlier:
        rows += _released(settings.resolve(folder))
    return SplitHistory.of(_said(rows))


def _said(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        yield "record", row["record_id"], row["split"]
        yield "group", row["group_id"], row["split"]
        for document in row["document_ids"]:
            yield "document", document, row["split"]


def _kept(lake: Lake) -> list[dict[str, Any]]:
    path = history_path(lake)
    return SPLIT_HISTORY.conform(pq.ParquetFile(path).read()).to_pylist() if path.is_file() else []


def _released(folder: Path) -> list[dict[str, Any]]:
    """Records of a release. Those on patient data bear names that mean nothing elsewhere, and are left out."""
    files = sorted(folder.glob("data/*.parquet"))
    if not files or not (folder / "RELEASE.json").is_file():
        raise ConfigError(f"release.earlier: {folder} holds no release.",
                          "Name the folder of a release: the one with RELEASE.json.")
    columns = ["record_id", "source", "group_id", "document_ids"]
    return [{**row, "split": path.name.split("-")[0]} for path in files
            for row in pq.ParquetFile(path).read(columns).to_pylist()
            if not row["record_id"].startswith(_OF_PATIENTS)]


def keep_splits(lake: Lake, released: pa.Table, documents: Mapping[str, list[str]]) -> None:
    """Add what is new in a release; what is there stays as it is.

    Args:
        released: rows of the stage `dataset_release`.
        documents: id of a record of the filtered set -> its documents.
    """
    rows = _kept(lake)
    known = {row["record_id"] for row in rows}
    new = [{"record_id": row["record_id"], "source": row["source"], "group_id": row["group_id"], "split": row["split"],
            "document_ids": documents.get(row["filtered_id"], [])}
           for row in released.to_pylist() if row["record_id"] not in known]
    if new:
        _write(lake, [*rows, *new])


def forget_splits(lake: Lake, records: Collection[str], documents: Collection[str], groups: Collection[str],
                  source: str = "") -> None:
    """Take out records, with their groups and documents.

    Args:
        source: take out all of this source.
    """
    rows = _kept(lake)
    gone = [row["record_id"] in records or row["group_id"] in groups or bool(set(row["document_ids"]) & set(documents))
            or (bool(source) and row["source"] == source) for row in rows]
    if any(gone):
        _write(lake, [row for row, leaves in zip(rows, gone, strict=True) if not leaves])


def _write(lake: Lake, rows: list[dict[str, Any]]) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(SPLIT_HISTORY.from_rows(rows), sink, compression="zstd")
    write_atomically(history_path(lake), sink.getvalue().to_pybytes())
