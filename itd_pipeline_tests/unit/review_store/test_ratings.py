"""Answers from elsewhere: what a spreadsheet cannot hold is no edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.reading import cell_words
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.people import Person
from itd_pipeline.review_store.ratings import rows_of, take_in
from itd_pipeline.review_store.tasks import task_at
from itd_pipeline.spreadsheet import CELL_LIMIT, cell_text
from itd_pipeline_tests.review_world import GOOD, RUBRIC, fill


@pytest.mark.parametrize("comment", ["5\u00a0mg", "x" * (CELL_LIMIT + 9), "_x000D_", "plain"])
def test_what_a_cell_cannot_hold_comes_back_as_it_was(tmp_path: Path, comment: str) -> None:
    rubric = load_rubric(RUBRIC)
    with Store(tmp_path / "r.sqlite") as store:
        fill(store, 1, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        answer = check_answer({**GOOD, "comment": comment}, rubric).values
        task = task_at(store, "owl", 1)
        assert task is not None
        save_answer(store, "owl", task["task_id"], 0, answer, 9.0, rubric.version)
        (row,) = rows_of(store, "owl")
        back = {name: cell_words(cell_text(value)) for name, value in row.answer.items()}
        taken = take_in(store, "owl", [("row 2", row.assignment, back)], rubric)
        assert (taken.saved, taken.unchanged, taken.problems) == (0, 1, [])
        taken = take_in(store, "owl", [("row 2", row.assignment, {**back, "clarity": "2"})], rubric)
        assert (taken.saved, taken.problems) == (1, [])
        (now,) = rows_of(store, "owl")
        assert (now.answer["comment"], now.answer["clarity"]) == (comment, "2")
