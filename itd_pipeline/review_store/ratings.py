"""Answers as rows of `human_evaluation`, and answers from elsewhere (spreadsheets, Label Studio) into the store.

Belongs here: crossing the border of the store. Does not belong here: file formats (`review/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import canonical_json
from itd_pipeline.review.answer import check_answer, rating_of
from itd_pipeline.review.reading import cell_words
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review.shown import sheet_texts
from itd_pipeline.review.workbook import Row
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.database import Conflict, Store
from itd_pipeline.spreadsheet import cell_text
from itd_pipeline.tables.review import RATINGS
from itd_pipeline.tables.vocabularies import YES_NO

_WORDS = ("comment", "correction")
_REFERENCE = re.compile(r"task-(\d{1,12})\.r(\d{1,9})")


def ratings(store: Store, sample: pa.Table, rubric: Rubric) -> pa.Table:
    """Answers to the sample as rows of `human_evaluation`, sorted; without practice rounds, repeats and pairs.

    Args:
        sample: table `review_sample`; answers to records that are not in it wait for a sample that holds them.
    """
    assignment = {(r["record_id"], r["reviewer"]): r["assignment_id"] for r in sample.to_pylist()}
    rows = []
    for task in store.rows("SELECT * FROM tasks WHERE kind = 'record' AND answer IS NOT NULL"):
        known = assignment.get((task["item_id"], f"reviewer_{task['slot']}"))
        if known:
            rows.append({"assignment_id": known, "record_id": task["item_id"], "reviewer": task["reviewer"],
                         "rubric_version": task["rubric_version"] or rubric.version,
                         **rating_of(_whole(json.loads(task["answer"]), rubric), rubric),
                         "origin": "review application", "answered_on": _day(task["answered_at"])})
    return RATINGS.from_rows(sorted(rows, key=lambda r: (r["assignment_id"], r["reviewer"])))


def opinions(store: Store) -> dict[str, dict[str, Any]]:
    """Record id -> the third opinion: `decision`, `correction`, `adjudicator`, `gate` {question: yes or no},
    `rubric_version`, `decided_on`."""
    found = {}
    for row in store.rows("SELECT * FROM opinions ORDER BY item_id"):
        answer = json.loads(row["answer"])
        found[row["item_id"]] = {"decision": answer["decision"], "correction": answer.get("correction", ""),
                                 "adjudicator": row["adjudicator"],
                                 "gate": {name: said for name, said in sorted(answer.items())
                                          if said in YES_NO and name not in _WORDS},
                                 "rubric_version": row["rubric_version"], "decided_on": _day(row["at"])}
    return found


def _day(moment: str | None) -> str | None:
    """The date of a moment: a rating tells the day, not the hours that somebody works."""
    return moment[:10] if moment else None


def answers_digest(store: Store) -> str:
    """Everything that decides ratings and opinions, as text; the same answers give the same text."""
    return canonical_json([
        [[*(row[name] for name in ("reviewer", "item_id", "slot", "answer", "rubric_version")),
          _day(row["answered_at"])] for row in store.rows(
            "SELECT * FROM tasks WHERE kind = 'record' AND answer IS NOT NULL ORDER BY item_id, slot, reviewer")],
        opinions(store)])


def rows_of(store: Store, reviewer: str) -> list[Row]:
    """A reviewer's records for a spreadsheet or Label Studio, in their order, with what is answered already."""
    found = []
    for task in store.rows(
            "SELECT t.*, i.content FROM tasks t JOIN items i USING (item_id) WHERE t.reviewer = ? AND t.kind != 'pair' "
            "ORDER BY t.position", (reviewer,)):
        content = json.loads(task["content"])
        found.append(Row(f"task-{task['task_id']}.r{task['revision']}", content["key"], task["position"],
                         sheet_texts(content), json.loads(task["answer"]) if task["answer"] else {}))
    return found


@dataclass
class TakenIn:
    """What became of answers from elsewhere; `problems` name the place and what is wrong."""

    saved: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def take_in(store: Store, reviewer: str, given: Iterable[tuple[str, str, Mapping[str, str]]],
            rubric: Rubric) -> TakenIn:
    """Keep answers from elsewhere, each by the same rules as one from the page.

    Args:
        given: (place in words, reference as `rows_of` gave it, answer id -> text). One without any text is passed over.
    """
    result = TakenIn()
    for place, reference, values in given:
        if not any(values.values()):
            continue
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            result.problems.append(f"{place}: not a record of this review; leave the hidden columns as they were.")
            continue
        task_id, revision = int(match[1]), int(match[2])
        row = store.row("SELECT answer FROM tasks WHERE task_id = ? AND reviewer = ?", (task_id, reviewer))
        held = json.loads(row["answer"]) if row and row["answer"] else {}
        checked = check_answer(_as_held(values, held), rubric)
        if not checked.good:
            wrong = [f"{name}: {problem}" for name, problem in checked.wrong.items()]
            result.problems.append(f"{place}: " + "; ".join([*wrong, *(f"{m}: missing" for m in checked.missing)]))
            continue
        if held == checked.values:
            result.unchanged += 1
            continue
        try:
            save_answer(store, reviewer, task_id, revision, checked.values, 0.0, rubric.version)
            result.saved += 1
        except Conflict as conflict:
            result.problems.append(f"{place}: {conflict}")
    return result


def _as_held(given: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    """What came back, and where a cell shows no more than it can hold of what is stored, that: hard blanks, control
    characters and very long texts do not survive a spreadsheet, and are no edit."""
    return {name: held[name] if name in held and value == cell_words(cell_text(held[name])) else value
            for name, value in given.items()}


def _whole(answer: Mapping[str, str], rubric: Rubric) -> dict[str, Any]:
    """An answer with an empty text for what its rubric did not ask."""
    names = [*(g.id for g in rubric.gates), *(a.id for a in rubric.axes), "error_tags", "comment", "correction"]
    return {**dict.fromkeys(names, ""), **answer}
