"""The prefilter lets through every text that a pattern matches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text.deidentify import RECOGNISERS
from itd_pipeline.text.identifiers.finding import RuleRecogniser
from itd_pipeline.text.identifiers.names import _rules
from itd_pipeline.text.identifiers.prefilter import Prefilter, Sieve

DATA = Path(__file__).resolve().parents[3] / "data"
PATTERNS = [rule.pattern for recogniser in RECOGNISERS if isinstance(recogniser, RuleRecogniser)
            for rule in recogniser.rules] + [rule.pattern for rule in _rules()]
WHOLE = Prefilter(PATTERNS)


def missed(text: str) -> list[str]:
    possible = WHOLE.possible(text)
    return [pattern.pattern for number, pattern in enumerate(PATTERNS)
            if number not in possible and pattern.search(text)]


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.md")), ids=lambda path: path.name)
def test_on_every_shipped_document(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert missed(text) == []
    for line in text.splitlines():
        assert missed(line) == []


PIECES = [
    "Mr ", "Dr. ", "Ana ", "O\u2019Neil", "Łukasz", "smith", "DOB: ", "MRN ", "12", "/", "3", "2019", "March ",
    "90", " year old", "\n", "Ward ", "St. ", "Mary's ", "Hospital", ", ", "PA ", "19104", "555-0123", "@",
    "example.org", "mother ", "é", "\u212a", "ſ", "signed by ", ":", ".", "12345 ", "Road", "µ", "(", "his son ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_on_texts_made_of_what_rules_look_for(text: str) -> None:
    assert missed(text) == []


@pytest.mark.parametrize(("pattern", "text"), [
    (r"(?i)kelvin", "\u212aelvin"), (r"(?i)[a-z]{3}\b", "aſb"), (r"(a|b)\1c", "aac"), (r"(?<=x)y(?!z)", "xy"),
    (r"[^\w]{2}", "\u2019\u2019"), (r"a{7,9}b", "aaaaaaaab"), (r"(?s:.)x", "\nx"), (r"^é$", "é"), (r"\d{3}", "٣٤٥"),
    (r"[^a]", "é"), (r"(?i:[^a])", "b"), (r"a*+b", "aab"), (r"(?>ab|a)c", "abc"), (r"x?", ""), (r"\s", "\u00a0"),
])
def test_every_construct_is_widened(pattern: str, text: str) -> None:
    assert re.search(pattern, text)
    assert Prefilter([re.compile(pattern)]).possible(text) == {0}


def test_what_cannot_match_is_left_out() -> None:
    made = Prefilter([re.compile("abc"), re.compile(r"\d{4}"), re.compile("(?i)mrn")])
    assert made.possible("the Mrn of nobody") == {2}
    assert made.possible("nothing") == frozenset()
    assert made.possible("") == frozenset()


def test_a_sieve_begins_when_it_is_worth_it() -> None:
    sieve = Sieve([re.compile("abc"), re.compile("def")])
    assert sieve.chosen(["a", "d"], "x def") == ["a", "d"]
    assert sieve.chosen(["a", "d"], "x def " * 50_000) == ["d"]
    assert sieve.chosen(["a", "d"], "x def") == ["d"]
