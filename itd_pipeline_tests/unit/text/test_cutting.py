"""Where documents are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text import headings
from itd_pipeline.text.cutting import cut, stays_whole, whole
from itd_pipeline.text.words import words


def sections(text: str, max_words: int = 220) -> list[tuple[str, str]]:
    return [(span.section, text[span.start : span.end]) for span in cut(text, max_words)]


def test_markdown_headings() -> None:
    text = "# Asthma\n\nIntro text.\n\n## Treatment ##\nUse a spray.\n"
    assert sections(text) == [("Asthma", "Intro text."), ("Treatment", "Use a spray.")]


@pytest.mark.parametrize(
    ("line", "title"),
    [("HISTORY OF PRESENT ILLNESS:", "HISTORY OF PRESENT ILLNESS"), ("Assessment and Plan", "Assessment and Plan"),
     ("**Medications:**", "Medications"), ("PMH:", "PMH"), ("2. Allergies:", "Allergies"), ("O/E", "O/E"),
     ("Discharge medications:", "Discharge medications"), ("CEILING OF CARE:", "CEILING OF CARE")],
)
def test_clinical_headings(line: str, title: str) -> None:
    assert sections(f"Seen today in clinic.\n\n{line}\nBody of the section.") == [
        ("", "Seen today in clinic."), (title, "Body of the section.")]


def test_text_on_the_line_of_its_heading_keeps_the_heading() -> None:
    assert sections("Allergies: none known\nPlan: see in a week") == [
        ("Allergies", "Allergies: none known"), ("Plan", "Plan: see in a week")]


def test_headings_inside_a_line() -> None:
    text = "SUBJECTIVE:, Feels well.,MEDICATIONS: , Aspirin daily."
    assert [title for title, _ in sections(text)] == ["SUBJECTIVE", "MEDICATIONS"]


def test_header_fields_are_no_headings() -> None:
    assert [title for title, _ in sections("PATIENT: A B\nDOB: 1 May\nMRN: 123")] == [""]


def test_long_sections_are_cut_between_sentences() -> None:
    text = "One two three four. Dr. Five six 2.5 mg seven. Eight nine ten eleven."
    assert [part for _, part in sections(text, 8)] == [
        "One two three four.", "Dr. Five six 2.5 mg seven.", "Eight nine ten eleven."]


def test_a_number_stays_with_its_unit() -> None:
    text = "a b c d 500 mg e f g h"
    for limit in range(2, 9):
        assert all(not part.endswith("500") for _, part in sections(text, limit))


def test_headings_alone_keep_their_words() -> None:
    assert sections("# Asthma\n## Treatment") == [("", "# Asthma\n## Treatment")]


@given(st.text(alphabet="ab .\n#:1", max_size=300), st.integers(2, 30))
def test_spans_are_ordered_and_words_are_kept(text: str, max_words: int) -> None:
    spans = cut(text, max_words)
    for before, after in pairwise(spans):
        assert before.end <= after.start
    kept = sum(len(words(text[s.start : s.end])) for s in spans)
    assert kept <= len(words(text))
    assert bool(spans) == bool(text.strip())


@pytest.mark.parametrize(
    ("question", "attributes", "expected"),
    [("What is it?", "{}", True), ("", "{}", True), (None, "{}", False), (None, '{"code":"E11"}', True),
     (None, '{"name":"x"}', True), (None, '{"page":3}', False), (None, "not json", False), (None, "[1]", False)],
)
def test_what_stays_whole(question: str | None, attributes: str, expected: bool) -> None:
    assert stays_whole(question, attributes) is expected


def test_whole_trims() -> None:
    assert [(s.start, s.end) for s in whole("  ab ")] == [(2, 4)]
    assert whole(" \n ") == []


LINE = st.lists(st.sampled_from(
    ["#", "## ", "PLAN", "plan", "Plan", "Past medical history", "A/P", "ASSESSMENT", " (today)", ":", " - ", " ", "**",
     "2. ", "- ", "Allergies", "é", "A", "the lungs", "General", "\t", "\r", "DR SMITH"]), max_size=5).map("".join)


@given(st.lists(LINE, max_size=6).map("\n".join))
def test_headings_are_those_that_each_line_shows_by_itself(text: str) -> None:
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    expected = [match.span() for start in starts if (match := headings._WITHOUT_SETEXT.match(text, start))]
    assert [match.span() for match in headings._at_line_starts(text)] == expected
