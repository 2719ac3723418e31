"""The automaton finds the same as the pattern alone, before it is made and after, and never hangs."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.foreign_addresses import _SEEDS
from itd_pipeline.text.identifiers.widening import octets, widened
from itd_pipeline_tests.conftest import ROOT
from itd_pipeline_tests.unit.text.test_prefilter import PATTERNS, PIECES

ALL = [*PATTERNS, *(pattern for _, pattern in _SEEDS)]
NOTES = sorted((ROOT / "data").rglob("*.md"))


def warm(pattern: re.Pattern[str], overlapping: bool = False) -> Finder:
    finder = Finder(pattern, overlapping)
    list(finder.find(" " * 20_000))
    return finder


FINDERS = [warm(pattern) for pattern in ALL]


def spans(finder: Finder, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in finder.find(text)]


def test_on_every_shipped_document() -> None:
    for path in NOTES:
        text = path.read_text(encoding="utf-8")
        for finder in FINDERS:
            assert spans(finder, text) == [match.span() for match in finder.pattern.finditer(text)], finder.pattern


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_on_texts_made_of_what_rules_look_for(text: str) -> None:
    for finder in FINDERS:
        assert spans(finder, text) == [match.span() for match in finder.pattern.finditer(text)], finder.pattern


@pytest.mark.parametrize(("pattern", "text", "expected"), [
    (r"(?<!\w)[A-Z]\w+", "Éa Ab xCd Ef", [(3, 5), (10, 12)]),
    (r"\bma(?:ry)?\b(?! tai)", "mary ma tai", [(0, 4)]),
    (r"(?i)kelvin", "\u212aelvin", [(0, 6)]), (r"(?i)in", "ın IN", [(0, 2), (3, 5)]),
    (r"\d{3}", "٣٤٥ 123", [(0, 3), (4, 7)]), (r"(?m)^\w+$", "ab\nc d\nef", [(0, 2), (7, 9)]),
    (r"a.b", "a\nb a-b", [(4, 7)]), (r"(\w)\1", "abccd", [(2, 4)]), (r"a(?=\ud83d)", "a\ud83d", [(0, 1)]),
])
def test_constructs(pattern: str, text: str, expected: list[tuple[int, int]]) -> None:
    compiled = re.compile(pattern)
    assert spans(warm(compiled), text) == spans(Finder(compiled), text) == expected


def test_matches_may_overlap_where_they_are_told_to() -> None:
    pattern = re.compile(r"his (?:\w+ )*?(?P<it>[A-Z]\w+)")
    text = "his wife and his son Tom"
    for finder in (Finder(pattern, overlapping=True), warm(pattern, overlapping=True)):
        assert spans(finder, text) == [(0, 24), (13, 24)]
    assert spans(warm(pattern), text) == [(0, 24)]


def test_a_stretch_of_a_text() -> None:
    for finder in (Finder(re.compile(r"\d+")), warm(re.compile(r"\d+"))):
        assert [match.span() for match in finder.find("12 345 678", 1, 5)] == [(1, 2), (3, 5)]


def test_where_only_the_wide_pattern_matches_time_stays_in_proportion() -> None:
    # Each `by` could begin a match that ends with the last word, were it not for what must not stand before it.
    finder = warm(re.compile(r"(?<=signed )by[^\n]{0,24}X"))
    text = "by " * 100_000 + "signed by X"
    started = time.process_time()
    assert spans(finder, text) == [(300_007, 300_011)]
    assert time.process_time() - started < 2


def test_one_byte_for_each_character() -> None:
    text = "aé\u0142\U0001f600\ud800z"
    assert octets(text) == b"a\xe9\xff\xff\xffz"
    assert widened(re.compile(r"(?<!x)a.(?=b)")) == r"[\x61][^\n]"
