"""Header and first rows of a table that was looked at.

Belongs here: just enough of each format to see its columns. Does not belong here: reading it (`readers/`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.sources.files.streams import FileProblem, read_whole
from itd_pipeline.sources.files.zips import check_package
from itd_pipeline.sources.proposals.looking import Sample
from itd_pipeline.sources.readers.row_mapping import plain

_ROWS = 50
_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True)
class Table:
    """A table's beginning.

    Args:
        options: options of the reader that it needs, such as its delimiter.
    """

    header: list[str]
    rows: list[Mapping[str, Any]]
    options: Mapping[str, Any] = field(default_factory=dict)


def table_of(reader: str, sample: Sample) -> Table | None:
    """The beginning of a table, None where it cannot be read."""
    try:
        return {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx, "parquet": _parquet}[reader](sample)
    except Exception:  # libraries raise anything for a damaged file; the reader will say what is wrong with it
        return None


def _csv(sample: Sample) -> Table | None:
    text = sample.head.decode("utf-8", "replace").removeprefix("\ufeff")
    usual = "\t" if sample.suffix == ".tsv" else ","
    first = text.split("\n", 1)[0]
    others = {mark: first.count(mark) for mark in (",", ";", "\t", "|")}
    best = max(others, key=lambda mark: (others[mark], mark == usual))
    delimiter = usual if others[usual] or not others[best] else best
    whole = text if len(sample.head) < 64 * 1024 else text[: text.rfind("\n") + 1]
    lines = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    header = [cell.strip() for cell in next(lines, [])]
    rows: list[Mapping[str, Any]] = []
    for cells in lines:
        if len(rows) == _ROWS:
            break
        if len(cells) == len(header):
            rows.append(dict(zip(header, cells, strict=True)))
    if not any(header):
        return None
    return Table(header, rows, {} if delimiter == usual else {"delimiter": delimiter})


def _jsonl(sample: Sample) -> Table | None:
    header: dict[str, None] = {}
    rows: list[Mapping[str, Any]] = []
    for line in sample.head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")[:_ROWS]:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the last line of what was looked at is often cut
        if isinstance(row, dict):
            header.update(dict.fromkeys(map(str, row)))
            rows.append(row)
    return Table(list(header), rows) if rows else None


def _xlsx(sample: Sample) -> Table | None:
    from openpyxl import load_workbook

    data = _whole(sample)
    check_package(data, _LARGEST)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    lines = book.worksheets[0].iter_rows(values_only=True)
    header = ["" if cell is None else str(cell).strip() for cell in next(lines, ())]
    rows: list[Mapping[str, Any]] = [dict(zip(header, map(plain, cells), strict=False))
                                     for cells, _ in zip(lines, range(_ROWS), strict=False)]
    book.close()
    while header and not header[-1]:
        header.pop()
    return Table(header, rows) if header else None


def _parquet(sample: Sample) -> Table | None:
    import pyarrow.parquet as pq

    with pq.ParquetFile(sample.path if sample.path is not None else io.BytesIO(_whole(sample))) as file:
        batch = next(file.iter_batches(batch_size=_ROWS), None)
        names = list(file.schema_arrow.names)
        return Table(names, [plain(row) for row in batch.to_pylist()] if batch is not None else [])


def _whole(sample: Sample) -> bytes:
    if sample.data is not None:
        return sample.data
    if sample.path is None:
        raise FileProblem("too_large", "inside an archive")
    return read_whole(sample.path, _LARGEST)
