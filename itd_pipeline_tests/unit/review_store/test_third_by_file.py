"""A dispute goes out to a spreadsheet or to Label Studio and comes back as the third opinion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.label_studio import read_annotations, tasks_json
from itd_pipeline.review.reading import cell_words, read_sheet
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review.sheet import ASSIGNMENT, answers, fold
from itd_pipeline.review.workbook import Row, workbook_of
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.people import Person
from itd_pipeline.review_store.ratings import answers_digest, opinions
from itd_pipeline.review_store.tasks import next_position, task_at
from itd_pipeline.review_store.third_by_file import dispute_rows, take_in_opinions
from itd_pipeline_tests.review_world import GOOD, RUBRIC, fill

rubric = load_rubric(RUBRIC)
ACCEPT = check_answer({**GOOD, "decision": "accept", "supported_by_evidence": "yes"}, rubric).values
REJECT = check_answer({**GOOD, "decision": "reject", "medically_correct": "no", "comment": "the dose is too high"},
                      rubric).values


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One record on which owl and fox differ; elk may decide."""
    with Store(tmp_path / "review.sqlite") as opened:
        fill(opened, 1, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",)), Person("elk", ("adjudicator",))])
        for who, answer in (("owl", ACCEPT), ("fox", REJECT)):
            position = next_position(opened, who)
            assert position is not None
            task = task_at(opened, who, position)
            assert task is not None
            save_answer(opened, who, task["task_id"], 0, answer, 5.0, rubric.version)
        yield opened


def by_spreadsheet(rows: list[Row], folder: Path) -> list[tuple[str, str, dict[str, str]]]:
    file = folder / "third.xlsx"
    answered = [Row(r.assignment, r.key, r.position, r.texts, ACCEPT) for r in rows]
    file.write_bytes(workbook_of(answered, rubric, "elk", ""))
    return [(f"row {n}", cell_words(cells[fold(ASSIGNMENT)]),
             {a.id: cell_words(cells.get(fold(a.label))) for a in answers(rubric)})
            for n, cells in read_sheet(file).rows]


def by_label_studio(rows: list[Row], _: Path) -> list[tuple[str, str, dict[str, str]]]:
    raw = tasks_json([Row(r.assignment, r.key, r.position, r.texts, ACCEPT) for r in rows], rubric)
    return [(f"task {n}", *one) for n, one in enumerate(read_annotations(raw, rubric))]


@pytest.mark.parametrize("channel", [by_spreadsheet, by_label_studio])
def test_the_opinion_comes_back_and_settles_the_dispute(store: Store, tmp_path: Path, channel: object) -> None:
    rows = dispute_rows(store, "elk", rubric)
    assert len(rows) == 1
    shown = rows[0].texts["Evidence"]
    assert "Judgement 2." in shown
    assert "the dose is too high" in shown
    assert "owl" not in shown
    assert "fox" not in shown
    given = channel(rows, tmp_path)  # type: ignore[operator]
    taken = take_in_opinions(store, "elk", given, rubric)
    assert (taken.saved, taken.problems) == (1, [])
    (opinion,) = opinions(store).values()
    assert (opinion["decision"], opinion["adjudicator"]) == ("accept", "elk")
    assert opinion["gate"] == {g.id: ACCEPT[g.id] for g in rubric.gates}
    assert dispute_rows(store, "elk", rubric) == []
    assert take_in_opinions(store, "elk", given, rubric).unchanged == 1


def test_who_has_judged_or_comes_second_decides_nothing(store: Store, tmp_path: Path) -> None:
    given = by_label_studio(dispute_rows(store, "elk", rubric), tmp_path)
    assert dispute_rows(store, "owl", rubric) == []
    assert "may decide" in take_in_opinions(store, "owl", given, rubric).problems[0]
    take_in_opinions(store, "elk", given, rubric)
    assert "Somebody else" in take_in_opinions(store, "bee", given, rubric).problems[0]


def test_an_unfinished_opinion_and_a_foreign_row_are_named(store: Store) -> None:
    reference = dispute_rows(store, "elk", rubric)[0].assignment
    taken = take_in_opinions(store, "elk", [
        ("row 2", reference, {"decision": "accept"}), ("row 3", "opinion-nothing.r0", ACCEPT),
        ("row 4", reference, {})], rubric)
    assert taken.saved == 0
    assert "medically_correct: missing" in taken.problems[0]
    assert "not a record in dispute" in taken.problems[1]
    assert len(taken.problems) == 2


def test_gates_of_an_opinion_change_the_digest_of_answers(store: Store) -> None:
    before = answers_digest(store)
    reference = dispute_rows(store, "elk", rubric)[0].assignment
    take_in_opinions(store, "elk", [("row 2", reference, ACCEPT)], rubric)
    assert answers_digest(store) != before
    assert json.loads(answers_digest(store))[1]
