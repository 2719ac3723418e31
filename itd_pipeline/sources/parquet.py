"""Parquet files, one document per row.

Belongs here: rows of a Parquet file, read in slices. Does not belong here: which column is what (`row_mapping.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.settings import Source
from itd_pipeline.sources.items import Intake, Item, SourceFile, TurnedAway, max_bytes
from itd_pipeline.sources.listing import Entry, Listing, list_path
from itd_pipeline.sources.row_mapping import FIELDS, TABLE_OPTIONS, RowMapping, plain
from itd_pipeline.sources.streams import FileProblem, check_size, file_turned_away

_SLICE = 500


class ParquetReader:
    """See the module."""

    name = "parquet"
    description = "Parquet, a file or a folder: one document per row."
    options: Mapping[str, str] = TABLE_OPTIONS
    columns: tuple[str, ...] = FIELDS

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        return self._listing(path).files

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        mapping, listing = RowMapping(source), self._listing(path)
        intake.skip(listing.skipped)
        for entry in listing.entries:
            intake.file()
            try:
                if entry.problem is not None:
                    raise entry.problem
                check_size(entry.path, max_bytes(source))
                yield from _rows(entry, mapping, intake)
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)

    def _listing(self, path: Path | None) -> Listing:
        return list_path(self.name, path, (".parquet", ".pq"))


def _rows(entry: Entry, mapping: RowMapping, intake: Intake) -> Iterator[Item]:
    """Rows of a file. Raises FileProblem `malformed_parquet`, detail with the rows read before."""
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        with ParquetFile(entry.path) as file:
            mapping.check(entry.name, file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_SLICE, columns=list(mapping.needed)):
                columns = {name: _values(batch.column(name)) for name in batch.schema.names}
                for at in range(batch.num_rows):
                    intake.begin()
                    number += 1
                    yield _row(entry.name, number, {name: values[at] for name, values in columns.items()}, mapping)
    except (pa.ArrowException, OSError) as error:
        raise FileProblem("malformed_parquet", f"damaged after row {number}") from error


def _row(file: str, number: int, row: Mapping[str, Any], mapping: RowMapping) -> Item:
    for name, value in row.items():
        if isinstance(value, _NotUtf8):
            whole = {"file": file, "row": number, "values": {k: plain(v) for k, v in row.items()}}
            detail = f"row {number}: column {name!r}, byte offset {value.offset}"
            return TurnedAway(f"{file}#{number}", "invalid_utf8", detail, whole)
    return mapping.item(file, number, row)


class _NotUtf8(bytes):
    """A text value whose bytes are not UTF-8; `offset` is that of the first bad byte."""

    offset = 0


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return [_value(scalar) for scalar in column]
    return [_text(raw) for raw in pc.cast(column, pa.large_binary()).to_pylist()]


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        value = _NotUtf8()
        value.offset = error.start
        return value
    except (ValueError, OverflowError):
        return str(scalar)  # a date that Python cannot hold, such as year 20000


def _text(raw: bytes | None) -> Any:
    if raw is None:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        value = _NotUtf8(raw)
        value.offset = error.start
        return value
