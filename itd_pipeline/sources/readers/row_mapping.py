"""From a row of a table to a document, by the profile's `columns` (document field -> column).

Belongs here: what csv, jsonl and parquet share. Does not belong here: any file format.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from typing import Any

from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.settings import Source
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, Item, TurnedAway

FIELDS = ("text", "title", "question", "question_type", "external_id", "url", "licence", "language", "specialty",
          "audience", "evidence_date", "group", "patient")
MAX_TABLE_BYTES = 64 * 1024 * 1024 * 1024
"""Tables are read row by row, so their size costs no memory; a row of more than 32 MiB is turned away."""
TABLE_OPTIONS: Mapping[str, str] = {
    **COMMON_OPTIONS,
    "max_bytes": f"largest file in bytes once unpacked; larger ones are rejected as too_large (default "
                 f"{MAX_TABLE_BYTES})",
    "keep_columns": "list of further columns to keep as attributes (default none)",
}


class RowMapping:
    """The columns of one source.

    Raises:
        ConfigError: `columns` maps no text or an unknown field, or `keep_columns` is no list of names.
    """

    def __init__(self, source: Source) -> None:
        unknown = sorted(set(source.columns) - set(FIELDS))
        if unknown or "text" not in source.columns:
            what = f"The mapping `columns` has an unknown field {unknown[0]!r}." if unknown else \
                "The mapping `columns` does not say which column holds the text."
            raise ConfigError(what, f"Map document fields to columns; text is required. Fields: {', '.join(FIELDS)}.")
        keep = source.options.get("keep_columns", ())
        if not isinstance(keep, list | tuple) or not all(isinstance(column, str) for column in keep):
            raise ConfigError("The option keep_columns is not a list of column names.", "Write [first, second].")
        self._columns = dict(source.columns)
        self._keep = tuple(keep)

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that are read, each once."""
        return tuple(dict.fromkeys((*self._columns.values(), *self._keep)))

    def check(self, file: str, available: Iterable[str]) -> None:
        """Raises SourceError where a file lacks a column or has it twice."""
        there = list(available)
        for column in self.needed:
            if there.count(column) != 1:
                problem = "has no column" if column not in there else "has more than one column"
                raise SourceError(f"{file} {problem} {column!r}.",
                                  f"Mend `columns` or `keep_columns` of the source. Its columns: {', '.join(there)}.")

    def item(self, file: str, number: int, row: Mapping[str, Any]) -> Item:
        """A draft, or why not: `malformed_row`, `missing_text`, `no_answer`.

        Args:
            file: name of the file.
            number: of the row in the file, from 1; the external id where none is mapped.
            row: column -> value, any JSON value or date.
        """
        origin = f"{file}#{number}"
        whole = {"file": file, "row": number, "values": {str(k): plain(v) for k, v in row.items()}}
        values: dict[str, str | None] = {}
        for field, column in self._columns.items():
            value = plain(row.get(column))
            if isinstance(value, list | dict | bool) or (field in {"text", "question"} and not _is_text(value)):
                detail = f"row {number}: {field} is of type {type(value).__name__}"
                return TurnedAway(origin, "malformed_row", detail, whole)
            values[field] = None if value is None or not str(value).strip() else str(value)
        text = values.pop("text")
        if text is None:
            reason = "no_answer" if "question" in self._columns else "missing_text"
            return TurnedAway(origin, reason, f"row {number}: column {self._columns['text']!r} is blank", whole)
        kept = {column: plain(row.get(column)) for column in self._keep}
        fields: dict[str, Any] = {key: value.strip() for key, value in values.items() if value is not None}
        return Draft(text=text, origin=origin, attributes=kept, **{"external_id": origin, **fields})


def plain(value: Any) -> Any:
    """A value of any table format as a JSON value; not-a-number becomes null, what JSON has no type for its text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)
