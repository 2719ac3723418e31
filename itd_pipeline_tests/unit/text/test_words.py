"""The tokeniser and what is counted with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text.words import fold_space, numbers_with_units, sentences, shingles, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Take 2.5 mg of a beta-blocker.", ["take", "2.5", "mg", "of", "a", "beta-blocker"]),
        ("1,000 units", ["1,000", "units"]),
        ("HbA1c 48 mmol/mol", ["hba1c", "48", "mmol/mol"]),
        ("glucose 110 mg/dL and/or", ["glucose", "110", "mg/dl", "and", "or"]),
        ("5mg b12 COVID-19", ["5", "mg", "b12", "covid-19"]),
        ("Crohn\u2019s", ["crohn's"]),
        ("50 \u00b5g", ["50", "\u03bcg"]),
        ("\u03b1-thalassaemia \u041c\u043e\u0441\u043a\u0432\u0430",
         ["\u03b1-thalassaemia", "\u043c\u043e\u0441\u043a\u0432\u0430"]),
        ("--- ...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_shingles() -> None:
    assert shingles(["a", "b", "c"], 2) == {("a", "b"), ("b", "c")}
    assert shingles(["a"], 2) == {("a",)}
    assert shingles([], 2) == set()


@given(st.text())
def test_fold_space_is_a_fixed_point(text: str) -> None:
    once = fold_space(text)
    assert fold_space(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.50 mg", [("2.5", "mg")]),
        ("1,000 micrograms daily", [("1000", "\u03bcg")]),
        ("100 mcg, 5 %", [("100", "\u03bcg"), ("5", "%")]),
        ("110 mg/dL for 6 weeks", [("110", "mg/dl"), ("6", "wk")]),
        ("5mg/kg/day", [("5", "mg/kg/d")]),
        ("b12 and hba1c", []),
        ("a 45-year-old", [("45", "y")]),
        ("0.05 to 00", [("0.05", ""), ("0", "")]),
        ("120/80 mmHg", [("120", ""), ("80", "mmhg")]),
    ],
)
def test_numbers_with_units(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(q.value, q.unit) for q in numbers_with_units(text)] == expected


def test_a_quantity_knows_where_it_stands() -> None:
    text = "Give 2.5 mg now."
    quantity = numbers_with_units(text)[0]
    assert text[quantity.start : quantity.end] == "2.5 mg"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Smith gave 2.5 mg. The patient slept.", 2),
        ("Use antibiotics, e.g. Amoxicillin, vs. none.", 1),
        ("Give 40 mg i.v. daily.", 1),
        ("Give 40 mg i.v. The dose is fixed.", 2),
        ("J. Smith came. He left.", 2),
        ("Take vitamin C. The dose is low.", 2),
        ("1. Take one. 2. Take two.", 2),
        ("One\n\nTwo", 2),
        ("Is it? Yes! It is.", 3),
        ("pH 7.4 was normal", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(sentences(text)) == count
