"""The spreadsheet in which experts write seeds, as deterministic XLSX bytes.

Sheets: `Read me` (what to do, what each column is for), `Seeds` (one row each, drop-downs from the vocabularies, the
guidance as a prompt on each cell), `Examples` (two worked ones), `Coverage` (specialty x task x audience x difficulty:
wanted, have, missing), `Lists` (the vocabularies behind the drop-downs, hidden).

No cell is ever a formula (`spreadsheet/cells.py`). Belongs here: what the workbook looks like. Does not belong here:
reading it (`sheet_items.py`) or what a cell may hold (`columns.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from itd_pipeline.seeds.columns import REQUIRED
from itd_pipeline.seeds.coverage import Cell
from itd_pipeline.seeds.guidance import CHOICES, EXAMPLES, GUIDANCE, LONG, SHOWN
from itd_pipeline.spreadsheet import book_bytes, cell_text, put

SHEET = "Seeds"
EMPTY_ROWS = 500
"""Rows prepared for new seeds."""
_HEAD, _FILL, _NEED = "FF1F4E5F", "FFFFF8E1", "FF8C1D18"
_STEPS = (
    "Write on the sheet Seeds, one row for each seed. Dark red headings are needed, the others help.",
    "Choose from the list where a cell offers one. What a column is for shows when you choose a cell, and "
    "stands below.",
    "The sheet Coverage says what is wanted, what is there and what is missing.",
    "The sheet Examples shows two whole seeds.",
    "Several authors may each fill in a copy: all copies are read together. Keep the id when you edit a seed; the same "
    "seed edited in two copies is merged cell by cell, and where both changed one cell you are asked.",
    "Never write about a real patient, and no names: not of patients, not of colleagues, not your own.",
    "Save as .xlsx and hand the file in. Every wrong cell is then named with what is allowed; good rows are kept.",
)


def write_workbook(seeds: Sequence[Mapping[str, str]], coverage: Sequence[Cell],
                   comments: Mapping[tuple[str, str], str] | None = None) -> bytes:
    """The workbook.

    Args:
        seeds: cells of the seeds that are there, text by name of the cell.
        coverage: the grid.
        comments: (id of the seed, cell) -> comment to put on that cell.

    Returns:
        XLSX bytes; equal inputs give equal bytes.
    """
    from openpyxl import Workbook

    book = Workbook()
    _read_me(book.active)
    _seeds(book.create_sheet(SHEET), seeds, EMPTY_ROWS, comments or {})
    _seeds(book.create_sheet("Examples"), EXAMPLES, 0, {})
    _coverage(book.create_sheet("Coverage"), coverage)
    _lists(book.create_sheet("Lists"))
    return book_bytes(book)


def _read_me(ws: Any) -> None:
    from openpyxl.styles import Alignment, Font

    ws.title = "Read me"
    ws.sheet_view.showGridLines = False
    ws.column_dimensions["A"].width, ws.column_dimensions["B"].width = 22, 110
    lines = [("Seeds", ""), *(("", step) for step in _STEPS), ("Column", "What belongs there")]
    lines += [(_label(name), GUIDANCE[name]) for name in SHOWN]
    for row, (first, second) in enumerate(lines, start=1):
        for column, value in enumerate((first, second), start=1):
            put(ws.cell(row, column), value)
            ws.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        if first:
            ws.cell(row, 1).font = Font(bold=True, size=16 if row == 1 else 11)


def _seeds(ws: Any, seeds: Sequence[Mapping[str, str]], empty: int, comments: Mapping[tuple[str, str], str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, name in enumerate(SHOWN, start=1):
        cell = ws.cell(1, column, _label(name))
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_NEED if name in REQUIRED else _HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        ws.column_dimensions[get_column_letter(column)].width = 44 if name in LONG else 16
    ws.row_dimensions[1].height = 32
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row, seed in enumerate(seeds, start=2):
        for column, name in enumerate(SHOWN, start=1):
            cell = ws.cell(row, column)
            put(cell, seed.get(name) or "")
            cell.alignment, cell.number_format = wrapped, "@"
            if text := comments.get((seed.get("id") or "", name)):
                cell.comment = Comment(cell_text(text), "review")
    if not empty:
        return
    for row in range(len(seeds) + 2, len(seeds) + 2 + min(empty, 50)):
        for column in range(1, len(SHOWN) + 1):
            ws.cell(row, column).number_format = "@"
            ws.cell(row, column).alignment = wrapped
    _offer(ws, len(seeds) + 1 + empty)
    ws.freeze_panes = "C2"


def _offer(ws: Any, last_row: int) -> None:
    """Drop-downs, and what each column is for wherever a cell is chosen."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, name in enumerate(SHOWN, start=1):
        letter = get_column_letter(column)
        listed = name in CHOICES
        source = get_column_letter(list(CHOICES).index(name) + 1) if listed else ""
        rule = DataValidation(type="list" if listed else None, allow_blank=True, formula1=(
            f"Lists!${source}$2:${source}${len(CHOICES[name]) + 1}" if listed else None))
        rule.promptTitle, rule.prompt, rule.showInputMessage = _label(name)[:32], GUIDANCE[name][:255], True
        if listed:
            rule.showErrorMessage, rule.errorTitle = True, _label(name)[:32]
            rule.error = "Choose a word of the list, or leave the cell empty."
        rule.add(f"{letter}2:{letter}{last_row}")
        ws.add_data_validation(rule)


def _coverage(ws: Any, cells: Sequence[Cell]) -> None:
    from openpyxl.styles import Font, PatternFill

    heads = ("Specialty", "Task", "Audience", "Difficulty", "Wanted", "Have", "Missing")
    for column, head in enumerate(heads, start=1):
        ws.cell(1, column, head).font = Font(bold=True)
        ws.column_dimensions["ABCDEFG"[column - 1]].width = 26 if column < 4 else 11
    missing = PatternFill("solid", fgColor="FFFBE6E4")
    for row, cell in enumerate(cells, start=2):
        values: tuple[str | int, ...] = (cell.specialty, cell.task_type, cell.audience, cell.difficulty, cell.wanted,
                                         cell.have, cell.missing)
        for column, value in enumerate(values, start=1):
            put(ws.cell(row, column), value)
        if cell.missing:
            ws.cell(row, 7).fill = missing
    ws.freeze_panes = "A2"
    ws.auto_filter.ref = f"A1:G{max(len(cells) + 1, 2)}"


def _lists(ws: Any) -> None:
    for column, (name, values) in enumerate(CHOICES.items(), start=1):
        ws.cell(1, column, _label(name))
        for row, value in enumerate(values, start=2):
            put(ws.cell(row, column), value)
    ws.sheet_state = "hidden"


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
