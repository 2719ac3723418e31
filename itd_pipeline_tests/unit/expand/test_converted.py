"""Pairs of a source become records; their wording is tidied only where that is certain."""

from __future__ import annotations

import pytest
from expand_builders import Run, passage
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.expand.questions import lacks_subject, question_kind, tidy_question
from itd_pipeline.tables.vocabularies import QUESTION_TYPE


@pytest.mark.parametrize(("asked", "tidy"), [
    ("What is (are) Gout ?", "What is Gout?"),
    ("What is (are) Brain Tumors ?", "What are Brain Tumors?"),
    ("What is (are) Diabetes ?", "What is Diabetes?"),
    ("Who is at risk for Gout? ?", "Who is at risk for Gout?"),
    ("Is Retinoblastoma inherited ?", "Is Retinoblastoma inherited?"),
    ("How to diagnose Gout ?", "How is Gout diagnosed?"),
    ("How to prevent Anal Cancer ?", "How can Anal Cancer be prevented?"),
    ("What to do for Acromegaly ?", "What should be done for Acromegaly?"),
    ("what research (or clinical trials) is being done for Gout ?", "What research is being done for Gout?"),
    ("Do you have information about A1C", "Do you have information about A1C?"),
    ("My knee hurts at night.", "My knee hurts at night."),
])
def test_question_is_tidied(asked: str, tidy: str) -> None:
    assert tidy_question(asked) == tidy


@given(st.text(min_size=1).filter(str.strip))
def test_tidying_twice_changes_nothing(asked: str) -> None:
    once = tidy_question(asked)
    assert tidy_question(once) == once


@pytest.mark.parametrize(("asked", "lacks"), [
    ("What is (are)  ?", True), ("Who is at risk for ? ?", True), ("How to prevent  ?", True),
    ("What is it for?", False), ("What causes gout?", False), ("What is (are) X ?", False),
])
def test_question_without_subject(asked: str, lacks: bool) -> None:
    assert lacks_subject(asked) is lacks


def test_kinds_are_of_the_vocabulary() -> None:
    assert question_kind("exams and tests") == "diagnosis"
    assert question_kind("never heard") == "other"
    assert question_kind(None) == "unspecified"
    assert {question_kind(k) for k in ("information", "outlook", "support groups", "Side Effects")} <= \
        set(QUESTION_TYPE)


def test_pair_becomes_record(run: Run) -> None:
    made = run([passage(1, question="What is (are) Gout ?", question_type="information")], ("converted",))
    row = made.rows[0]
    assert row["instruction"] == "What is Gout?"
    assert row["question_type"] == "definition"
    assert row["citations"] == [{"passage_id": "passage-1", "start": 0, "end": len(row["output"]),
                                 "quote": row["output"], "reference": ""}]


def test_pieces_of_one_answer_are_joined(run: Run) -> None:
    first = passage(1, "First part.", question="What is gout?")
    second = passage(2, "Second part.", question="What is gout?", document_id="document-1", ordinal=1)
    made = run([second, first], ("converted",))
    assert [row["output"] for row in made.rows] == ["First part.\n\nSecond part."]
    assert made.rows[0]["passage_ids"] == ["passage-1", "passage-2"]


def test_passages_that_cannot_be_converted(run: Run) -> None:
    made = run([passage(1), passage(2, question="What is (are) ?")], ("converted",))
    assert made.reasons == ["no_question", "question_lacks_subject"]
    assert made.facts["passages_unused"] == 0


def test_same_record_twice_is_told(run: Run) -> None:
    one = passage(1, question="What is gout?")
    made = run([one, {**one, "document_id": "document-2"}], ("converted",))
    assert (len(made.rows), made.reasons) == (1, ["duplicate_record"])
