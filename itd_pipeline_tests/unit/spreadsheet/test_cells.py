"""Text stays text, nothing is cut unsaid, and a workbook does not know the time."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from itd_pipeline.spreadsheet import CELL_LIMIT, book_bytes, cell_text, put


def test_control_characters_are_removed_and_long_text_says_that_it_was_cut() -> None:
    assert cell_text("a\x00\x0bb\ud800c\r\nd") == "abc\nd"
    assert cell_text("x" * CELL_LIMIT) == "x" * CELL_LIMIT
    assert len(cell_text("x" * (CELL_LIMIT + 1))) == CELL_LIMIT
    assert cell_text("x" * (CELL_LIMIT + 1)).endswith("[cut here: longer than a cell can hold]")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "'a", "_x000D_", "plain"])
def test_any_text_comes_back_as_the_same_text(text: str) -> None:
    from openpyxl.utils.escape import unescape

    book = Workbook()
    put(book.active.cell(1, 1), text)
    raw = book_bytes(book)
    cell = load_workbook(io.BytesIO(raw)).active["A1"]
    assert (unescape(cell.value), cell.data_type) == (text, "s")
    assert bool(cell.quotePrefix) == (text[0] in "=+-@'")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_number_stays_a_number_and_no_text_leaves_the_cell_empty() -> None:
    book = Workbook()
    put(book.active.cell(1, 1), 3)
    put(book.active.cell(1, 2), "\x00")
    sheet = load_workbook(io.BytesIO(book_bytes(book))).active
    assert (sheet["A1"].value, sheet["B1"].value) == (3, None)


def test_the_clock_leaves_no_trace() -> None:
    def made() -> bytes:
        book = Workbook()
        put(book.active.cell(1, 1), "a")
        return book_bytes(book)

    raw = made()
    assert raw == made()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {m.date_time for m in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2000-01-01T00:00:00Z") == 2
