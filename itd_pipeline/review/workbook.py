"""The spreadsheet that a clinician fills in, as deterministic XLSX bytes.

Reviewers are blind to origin: no route, model, author or source is shown, and records are named by a hash. Record
text is always a text cell, never a formula (`spreadsheet/cells.py`).

Belongs here: what a cell looks like. Does not belong here: which records, or reading the file back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline.errors import ContractError
from itd_pipeline.ports import content_id
from itd_pipeline.review import evidence, sheet
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.spreadsheet import book_bytes, put

_HEAD, _FILL, _GREY = "FF1F4E5F", "FFFFF8E1", "FF666666"
_SHOWN = (("No.", 6), ("Audience", 14), ("Instruction", 40), ("Input", 44), ("Output", 60), ("Rationale", 44),
          ("Evidence", 54))


def write_workbook(sample: pa.Table, filtered: pa.Table, passages: pa.Table, rubric: Rubric, reviewer: str) -> bytes:
    """One reviewer's workbook.

    Args:
        sample: table `review_sample`.
        filtered: table `filtered_set`, holding every sampled record.
        passages: table `cleaned_text`; used for evidence that a record cites by span only.
        rubric: what is asked.
        reviewer: slot, such as `reviewer_1`.

    Returns:
        XLSX bytes; equal inputs give equal bytes.

    Raises:
        ContractError: the slot is not in the sample, or a sampled record is not in `filtered`.
    """
    assigned = sorted((r for r in sample.to_pylist() if r["reviewer"] == reviewer), key=lambda r: r["position"])
    if not assigned:
        slots = sorted(set(sample.column("reviewer").to_pylist()))
        raise ContractError(f"The sample has no reviewer {reviewer!r}.", f"Reviewers: {', '.join(slots) or 'none'}.")
    wanted = pa.array([r["record_id"] for r in assigned])
    records = {r["record_id"]: r for r in _pick(filtered, "record_id", wanted)}
    missing = [r["record_id"] for r in assigned if r["record_id"] not in records]
    if missing:
        raise ContractError(f"{len(missing)} sampled records are not in filtered_set, such as {missing[0]}.",
                            "Draw the sample again from this filtered_set.")
    cited = sorted(evidence.passage_ids(records.values()))
    by_id = {p["passage_id"]: p for p in _pick(passages, "passage_id", pa.array(cited, pa.string()))}
    return workbook_of([
        Row(r["assignment_id"], content_id("key", r["record_id"]), r["position"],
            evidence.shown_texts(records[r["record_id"]], by_id)) for r in assigned
    ], rubric, reviewer, assigned[0]["sample_id"])


@dataclass(frozen=True)
class Row:
    """One record in a workbook.

    Args:
        assignment: what finds it again; stands in a hidden column.
        key: hash of the record; hidden too.
        position: number shown.
        texts: heading -> text, as `evidence.shown_texts` gives.
        answer: answer id -> text, where something is answered already.
    """

    assignment: str
    key: str
    position: int
    texts: Mapping[str, Any]
    answer: Mapping[str, str] = field(default_factory=dict)


def workbook_of(rows: Sequence[Row], rubric: Rubric, reviewer: str, sample_id: str) -> bytes:
    """The workbook with these rows; equal inputs give equal bytes."""
    from openpyxl import Workbook

    book = Workbook()
    _write_readme(book.active, rubric, reviewer, sample_id)
    _write_records(book.create_sheet(sheet.RECORDS_SHEET), rows, rubric)
    return book_bytes(book)


def _write_readme(ws: Any, rubric: Rubric, reviewer: str, sample_id: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    ws.title = sheet.README_SHEET
    ws.sheet_view.showGridLines = False
    for letter, width in (("A", 24), ("B", 40), ("C", 96)):
        ws.column_dimensions[letter].width = width
    lines: list[tuple[str, str, str, str]] = [
        (rubric.title, "", "", "title"),
        (sheet.PSEUDONYM_LABEL, "", "Write a name that you also use next time, not your real one. Empty: the sheet's.",
         "field"),
        (sheet.SLOT_LABEL, reviewer, "", "field"),
        (sheet.SAMPLE_LABEL, sample_id, "", "field"),
        (sheet.RUBRIC_LABEL, rubric.version, "", "field"),
        ("How to", "", "", "head"),
        *(("", "", line, "") for line in (
            f"Open the sheet {sheet.RECORDS_SHEET!r}. Each row is one record. Judge on your own; do not compare notes.",
            "Read instruction, input, output and evidence. Then fill in the yellow cells from left to right.",
            "Answer every yes/no question and choose a decision. Leave a 1-5 cell empty where it does not apply.",
            "Decision correct: write the whole corrected output into the last column.",
            "You may stop at any time. Rows without an answer are simply not counted; a row begun should be finished.",
            "Do not write names of patients or colleagues anywhere. Save as .xlsx and send the file back.")),
        ("Questions", "Answer yes or no", "One no makes the record defective.", "head"),
        *((g.label, "", g.question, "") for g in rubric.gates),
    ]
    for axis in rubric.axes:
        lines.append((axis.label, "1 (worst) to 5 (best)", axis.question, "head"))
        lines += [("", str(score), anchor, "") for score, anchor in enumerate(axis.anchors, start=1)]
    if rubric.harm:
        for label, steps in (("Extent of harm", rubric.harm.extent), ("Likelihood of harm", rubric.harm.likelihood)):
            lines.append((label, "if someone followed the output", "", "head"))
            lines += [("", choice.id, choice.meaning, "") for choice in steps]
    lines.append(("Decision", "", "", "head"))
    lines += [("", choice.id, choice.meaning, "") for choice in rubric.decisions]
    lines.append(("Error tags", "none, one or several, with commas", "", "head"))
    lines += [("", choice.id, choice.meaning, "") for choice in rubric.error_tags]
    for row, (first, second, third, kind) in enumerate(lines, start=1):
        for column, value in enumerate((first, second, third), start=1):
            cell = ws.cell(row=row, column=column)
            put(cell, value)
            cell.alignment = Alignment(wrap_text=column > 1, vertical="top", horizontal="left")
            if kind in {"title", "head"} or (kind == "field" and column == 1):
                cell.font = Font(bold=True, size=16 if kind == "title" else 11)
            elif column == 3 and kind == "field":
                cell.font = Font(italic=True, color=_GREY)
        if first == sheet.PSEUDONYM_LABEL:
            ws.cell(row=row, column=2).fill = PatternFill("solid", fgColor=_FILL)
            ws.cell(row=row, column=2).number_format = "@"
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = 9
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr.fitToPage = True


def _write_records(ws: Any, rows: Sequence[Row], rubric: Rubric) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.utils import get_column_letter

    with_rationale = any(r.texts["Rationale"] for r in rows)
    shown = [(label, width) for label, width in _SHOWN if with_rationale or label != "Rationale"]
    asked = sheet.answers(rubric)
    headings = [(sheet.ASSIGNMENT, 4.0), (sheet.KEY, 4.0), *shown, *((a.label, a.width) for a in asked)]
    first_answer = len(headings) - len(asked) + 1
    thin = Side(style="thin", color="FFBFBFBF")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for column, (label, width) in enumerate(headings, start=1):
        cell = ws.cell(row=1, column=column, value=label)
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = border
        ws.column_dimensions[get_column_letter(column)].width = width
        ws.column_dimensions[get_column_letter(column)].hidden = column <= 2
    ws.row_dimensions[1].height = 34
    fill, wrapped, top = PatternFill("solid", fgColor=_FILL), Alignment(wrap_text=True, vertical="top"), \
        Alignment(horizontal="center", vertical="top")
    for row, one in enumerate(rows, start=2):
        texts = {**one.texts, "No.": one.position}
        given = [int(value) if a.kind == "axis" and (value := one.answer.get(a.id, "")) else one.answer.get(a.id, "")
                 for a in asked]
        values = [one.assignment, one.key, *(texts[label] for label, _ in shown), *given]
        lines = 3
        for column, value in enumerate(values, start=1):
            cell = ws.cell(row=row, column=column)
            put(cell, value)
            cell.border = border
            answer = asked[column - first_answer] if column >= first_answer else None
            cell.alignment = top if answer and answer.allowed and answer.kind != "tags" else wrapped
            if answer:
                cell.fill, cell.protection = fill, Protection(locked=False)
                cell.number_format = "General" if answer.kind == "axis" else "@"
            elif isinstance(value, str) and column > 2:
                per_line = headings[column - 1][1] * 1.05
                lines = max(lines, sum(math.ceil(max(len(part), 1) / per_line) for part in value.split("\n")))
        ws.row_dimensions[row].height = min(15 * lines + 4, 409)
    _offer_choices(ws, asked, first_answer, last_row=len(rows) + 1)
    ws.freeze_panes = "D2"
    _protect(ws)
    ws.print_title_rows, ws.print_title_cols = "1:1", "C:C"
    ws.page_setup.orientation, ws.page_setup.paperSize = "landscape", 8
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 2, 0
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.oddFooter.center.text = "&A, page &P of &N"


def _offer_choices(ws: Any, asked: Sequence[sheet.Answer], first_answer: int, last_row: int) -> None:
    """Drop-downs where one value is chosen, and what is asked wherever a cell is chosen."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for offset, answer in enumerate(asked):
        letter = get_column_letter(first_answer + offset)
        listed = answer.kind in {"gate", "axis", "choice", "decision"}
        rule = DataValidation(type="list" if listed else None, allow_blank=True,
                              formula1='"' + ",".join(answer.allowed) + '"' if listed else None)
        rule.promptTitle, rule.prompt, rule.showInputMessage = answer.label[:32], answer.help[:255], True
        if listed:
            rule.showErrorMessage, rule.errorTitle = True, answer.label[:32]
            rule.error = f"Choose one of: {', '.join(answer.allowed)}. Or leave the cell empty."
        rule.add(f"{letter}2:{letter}{last_row}")
        ws.add_data_validation(rule)


def _protect(ws: Any) -> None:
    """Record text is locked against slips, without a password; layout, sorting and filtering stay free."""
    ws.protection.sheet = True
    for freedom in ("formatCells", "formatColumns", "formatRows", "sort", "autoFilter"):
        setattr(ws.protection, freedom, False)


def _pick(table: pa.Table, key: str, wanted: pa.Array) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    found: list[dict[str, Any]] = table.filter(pc.is_in(table.column(key), wanted)).to_pylist()
    return found
