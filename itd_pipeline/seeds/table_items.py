"""Seeds in a table: what a header row means for every tabular format, and reading CSV and TSV.

Comma, semicolon and tab are told apart by the header row, because spreadsheet programs write whichever their
country uses. Where quotes do not match, the line is turned away and reading goes on at the next one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from itd_pipeline.seeds.columns import COLUMNS, REQUIRED
from itd_pipeline.seeds.item import Fault, Item, has_broken_utf8, normalised_name

_DELIMITERS = (",", ";", "\t")


def csv_items(raw: bytes) -> Iterator[Item | Fault]:
    """Bytes of a CSV or TSV file -> its items in order, and faults.

    Rows are numbered as a spreadsheet shows them: the header is row 1. Blank rows are no items. Reasons of
    faults: `malformed_file`, `malformed_row`, `invalid_utf8`, `empty_file`.
    """
    text = raw.decode("utf-8-sig", "surrogateescape")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines) - 1)
    delimiter = max(_DELIMITERS, key=lambda d: _known(lines[first].split(d)))
    header: tuple[str, ...] | None = None
    at, number = first, first
    while at < len(lines):
        number += 1
        start, at, cells = at, *_record(lines, at, delimiter)
        written = "\n".join(lines[start:at])
        place = f"row {number}" if number == start + 1 else f"row {number} (line {start + 1})"
        if not written.strip() or (cells is not None and not any(cell.strip() for cell in cells)):
            continue
        if header is None:
            names = read_header(cells or [], {"text": text})
            if isinstance(names, Fault):
                yield names
                return
            header = names
        elif has_broken_utf8(written):
            yield Fault(place, "invalid_utf8", "not UTF-8; save the file as `CSV UTF-8`", {"text": written})
        elif cells is None:
            yield Fault(place, "malformed_row", "quotes do not match, or a cell is longer than 131,072 characters",
                        {"text": written})
        else:
            yield table_item(place, header, cells)


def _record(lines: Sequence[str], at: int, delimiter: str) -> tuple[int, list[str] | None]:
    """The record that begins at line `at`: the line after it, and its cells; None for cells that quotes break."""
    end = at

    def fed() -> Iterator[str]:
        nonlocal end
        while end < len(lines):
            end += 1
            yield lines[end - 1] + "\n"

    try:
        cells = next(csv.reader(fed(), delimiter=delimiter, strict=True))
    except csv.Error:
        return at + 1, None
    return end, cells


def _known(names: Sequence[str]) -> int:
    return sum(normalised_name(name.strip('"')) in COLUMNS for name in names)


def read_header(cells: Sequence[Any], content: dict[str, Any]) -> tuple[str, ...] | Fault:
    """Header cells -> normalised names; a column without a name is called `column D`."""
    names = tuple(normalised_name(str(cell or "")) or f"column {letter(i)}" for i, cell in enumerate(cells))
    missing = [name for name in REQUIRED if name not in names]
    if len(missing) == len(REQUIRED):
        return Fault("", "malformed_file", f"the first row is no header; it must name {', '.join(REQUIRED)}", content)
    twice = [i for i, name in enumerate(names) if name in names[:i]]
    if twice:
        return Fault("", "malformed_file", f"column {letter(twice[0])} has the name of an earlier column", content)
    return names


def table_item(place: str, header: Sequence[str], cells: Sequence[Any]) -> Item | Fault:
    """One row under its header. Empty cells count as not written."""
    if len(cells) != len(header):
        return Fault(place, "malformed_row", f"{len(cells)} cells under a header of {len(header)}; put a text that "
                     "holds the separator in quotes", {"cells": list(cells)})
    written = {name: cell for name, cell in zip(header, cells, strict=True) if cell is not None and str(cell).strip()}
    return Item(place, written)


def letter(index: int) -> str:
    """Name of a spreadsheet column: 0 -> A, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
