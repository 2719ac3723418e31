"""Rows of the files in which benchmarks are published. What a row means is not known here."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]

TABLES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".xlsx")
LONGEST_CELL = 16 * 1024 * 1024
"""Characters. The csv module's own 131,072 is shorter than many a context passage."""


class BadLine(ValueError):
    """A line that cannot be read."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(str(number))


UNREADABLE = (OSError, EOFError, UnicodeDecodeError, csv.Error, pa.ArrowInvalid, BadLine, ValueError, KeyError)
"""What the readers raise where a file is damaged or of another kind than its name says."""


def kind_of(path: Path) -> str:
    """Suffix of a file without `.gz`."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def content(path: Path) -> bytes:
    """Bytes of a file, unpacked where its name ends in `.gz`."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.name.endswith(".gz") else raw


def rows_of(path: Path, header: bool = True) -> tuple[list[Row], list[str]]:
    """(rows, names of columns) of a table. Without a header, columns are called `0`, `1` ...; a JSON object of objects
    gives a row for each, with its key as `_id`.

    Raises:
        one of `UNREADABLE`.
    """
    kind = kind_of(path)
    if kind in (".csv", ".tsv"):
        return _csv(path, "\t" if kind == ".tsv" else ",", header)
    readers: dict[str, Callable[[Path], tuple[list[Row], list[str]]]] = {
        ".jsonl": _jsonl, ".json": _json, ".parquet": _parquet, ".xlsx": _xlsx}
    return readers[kind](path)


def _jsonl(path: Path) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    for number, line in enumerate(content(path).decode("utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadLine(number) from error
        if not isinstance(row, dict):
            raise BadLine(number)
        rows.append(row)
    return rows, _columns(rows)


def _json(path: Path) -> tuple[list[Row], list[str]]:
    raw = content(path).decode("utf-8-sig")
    try:
        held = json.loads(raw)
    except RecursionError as error:
        raise BadLine(1) from error
    except ValueError:
        return _jsonl(path)  # many a .json holds a line for each item
    if isinstance(held, dict):
        lists = [value for value in held.values() if isinstance(value, list)]
        if held and all(isinstance(value, dict) for value in held.values()):
            held = [{"_id": key, **value} for key, value in held.items()]
        else:
            held = lists[0] if len(lists) == 1 else [held]
    rows: list[Row] = [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []
    return rows, _columns(rows)


def _csv(path: Path, delimiter: str, header: bool) -> tuple[list[Row], list[str]]:
    before = csv.field_size_limit(LONGEST_CELL)  # one limit for the whole process: put back below
    try:
        file = io.StringIO(content(path).decode("utf-8-sig"), newline="")
        if not header:
            lists = [line for line in csv.reader(file, delimiter=delimiter) if line]
            rows: list[Row] = [{str(place): cell for place, cell in enumerate(line)} for line in lists]
            return rows, _columns(rows)
        reader = csv.DictReader(file, delimiter=delimiter)
        rows = list(reader)
        return rows, list(reader.fieldnames or [])
    finally:
        csv.field_size_limit(before)


def _parquet(path: Path) -> tuple[list[Row], list[str]]:
    table = pq.ParquetFile(io.BytesIO(content(path))).read()
    return table.to_pylist(), table.column_names


def _xlsx(path: Path) -> tuple[list[Row], list[str]]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content(path)), read_only=True, data_only=True)
    except zipfile.BadZipFile as error:
        raise ValueError("not a workbook") from error
    lines = book.worksheets[0].iter_rows(values_only=True)
    named = [(place, str(cell).strip()) for place, cell in enumerate(next(lines, ())) if cell is not None]
    rows = [{name: line[place] for place, name in named if place < len(line)} for line in lines]
    return [row for row in rows if any(cell is not None for cell in row.values())], [name for _, name in named]


def _columns(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(str(key) for row in rows for key in row))
