"""Parquet files, one document per row.

Belongs here: rows of a Parquet file, read in slices. Does not belong here: which column is what (`row_mapping.py`).

A date, time or duration that Python cannot hold, or of a time zone nobody knows, becomes the text of its raw number.
Where such a value is inside a list or struct, its row is turned away (`malformed_row`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.listing import Entry, Listing, list_path
from itd_pipeline.sources.files.streams import FileProblem, check_size, file_turned_away
from itd_pipeline.sources.items import Intake, Item, SourceFile, TurnedAway, max_bytes
from itd_pipeline.sources.readers.row_mapping import FIELDS, MAX_TABLE_BYTES, TABLE_OPTIONS, RowMapping, plain

_SLICE = 500
_WHOLE = 1 << 30
_NOT_PYTHON = (ArithmeticError, LookupError, TypeError, ValueError, pa.ArrowException)
"""What Arrow raises for a value that Python has no type for: a date out of range, a time zone nobody knows."""


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
                check_size(entry.path, max_bytes(source, MAX_TABLE_BYTES))
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
        if isinstance(value, _Unusable):
            whole = {"file": file, "row": number, "values": {k: _shown(v) for k, v in row.items()}}
            detail = f"row {number}: column {name!r}, {value.problem}"
            return TurnedAway(f"{file}#{number}", value.reason, detail, whole)
    return mapping.item(file, number, row)


@dataclass(frozen=True)
class _Unusable:
    """A value that costs its row.

    Args:
        shown: the value for the reject, as good as it can be written.
        reason: of the reject.
        problem: for the detail.
    """

    shown: str
    reason: str
    problem: str


def _shown(value: Any) -> Any:
    return value.shown if isinstance(value, _Unusable) else plain(value)


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return [_value(column, at) for at in range(len(column))]
    return [_text(raw) for raw in pc.cast(column, pa.large_binary()).to_pylist()]


def _value(column: pa.Array, at: int) -> Any:
    """A value as Python has it; else the raw number of a date, time or duration as text; else `_Unusable`."""
    scalar = column[at]
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        return _Unusable(_printed(column, at), "invalid_utf8", f"byte offset {error.start}")
    except _NOT_PYTHON:
        raw = getattr(scalar, "value", None)
        if isinstance(raw, int):
            return str(raw)
        return _Unusable(_printed(column, at), "malformed_row", f"no value of type {column.type} can be read")


def _printed(column: pa.Array, at: int) -> str:
    text: str = column.slice(at, 1).to_string(
        window=_WHOLE, container_window=_WHOLE, element_size_limit=_WHOLE, skip_new_lines=True)
    return text


def _text(raw: bytes | None) -> Any:
    if raw is None:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _Unusable(raw.decode("utf-8", "backslashreplace"), "invalid_utf8", f"byte offset {error.start}")
