"""Filled-in spreadsheets back into ratings.

Columns are found by heading, so they may have been moved, and further ones may have been added. A row with no
answer at all is not a rating; every other row becomes a rating or a reject that names file, sheet, row, column and
what is allowed. The first rating of a record by a reviewer counts, in the order of the files' names.

A sheet for the adjudicator holds third opinions: the first on a record counts, and nobody decides what they have
judged.

Reasons: `wrong_cell`, `incomplete_rating`, `unknown_assignment`, `sample_mismatch`, `duplicate_rating`,
`not_to_decide`, `unreadable_workbook` (the whole file).

Belongs here: what a returned row means. Does not belong here: opening the file (`reading.py`) or statistics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch, canonical_json, content_id, reject
from itd_pipeline.review import sheet
from itd_pipeline.review.answer import check_answer, rating_of
from itd_pipeline.review.reading import ReturnedSheet, UnreadableWorkbookError, cell_words, read_sheet
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import RATINGS

STAGE = "human_evaluation"
THIRD_OPINIONS = "third_opinions.json"
"""File beside the ratings: record id -> `decision`, `correction`, `adjudicator` and `gate`."""
_OWNER_FILES = ("~$", ".~lock")


@dataclass(frozen=True)
class _Turned:
    """Why a row is turned away."""

    reason: str
    detail: str


class _Assignments:
    """The sample, by assignment and by record and reviewer slot."""

    def __init__(self, sample: pa.Table) -> None:
        rows = sample.to_pylist()
        self.sample_id = rows[0]["sample_id"] if rows else ""
        self.by_id = {r["assignment_id"]: r for r in rows}
        self.by_key = {(content_id("key", r["record_id"]), r["reviewer"]): r for r in rows}


def read_returned(files: Sequence[Path], sample: pa.Table, rubric: Rubric) -> Batch:
    """Read what reviewers sent back.

    Args:
        files: XLSX files; the lock files that spreadsheet programs leave behind (`~$...`) are passed over.
        sample: table `review_sample`. A sheet of an earlier sample counts for the records that are in this one
            too, for a record's id is a hash of its content.
        rubric: the rubric in force; its version is written to each rating unless the sheet names another.

    Returns:
        Batch of `human_evaluation` rows; `units_in` counts rows with any answer that are no third opinion, and files
        that cannot be read. Third opinions stand in the file `THIRD_OPINIONS`.
    """
    known = _Assignments(sample)
    asked = sheet.answers(rubric)
    kept: list[dict[str, Any]] = []
    turned: list[dict[str, Any]] = []
    judged: dict[tuple[str, str], dict[str, Any]] = {}
    opinions: list[tuple[dict[str, Any], str, dict[str, Any]]] = []
    units_in = 0
    read = [f for f in sorted(files, key=lambda f: (f.name, f.as_posix())) if not f.name.startswith(_OWNER_FILES)]
    for number, file in enumerate(read):
        try:
            returned = read_sheet(file)
        except UnreadableWorkbookError as error:
            units_in += 1
            turned.append(reject(STAGE, "", content_id("ret", str(number), file.name), "unreadable_workbook",
                                 f"{file.name}: {error}", {"file": file.name}))
            continue
        for row_number, cells in returned.rows:
            if not any(cell_words(cells.get(sheet.fold(a.label))) for a in asked):
                continue
            units_in += 1
            where = f"{file.name}, sheet {returned.title!r}, row {row_number}"
            outcome = _rating(cells, returned, known, asked, rubric, where)
            row_id = content_id("ret", str(number), file.name, str(row_number))
            whole = {"file": file.name, "row": row_number, "pseudonym": returned.pseudonym,
                     "cells": {k: cell_words(v) for k, v in cells.items() if v is not None}}
            if isinstance(outcome, dict) and returned.slot == sheet.ADJUDICATOR:
                opinions.append((outcome, row_id, whole))
                continue
            if isinstance(outcome, dict):
                outcome = _first_only(outcome, judged, where)
            if isinstance(outcome, dict):
                kept.append(outcome)
                continue
            turned.append(reject(STAGE, "", row_id, outcome.reason, outcome.detail, whole,
                                 parent_id=cell_words(cells.get(sheet.fold(sheet.ASSIGNMENT))) or None))
    kept.sort(key=lambda r: (r["assignment_id"], r["reviewer"]))
    decided: dict[str, dict[str, Any]] = {}
    for opinion, row_id, whole in opinions:
        problem = _not_to_decide(opinion, decided, judged)
        if problem:
            turned.append(reject(STAGE, "", row_id, "not_to_decide", f"{opinion['origin']}: {problem}", whole,
                                 parent_id=opinion["assignment_id"]))
            continue
        decided[opinion["record_id"]] = {
            "decision": opinion["decision"], "correction": opinion["correction"] or "",
            "adjudicator": opinion["reviewer"], "gate": json.loads(opinion["gate"]),
            "rubric_version": opinion["rubric_version"]}
    return Batch(rows=RATINGS.from_rows(kept), rejects=REJECTS.from_rows(turned), units_in=units_in - len(decided),
                 files={THIRD_OPINIONS: canonical_json(decided).encode()},
                 facts={"files_read": len(read), "files_passed_over": len(files) - len(read)})


def _not_to_decide(opinion: Mapping[str, Any], decided: Mapping[str, Mapping[str, Any]],
                   judged: Mapping[tuple[str, str], Any]) -> str:
    """Why a third opinion does not count; empty where it does."""
    record, who = opinion["record_id"], opinion["reviewer"]
    if record in decided:
        return f"{decided[record]['adjudicator']} has decided {record} before; the first counts."
    if who == sheet.ADJUDICATOR:
        return f"write a pseudonym into {sheet.PSEUDONYM_LABEL!r} of the sheet {sheet.README_SHEET!r}."
    if (record, who) in judged:
        return f"{who} has judged {record} as a reviewer; somebody else decides."
    if not any(held == record for held, _ in judged):
        return f"nobody has judged {record} in a spreadsheet yet; there is nothing to decide."
    return ""


def _rating(
    cells: Mapping[str, Any], returned: ReturnedSheet, known: _Assignments, asked: Sequence[sheet.Answer],
    rubric: Rubric, where: str,
) -> dict[str, Any] | _Turned:
    assignment = _assignment(cells, returned, known)
    if assignment is None:
        if returned.sample_id and returned.sample_id != known.sample_id:
            return _Turned("sample_mismatch", f"{where}: the sheet belongs to sample {returned.sample_id}, the sample "
                           f"in force is {known.sample_id or 'empty'}, and this record is not in it.")
        return _Turned("unknown_assignment", f"{where}, column {sheet.ASSIGNMENT!r}: not an assignment of sample "
                       f"{known.sample_id or '(empty)'}; leave the hidden columns as they were.")
    labels = {a.id: a.label for a in asked}
    checked = check_answer({a.id: cell_words(cells.get(sheet.fold(a.label))) for a in asked}, rubric)
    if checked.wrong:
        return _Turned("wrong_cell", f"{where}, " + "; ".join(
            f"column {labels[name]!r}: {problem}" for name, problem in checked.wrong.items()))
    if checked.missing:
        return _Turned("incomplete_rating", f"{where}: no answer in "
                       f"{', '.join(repr(labels[name]) for name in checked.missing)}; needed are every yes/no "
                       "question, a decision, and a correction where the decision is correct.")
    return {
        "assignment_id": assignment["assignment_id"],
        "record_id": assignment["record_id"],
        "reviewer": " ".join(returned.pseudonym.casefold().split()) or (
            sheet.ADJUDICATOR if returned.slot == sheet.ADJUDICATOR else assignment["reviewer"]),
        "rubric_version": returned.rubric_version or rubric.version,
        **rating_of(checked.values, rubric),
        "origin": where,
    }


def _assignment(cells: Mapping[str, Any], returned: ReturnedSheet, known: _Assignments) -> dict[str, Any] | None:
    found = known.by_id.get(cell_words(cells.get(sheet.fold(sheet.ASSIGNMENT))))
    return found or known.by_key.get((cell_words(cells.get(sheet.fold(sheet.KEY))), returned.slot))


def _first_only(rating: dict[str, Any], judged: dict[tuple[str, str], dict[str, Any]], where: str) \
        -> dict[str, Any] | _Turned:
    """The rating, or why it does not count: this reviewer has judged this record before."""
    earlier = judged.setdefault((rating["record_id"], rating["reviewer"]), rating)
    if earlier is rating:
        return rating
    apart = ("origin", "assignment_id")
    same = all(earlier[k] == rating[k] for k in rating if k not in apart)
    return _Turned("duplicate_rating", f"{where}: {rating['reviewer']} has judged {rating['record_id']} before, in "
                   f"{earlier['origin']}; the first counts, this one is {'the same' if same else 'different'}.")
