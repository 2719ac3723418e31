"""Seeds in a spreadsheet (XLSX): the sheet `Seeds`, or the first one where no sheet has that name.

Formulas are never evaluated and their last results never trusted: such a cell is wrong, and says so.
"""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Iterator
from typing import Any

from itd_pipeline.seeds.item import Fault, Item, Unusable
from itd_pipeline.seeds.table_items import read_header, table_item

MOST_ROWS = 200_000
MOST_COLUMNS = 200
"""A stray cell at the far end of a sheet would otherwise make billions of empty ones."""


def sheet_items(raw: bytes) -> Iterator[Item | Fault]:
    """Bytes of an XLSX file -> its items in order, and faults (`malformed_file`, `empty_file`).

    Rows are numbered as the spreadsheet shows them; the first row that is not blank is the header.
    """
    import openpyxl

    whole = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), data_only=False)
        sheet = next((s for s in book.worksheets if s.title.strip().lower() == "seeds"), book.worksheets[0])
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            yield Fault("", "malformed_file", f"the sheet reaches to row {sheet.max_row}, column {sheet.max_column}; "
                        f"allowed: {MOST_ROWS} rows, {MOST_COLUMNS} columns. Delete what stands far off", whole)
            return
        rows = [[_value(cell) for cell in row] for row in sheet.iter_rows()]
    except Exception as error:  # a damaged archive can fail anywhere inside; recorded as a reject
        yield Fault("", "malformed_file", f"not readable as a spreadsheet ({type(error).__name__}); save it again "
                    "as .xlsx without a password", whole)
        return
    header: tuple[str, ...] | None = None
    width = 0
    for number, row in enumerate(rows, start=1):
        if not any(value is not None and value.strip() for value in row):
            continue
        if header is None:
            width = max(i for i, value in enumerate(row) if value is not None and value.strip()) + 1
            names = read_header(row[:width], whole)
            if isinstance(names, Fault):
                yield names
                return
            header = names
            continue
        # Cells right of the header carry formatting only, or text under no name: the latter is kept and named.
        beyond = [value for value in row[width:] if value is not None and value.strip()]
        yield table_item(f"sheet {sheet.title}, row {number}", header, row[:width] + beyond)


def _value(cell: Any) -> str | None:
    """A cell as the text that a person would type for it."""
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Unusable(value if isinstance(value, str) else "=", "a formula")
    if cell.data_type == "e":
        return Unusable(str(value), "an error value")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
