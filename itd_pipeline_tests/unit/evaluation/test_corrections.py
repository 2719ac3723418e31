"""Whose words stand where experts correct an output, and which corrections wait."""

from __future__ import annotations

import json
from typing import Any

import pytest

from itd_pipeline.evaluation.adjudication import adjudicate
from itd_pipeline.evaluation.corrections import adjudicated, correction_facts
from itd_pipeline.tables.review import RATINGS


def rated(*given: tuple[str, str, str | None], gate: str = "yes") -> Any:
    """(reviewer, decision, correction) on record r."""
    return RATINGS.from_rows([
        {"assignment_id": f"a-{who}", "record_id": "r", "reviewer": who, "rubric_version": "2", "decision": decision,
         "gate": json.dumps({"medically_correct": gate if decision == "correct" else "yes"}), "axes": "{}",
         "error_tags": "", "comment": "See the dose.", "correction": text, "origin": "a.xlsx",
         "answered_on": f"2026-03-0{place}"} for place, (who, decision, text) in enumerate(given, start=1)])


@pytest.mark.parametrize(("given", "asked", "words", "waits"), [
    ([("owl", "correct", "Better."), ("fox", "correct", " Better.\n")], 2, "Better.", ""),
    ([("owl", "correct", "Better."), ("fox", "correct", "Best.")], 2, None, "texts_differ"),
    ([("owl", "correct", "Better."), ("fox", "accept", None)], 2, None, "not_agreed"),
    ([("owl", "correct", "Better.")], 2, None, "not_agreed"),
    ([("owl", "correct", "Better.")], 1, "Better.", ""),
    ([("owl", "correct", "Better."), ("fox", "correct", "Best."), ("elk", "correct", "Better.")], 2, "Better.", ""),
    ([("owl", "correct", "Better."), ("fox", "accept", None), ("elk", "accept", None)], 3, None, "not_agreed"),
    ([("owl", "correct", None), ("fox", "correct", " ")], 2, None, "no_text"),
])
def test_words_stand_that_more_than_half_wrote(given: list[Any], asked: int, words: str | None, waits: str) -> None:
    one = adjudicated(rated(*given), asked={"r": asked})["r"]
    assert (one.status, one.correction, one.waits, one.basis) == ("corrected", words, waits, "reviewers")


def test_the_third_goes_before_the_reviewers() -> None:
    ratings = rated(("owl", "correct", "Better."), ("fox", "correct", "Best."))
    third = {"r": {"status": "corrected", "correction": "Good.", "adjudicator": "elk", "rubric_version": "2",
                   "decided_on": "2026-03-09"}}
    one = adjudicated(ratings, third)["r"]
    assert (one.correction, one.basis, one.decided_by) == ("Good.", "third opinion", ("elk",))
    assert (one.rubric_versions, one.decided_on) == (("2",), "2026-03-09")
    assert adjudicated(ratings, {"r": {**third["r"], "status": "accepted", "correction": ""}})["r"].status == "accepted"
    assert adjudicated(ratings, {"r": {**third["r"], "correction": ""}})["r"].waits == "no_text"


def test_who_wrote_the_words_and_when() -> None:
    ratings = rated(("owl", "correct", "Better."), ("fox", "correct", "Best."), ("elk", "correct", "Better."))
    one = adjudicated(ratings)["r"]
    assert (one.decided_by, one.rubric_versions, one.decided_on) == (("elk", "owl"), ("2",), "2026-03-03")


def test_who_mends_a_defect_does_not_condemn_the_record() -> None:
    assert adjudicate(rated(("owl", "correct", "Better."), ("fox", "correct", "Better."), gate="no")) == {
        "r": "corrected"}
    assert adjudicate(rated(("owl", "correct", "Better."), ("fox", "reject", None), gate="no")) == {"r": "rejected"}


def test_what_the_report_counts() -> None:
    facts = correction_facts({
        **adjudicated(rated(("owl", "correct", "Better."), ("fox", "correct", "Better."))),
        "s": adjudicated(rated(("owl", "correct", None)))["r"], "t": adjudicated(rated(("owl", "accept", None)))["r"]})
    assert facts == {"asked": 2, "stand": 1, "basis": {"reviewers": 1}, "waits": {"no_text": 1}}
