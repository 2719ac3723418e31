"""Unicode repair that leaves medicine alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text.normalise import normalise


@pytest.mark.parametrize(
    "text",
    ["50 \u00b5g", "50 \u03bcg", "\u00bd tablet", "\u03b2-blocker", "10\u00b2 cells, m\u00b2", "SpO\u2082 \u2265 92 %",
     "\u2264 5 mg", "37.5 \u00b0C", "\u00b1 2 SD", "M\u00e9ni\u00e8re", "\u03b1\u2081-antitrypsin", "x \u2192 y"],
)
def test_medicine_survives(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b\u2009c", "a b c"),
        ("co\u00adoperate", "cooperate"),
        ("\u202eabc\u202c\u200b", "abc"),
        ("\ufb01brosis", "fibrosis"),
        ("M\u00c3\u00a9ni\u00c3\u00a8re", "M\u00e9ni\u00e8re"),
        ("\u201cquoted\u201d patient\u2019s", "\"quoted\" patient's"),
        ("a  \t b \r\n  c", "a b\nc"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("salt &amp; water", "salt & water"),
        ("bad\x00\x07bell", "badbell"),
        ("   ", ""),
    ],
)
def test_repairs(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="&")))
def test_words_of_plain_text_are_untouched(text: str) -> None:
    assert normalise(text).split() == text.split()
