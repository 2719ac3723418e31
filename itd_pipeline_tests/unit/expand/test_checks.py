"""Checks that a recipe names: just inside and just outside."""

from __future__ import annotations

from typing import Any

import pytest

from itd_pipeline.expand.judging.checks import CHECKS, check_problem
from itd_pipeline.expand.judging.readability import reading_grade
from itd_pipeline.expand.recipe.model import Check

PASSAGE = "Take 1,000 mg of paracetamol, or 2.50 g in 24 hours."


def _reason(name: str, value: Any, **options: Any) -> str | None:
    check = Check(name=name, **options)
    assert check_problem(check) is None
    failed = CHECKS[name].test(value, check, PASSAGE)
    return failed.reason if failed else None


@pytest.mark.parametrize(("name", "value", "options", "reason"), [
    ("no_mention_of_text", "What does the passage say?", {}, "mentions_passage"),
    ("no_mention_of_text", "What is the safe passage of a stone?", {}, None),
    ("no_mention_of_text", [{"role": "user", "content": "According to the text, why?"}], {}, "mentions_passage"),
    ("numbers_in_passage", "1000 mg, 2.5 g, 24 hours", {}, None),
    ("numbers_in_passage", "25 g", {}, "number_not_in_passage"),
    ("words", "one two", {"at_least": 2, "at_most": 2}, None),
    ("words", "one", {"at_least": 2}, "wrong_length"),
    ("words", "one two three", {"at_most": 2}, "wrong_length"),
    ("shorter", "Take paracetamol", {"at_most": 0.2}, None),
    ("shorter", "Take paracetamol in hours", {"at_most": 0.2}, "not_shorter"),
    ("reading_grade", "You take it. It helps.", {"at_most": 5}, None),
    ("reading_grade", "Pharmacokinetic considerations necessitate individualised administration.", {"at_most": 12},
     "reading_grade"),
    ("options_distinct", ["gout", "Asthma"], {}, None),
    ("options_distinct", ["gout", "Gout."], {}, "options_not_distinct"),
    ("options_distinct", ["gout", "acute gout"], {}, "options_not_distinct"),
    ("options_even", ["a" * 60, "b" * 20], {"at_most": 3}, None),
    ("options_even", ["a" * 61, "b" * 20], {"at_most": 3}, "options_uneven"),
    ("options_even", ["a" * 40, "b"], {"at_most": 3}, None),
    ("code_known", [{"code": "E11.9", "description": "Type 2 diabetes mellitus without complications"}],
     {"system": "icd10cm"}, None),
    ("code_known", ["E11.9", "Z99.999"], {"system": "icd10cm"}, "unknown_code"),
    ("code_known", [{"code": "HP:0001250", "term": "Seizures"}], {"system": "hpo"}, None),
    ("code_known", [{"code": "HP:0001250", "term": "Cough"}], {"system": "hpo"}, "code_mismatch"),
    ("declines", "I can't tell you to do that.", {}, None),
    ("declines", "Of course: take two.", {}, "does_not_decline"),
    ("turns_alternate", [{"role": "user", "content": "a"}], {}, None),
    ("turns_alternate", [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], {},
     "turns_not_alternating"),
    ("turns_alternate", [{"role": "assistant", "content": "a"}], {}, "turns_not_alternating"),
    ("turns_alternate", [{"role": "user", "content": " "}], {}, "turns_not_alternating"),
    ("is_question", "Why? ", {}, None),
    ("is_question", "Say why.", {}, "not_a_question"),
    ("names_subject", "How is Paracetamol dosed?", {}, None),
    ("holds", True, {}, None),
    ("holds", False, {}, "condition_not_met"),
    ("holds", "yes", {}, "condition_not_met"),
    ("code_known", [{"code": "E11", "description": "Type 2 diabetes mellitus"}], {"system": "icd10cm"},
     "code_not_specific"),
    ("names_subject", "How is it dosed?", {}, "names_no_subject"),
])
def test_check(name: str, value: Any, options: dict[str, Any], reason: str | None) -> None:
    assert _reason(name, value, **options) == reason


def test_every_check_is_tested() -> None:
    marks = test_check.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in marks} == set(CHECKS)
    assert {row[0] for row in marks if row[3]} == set(CHECKS), "each of them can fail"


def test_reading_grade_of_known_sentences() -> None:
    assert reading_grade("") == 0
    assert reading_grade("The cat sat on the mat.") < 1
    assert 8 < reading_grade("Most people recover within several weeks, although complications occasionally develop "
                             "in those with underlying conditions.") < 18
