"""JSON Lines, plain or gzip, one document per line.

Belongs here: lines of JSON objects. Does not belong here: which key is what (`row_mapping.py`).

A line that cannot be read costs only itself (`malformed_row`, `invalid_utf8`). Damaged gzip keeps the lines before
the damage. Keys may be missing in some lines; a mapped key that no line of a file has is an error of the profile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.listing import Entry, Listing, list_path
from itd_pipeline.sources.files.streams import (
    FileProblem,
    Lines,
    SourceBytes,
    check_size,
    file_turned_away,
    unreadable,
)
from itd_pipeline.sources.items import Intake, Item, SourceFile, TurnedAway, max_bytes
from itd_pipeline.sources.readers.row_mapping import FIELDS, MAX_TABLE_BYTES, TABLE_OPTIONS, RowMapping

_KEYS_NAMED = 50


class JsonlReader:
    """See the module."""

    name = "jsonl"
    description = "JSON Lines, plain or .gz, a file or a folder: one document per line."
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
                yield from _rows(entry, mapping, max_bytes(source, MAX_TABLE_BYTES), intake)
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)

    def _listing(self, path: Path | None) -> Listing:
        return list_path(self.name, path, (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"))


def _rows(entry: Entry, mapping: RowMapping, limit: int, intake: Intake) -> Iterator[Item]:
    """Lines of a file. Raises FileProblem after the last line that is whole."""
    try:
        stream = SourceBytes(entry.path, limit)
    except OSError as error:
        raise unreadable(error) from error
    keys: dict[str, None] = {}
    with stream:
        lines = Lines(stream)
        if not lines.mark() and stream.damage is None:
            raise FileProblem("empty_file", "no line")
        while lines.mark():
            intake.begin()
            line = next(lines).rstrip("\r\n")
            try:
                row = _parse(line, lines)
            except FileProblem as problem:
                whole = {"file": entry.name, "row": lines.number, "line": line}
                yield TurnedAway(f"{entry.name}#{lines.number}", problem.reason, problem.detail, whole)
                continue
            keys.update(dict.fromkeys(k for k in row if len(keys) < _KEYS_NAMED or k in mapping.needed))
            yield mapping.item(entry.name, lines.number, row)
        if stream.damage is not None:
            raise stream.damage
    if keys:
        mapping.check(entry.name, keys)


def _parse(line: str, lines: Lines) -> Mapping[str, Any]:
    if lines.too_long:
        raise FileProblem("too_large", f"line {lines.number}: bytes={lines.too_long}")
    if lines.bad_offset is not None:
        raise FileProblem("invalid_utf8", f"line {lines.number}: byte offset {lines.bad_offset}")
    try:
        row = json.loads(line, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FileProblem("malformed_row", f"line {lines.number} column {error.colno}") from error
    except ValueError as error:
        raise FileProblem("malformed_row", f"line {lines.number}: a number that JSON does not allow") from error
    except RecursionError as error:
        raise FileProblem("malformed_row", f"line {lines.number}: nested too deeply") from error
    if not isinstance(row, dict):
        raise FileProblem("malformed_row", f"line {lines.number}: not an object")
    return row


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
