"""Benchmarks that the dataset must not contain, as a list of items. Reading only: the comparison is elsewhere."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline import settings
from itd_pipeline.errors import SourceError

_SUFFIXES = (".jsonl", ".csv", ".parquet")
_LONGEST_CELL = 16 * 1024 * 1024
"""Characters. The csv module's own 131,072 is shorter than many a context passage."""


@dataclass(frozen=True, order=True)
class BenchmarkItem:
    """One text of a benchmark.

    Args:
        benchmark: name in the profile.
        item: `row/column`, row from 1.
        text: what must not be found in the dataset.
    """

    benchmark: str
    item: str
    text: str


def load_benchmarks(
    named: Mapping[str, settings.Benchmark], resolve: Callable[[Path], Path],
) -> list[BenchmarkItem]:
    """Every non-empty text of the named columns, each an item of its own, in order of benchmark, row and column.

    Args:
        named: benchmarks of the profile.
        resolve: makes a path of the profile absolute.

    Raises:
        SourceError: a file is missing, unreadable or of another kind, or a column is not there; the message names
            benchmark, file, column and the columns that are there.
    """
    items = []
    for name in sorted(named):
        benchmark = named[name]
        path = resolve(benchmark.path)
        for number, row in enumerate(_rows(name, path, benchmark.columns), start=1):
            for column in benchmark.columns:
                for text in _texts(row.get(column)):
                    items.append(BenchmarkItem(name, f"{number}/{column}", text))
    return items


def _texts(value: Any) -> Iterator[str]:
    """The texts in a cell: a string, or the strings of a list or mapping (answer options)."""
    ahead = [value]  # a stack and no recursion: a line may be nested deeper than Python's own
    while ahead:
        part = ahead.pop()
        if isinstance(part, str):
            if part.strip():
                yield part
        elif isinstance(part, Mapping):
            ahead.extend(reversed(list(part.values())))
        elif isinstance(part, list):
            ahead.extend(reversed(part))


def _rows(name: str, path: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    where = f"Benchmark {name!r}, file {str(path)!r}"
    if not path.is_file():
        raise SourceError(f"{where}: there is no such file.", f"Correct signals.benchmarks.{name}.path in the profile.")
    readers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    if path.suffix not in readers:
        raise SourceError(f"{where}: cannot read {path.suffix or 'a file without suffix'!r}.",
                          f"Readable are {', '.join(_SUFFIXES)}.")
    try:
        rows, there = readers[path.suffix](path)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowInvalid, _BadLine) as error:
        line = f", line {error.number}" if isinstance(error, _BadLine) else ""
        raise SourceError(f"{where}{line}: not readable as {path.suffix[1:]} ({type(error).__name__.strip('_')}).",
                          "Mend or replace the file.") from error
    if not rows:
        raise SourceError(f"{where}: it holds no rows, so nothing would be checked.", "Replace the file.")
    for column in columns:
        if column not in there:
            raise SourceError(f"{where}: there is no column {column!r}.", f"Its columns are: {', '.join(there)}.")
    return rows


class _BadLine(ValueError):
    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(str(number))


def _jsonl(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _BadLine(number) from error
        if not isinstance(row, dict):
            raise _BadLine(number)
        rows.append(row)
    return rows, list(dict.fromkeys(key for row in rows for key in row))


def _csv(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    before = csv.field_size_limit(_LONGEST_CELL)  # one limit for the whole process: put back below
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            return rows, list(reader.fieldnames or [])
    finally:
        csv.field_size_limit(before)


def _parquet(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    table = pq.ParquetFile(path).read()
    return table.to_pylist(), table.column_names
