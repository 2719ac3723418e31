"""CSV and TSV files, plain or gzip, one document per row.

Belongs here: rows of cells. Does not belong here: which cell is what (`row_mapping.py`).

A row that cannot be read costs only itself: wrong number of cells, bad quoting, a NUL byte (`malformed_row`), bytes
that are not UTF-8 (`invalid_utf8`). Its reject keeps the cells, or the text of its lines where they could not be told
apart (of more than 64 KiB the first 64 KiB, with length and SHA-256 of the whole). Damaged gzip keeps the rows before
the damage.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
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

_LONGEST_CELL = 16 * 1024 * 1024
"""Characters. The csv module's 131,072 is shorter than a discharge letter with tables; without any limit a quote
that is never closed swallows the whole file."""


class CsvReader:
    """See the module."""

    name = "csv"
    description = "CSV or TSV with a header row, plain or .gz, a file or a folder: one document per row."
    options: Mapping[str, str] = {
        **TABLE_OPTIONS, "delimiter": "one character between cells (default a comma, or a tab in .tsv)",
    }
    columns: tuple[str, ...] = FIELDS

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        return self._listing(path).files

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        mapping, listing = RowMapping(source), self._listing(path)
        limit = max_bytes(source, MAX_TABLE_BYTES)
        intake.skip(listing.skipped)
        for entry in listing.entries:
            intake.file()
            try:
                if entry.problem is not None:
                    raise entry.problem
                check_size(entry.path, limit)
                yield from _rows(entry, mapping, _delimiter(source, entry.name), limit, intake)
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)

    def _listing(self, path: Path | None) -> Listing:
        return list_path(self.name, path, (".csv", ".tsv", ".csv.gz", ".tsv.gz"))


def _delimiter(source: Source, name: str) -> str:
    value = source.options.get("delimiter", "\t" if name.lower().endswith((".tsv", ".tsv.gz")) else ",")
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        raise ConfigError("The option delimiter is not a single character.", 'Write ";" or "\\t" in quotes.')
    return value


def _rows(entry: Entry, mapping: RowMapping, delimiter: str, limit: int, intake: Intake) -> Iterator[Item]:
    """Rows of a file. Raises FileProblem before the first row, or after the last that is whole."""
    try:
        stream = SourceBytes(entry.path, limit)
    except OSError as error:
        raise unreadable(error) from error
    with stream:
        lines = Lines(stream)
        parser = csv.reader(lines, delimiter=delimiter, strict=True)
        header = _header(lines, parser)
        if header:
            mapping.check(entry.name, header)
        elif stream.damage is None:
            raise FileProblem("empty_file", "no header row")
        number = 0
        while lines.mark():
            intake.begin()
            number += 1
            yield _row(entry.name, number, lines, parser, header, mapping)
        if stream.damage is not None:
            raise stream.damage


def _header(lines: Lines, parser: Iterator[list[str]]) -> list[str]:
    if not lines.mark():
        return []
    try:
        header = _next(parser)
    except csv.Error as error:
        raise FileProblem("malformed_header", f"line {lines.number}") from error
    if lines.bad_offset is not None:
        raise FileProblem("invalid_utf8", f"byte offset {lines.bad_offset}")
    return header


def _next(parser: Iterator[list[str]]) -> list[str]:
    """The next row. The csv module has one limit for the whole process, so it is put back at once."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        return next(parser)
    finally:
        csv.field_size_limit(before)


def _row(
    file: str, number: int, lines: Lines, parser: Iterator[list[str]], header: list[str], mapping: RowMapping,
) -> Item:
    first = lines.number + 1
    cells: list[str] = []
    problem = None
    unparsed: Mapping[str, Any] = {}
    try:
        cells = _next(parser)
    except (csv.Error, StopIteration):
        problem = FileProblem("malformed_row", "quoting is broken or a cell is too long")
        unparsed = lines.written()
    if lines.too_long:
        problem = FileProblem("too_large", f"bytes={lines.too_long}")
        unparsed = unparsed or lines.written()
        cells = []
    elif lines.bad_offset is not None:
        problem = FileProblem("invalid_utf8", f"byte offset {lines.bad_offset}")
    elif problem is None and len(cells) != len(header):
        problem = FileProblem("malformed_row", f"{len(cells)} cells, expected {len(header)}")
    elif problem is None and any("\0" in cell for cell in cells):
        problem = FileProblem("malformed_row", "NUL byte")
    if problem is None:
        return mapping.item(file, number, dict(zip(header, cells, strict=True)))
    where = f"line {first}" if lines.number <= first else f"lines {first} to {lines.number}"
    row = {"file": file, "row": number, "lines": [first, lines.number], "cells": cells, **unparsed}
    return TurnedAway(f"{file}#{number}", problem.reason, f"{where}: {problem.detail}", row)
