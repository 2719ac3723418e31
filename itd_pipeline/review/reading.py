"""Opening a returned workbook: sheets, headings and cells, whatever a spreadsheet program did to them.

Belongs here: tolerance for Excel and LibreOffice. Does not belong here: what an answer means (`returned.py`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.review import sheet

LARGEST_BYTES = 200_000_000
"""Largest workbook accepted, unpacked; a larger one is no review sheet."""
_HEADING_ROWS = 20


class UnreadableWorkbookError(Exception):
    """Why a file cannot be read as a review workbook, and what to do; becomes the detail of a reject."""


@dataclass(frozen=True)
class ReturnedSheet:
    """One returned workbook.

    Args:
        title: name of the sheet with the records.
        rows: (row number, folded heading -> cell value) of every row below the headings.
        pseudonym, slot, sample_id, rubric_version: from the first sheet; empty where not found.
    """

    title: str
    rows: tuple[tuple[int, dict[str, Any]], ...]
    pseudonym: str
    slot: str
    sample_id: str
    rubric_version: str


def cell_words(value: Any) -> str:
    """A cell as text: no outer blanks, whole numbers without a decimal part; empty for none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    from openpyxl.utils.escape import unescape

    # XLSX writes odd characters as _xHHHH_; halves of surrogate pairs among them are no characters.
    words = str(unescape(str(value))).encode("utf-8", "ignore").decode("utf-8")
    return words.replace("\r\n", "\n").replace("\u00a0", " ").strip()


def read_sheet(file: Path) -> ReturnedSheet:
    """Read one workbook.

    Raises:
        UnreadableWorkbookError: not an XLSX file, damaged, too large, or without a sheet of records.
    """
    grids = _grids(file)
    labels = {}
    for title, grid in grids.items():
        if sheet.fold(title) == sheet.fold(sheet.README_SHEET):
            labels = {sheet.fold(cell_words(r[0])): cell_words(r[1]) for r in grid if len(r) > 1 and r[0] is not None}
    for title, grid in grids.items():
        rows = _rows_under_headings(grid)
        if rows is not None:
            return ReturnedSheet(title, tuple(rows), *(
                labels.get(sheet.fold(label), "")
                for label in (sheet.PSEUDONYM_LABEL, sheet.SLOT_LABEL, sheet.SAMPLE_LABEL, sheet.RUBRIC_LABEL)))
    raise UnreadableWorkbookError(f"no sheet has a column {sheet.ASSIGNMENT!r}; fill in the workbook as it was sent.")


def _grids(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    from xml.etree.ElementTree import ParseError

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_BYTES:
            raise UnreadableWorkbookError(f"{unpacked} bytes unpacked, at most {LARGEST_BYTES} are read.")
        book = load_workbook(file, read_only=True, data_only=True)
        try:
            return {ws.title: list(_values(ws)) for ws in book.worksheets}
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, ParseError, OSError, KeyError, ValueError, TypeError,
            EOFError) as error:
        raise UnreadableWorkbookError(
            f"not readable as an XLSX workbook ({type(error).__name__}); open it, save as .xlsx and send it again.") \
            from error


def _values(ws: Any) -> Iterator[tuple[Any, ...]]:
    # Some programs write a wrong sheet size; without it every row present is read.
    ws.reset_dimensions()
    yield from ws.iter_rows(values_only=True)


def _rows_under_headings(grid: list[tuple[Any, ...]]) -> list[tuple[int, dict[str, Any]]] | None:
    for number, row in enumerate(grid[:_HEADING_ROWS], start=1):
        headings = [sheet.fold(cell_words(value)) for value in row]
        if sheet.fold(sheet.ASSIGNMENT) in headings:
            return [(n, _by_heading(headings, cells)) for n, cells in enumerate(grid[number:], start=number + 1)]
    return None


def _by_heading(headings: list[str], cells: tuple[Any, ...]) -> dict[str, Any]:
    """Heading -> value; where a heading stands twice the first counts."""
    found: dict[str, Any] = {}
    for heading, value in zip(headings, cells, strict=False):
        if heading:
            found.setdefault(heading, value)
    return found
