"""What every workbook that this package writes keeps to: text stays text, and equal inputs give equal bytes.

    cells.py    what a cell of XLSX can hold, and how a value is put into one
    archive.py  a workbook as bytes that do not depend on the clock

Belongs here: rules of the file format. Does not belong here: sheets, headings or what they mean (`seeds/`, `review/`).
"""

from __future__ import annotations

from itd_pipeline.spreadsheet.archive import book_bytes
from itd_pipeline.spreadsheet.cells import CELL_LIMIT, cell_text, put

__all__ = ["CELL_LIMIT", "book_bytes", "cell_text", "put"]
