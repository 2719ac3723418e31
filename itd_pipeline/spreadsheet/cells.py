"""What a cell of XLSX can hold, and how a value is put into one.

No cell is ever a formula: text that begins with = + - or @ would otherwise be run by the program that opens the file
(OWASP, "CSV injection").
"""

from __future__ import annotations

import re
from typing import Any

CELL_LIMIT = 32_767
"""Most characters that a cell holds."""
_CUT = " [cut here: longer than a cell can hold]"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str) -> str:
    """Text as a cell can hold it: no control characters that XML forbids, at most `CELL_LIMIT` characters. What is
    longer says at its end that it was cut."""
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # XLSX reads _x000D_ and the like as escapes; escaping the underscore keeps the text as it is.
    text = _ESCAPE.sub("_x005F_", text)
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(_CUT)] + _CUT


def put(cell: Any, value: str | int) -> None:
    """Write a number as a number and text as text, never as a formula; an empty text leaves the cell empty.

    Args:
        cell: of openpyxl.
    """
    if isinstance(value, int):
        cell.value = value
    elif text := cell_text(value):
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text[:1] in "=+-@'\t"
