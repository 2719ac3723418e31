"""Excel workbooks (.xlsx), one document per row of a sheet with a header row.

Belongs here: rows of cells. Does not belong here: which cell is what (`row_mapping.py`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.files.zips import check_package
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.readers.row_mapping import FIELDS, TABLE_OPTIONS, RowMapping

_MAX_BYTES = 256 * 1024 * 1024


class XlsxReader(FileReader):
    """See the module."""

    name = "xlsx"
    description = "Excel workbooks, .xlsx, with a header row: one document per row."
    options: Mapping[str, str] = {
        **TABLE_OPTIONS,
        "max_bytes": f"largest file in bytes; larger ones are rejected as too_large (default {_MAX_BYTES})",
        "sheet": "name of the sheet (default the first one)",
    }
    columns: tuple[str, ...] = FIELDS
    suffixes = (".xlsx", ".xlsm")
    largest = _MAX_BYTES

    def check(self, source: Source) -> None:
        RowMapping(source)
        if not isinstance(source.options.get("sheet", ""), str):
            raise ConfigError("The option sheet is not the name of a sheet.", "Leave it out for the first one.")

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        mapping = RowMapping(source)
        rows = _rows(file.data, str(source.options.get("sheet", "")))
        header = ["" if cell is None else str(cell).strip() for cell in next(rows, ())]
        while header and not header[-1]:
            header.pop()
        if not header:
            raise FileProblem("empty_file", "no header row")
        mapping.check(file.name, header)
        for number, cells in enumerate(rows, start=2):
            cells = cells[: len(header)]
            if any(cell not in (None, "") for cell in cells):
                yield mapping.item(file.origin, number, dict(zip(header, cells, strict=False)))


def _rows(data: bytes, sheet: str) -> Iterator[tuple[Any, ...]]:
    """Rows of cells. Raises FileProblem."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_package(data, _MAX_BYTES)
    broken = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError,
              SyntaxError, OSError, EOFError, AssertionError)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        if sheet and sheet not in book.sheetnames:
            raise FileProblem("no_such_sheet", f"sheets={len(book.sheetnames)}")
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()
        rows: Iterable[tuple[Any, ...]] = page.iter_rows(values_only=True)
        yield from rows
    except broken as error:
        raise FileProblem("malformed_workbook", f"cannot be read ({type(error).__name__})") from error
