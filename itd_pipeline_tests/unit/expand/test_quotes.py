"""A quote is found where its characters stand, mended only where nothing else can be meant, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.expand.judging.quotes import Found, Missing, find_quote, locate

TEXT = (
    "Paracetamol 500 mg may be taken every six hours. Do not take more than 4 g in 24 hours. "
    "Co‑amoxiclav is “reserved” for severe in-\nfection; the pa\u00adtient’s liver is checked first.\n\n"
    "Hypoglycaemia is treated with glucose by mouth in people who are awake."
)


def _found(quote: str) -> str | None:
    places = find_quote(quote, TEXT)
    return None if isinstance(places, Missing) else " | ".join(TEXT[p.start:p.end] for p in places)


def test_tolerated_differences() -> None:
    text = "It’s a disease – of\n the “lung”."
    for quote in (text, "it's a disease - of the \"lung\".", "“It's a disease – of the”", "a disease – of ..."):
        found = locate(quote, text)
        assert found is not None
    assert locate("a disorder", text) is None
    assert locate("  ", text) is None


@given(st.text(), st.text(min_size=1), st.text())
def test_what_stands_there_is_found(before: str, quote: str, after: str) -> None:
    found = locate(quote, before + quote + after)
    if quote.strip():
        assert found is not None
        start, end = found
        assert (before + quote + after)[start:end] == quote.strip()


@given(st.text(max_size=60), st.text(max_size=400))
def test_whatever_is_found_lies_in_the_passage(quote: str, text: str) -> None:
    places = find_quote(quote, text)
    if not isinstance(places, Missing):
        assert all(0 <= p.start < p.end <= len(text) for p in places)


@pytest.mark.parametrize(("quote", "how", "stands"), [
    ("Do not take more than 4 g in 24 hours.", "exact", "Do not take more than 4 g in 24 hours."),
    ("do NOT take more than  4 g in 24 hours", "normalised", "Do not take more than 4 g in 24 hours"),
    ('Co-amoxiclav is "reserved" for severe infection', "normalised",
     "Co‑amoxiclav is “reserved” for severe in-\nfection"),
    ("the patient's liver", "normalised", "the pa\u00adtient’s liver"),
    ("“Hypoglycaemia is treated with glucose”", "exact", "Hypoglycaemia is treated with glucose"),
    ("Hypoglycaemia is treated with glucose by mouth in peolpe who are awake", "repaired",
     "Hypoglycaemia is treated with glucose by mouth in people who are awake"),
])
def test_how_a_quote_is_found(quote: str, how: str, stands: str) -> None:
    places = find_quote(quote, TEXT)
    assert not isinstance(places, Missing)
    assert [(p.how, TEXT[p.start:p.end]) for p in places] == [(how, stands)]


@pytest.mark.parametrize(("quote", "text", "stands"), [
    ("5 mg daily", "Take 25 mg daily.", False), ("5 mg daily", "Take 2.5 mg daily.", False),
    ("take 5", "Take 5.5 mg.", False), ("take 2", "Take 25 mg.", False), ("5 mg daily", "Take 5 mg daily.", True),
    ("5 mg daily", "Not 25 mg daily, but 5 mg daily.", True), ("thyroidism", "hyperthyroidism", False),
    ("take 5", "Take 5. Then rest.", True), ("take 5", "Take 5, then rest.", True), ("mild", "Mildly ill.", False),
    ("tablets 10", "Tablets 10,000 units.", False),
    ("5 for more than 3 days, or if it gets worse", "Above 38.5 for more than 3 days, or if it gets worse.", False),
    ("pH", "pH 7.4", True),
])
def test_a_quote_cuts_no_word_and_no_number(quote: str, text: str, stands: bool) -> None:
    places = find_quote(quote, text)
    assert isinstance(places, Missing) is not stands
    if not isinstance(places, Missing):
        before, after = text[: places[0].start][-1:], text[places[0].end :][:1]
        assert not before.isalnum()
        assert not after.isalnum()


def test_dots_of_omission_part_a_quote() -> None:
    assert _found("Paracetamol 500 mg may be taken … Do not take more than 4 g") == (
        "Paracetamol 500 mg may be taken | Do not take more than 4 g")
    assert _found("Hypoglycaemia is treated [...] in people who are awake") == (
        "Hypoglycaemia is treated | in people who are awake")
    assert _found("Do not take more than 4 g ... Paracetamol 500 mg may be taken") is None, "the order must hold"
    assert _found("every six ... g in 24") is None, "a part of a few letters may stand anywhere"


@pytest.mark.parametrize("quote", [
    "Paracetamol 600 mg may be taken every six hours",       # another dose
    "Do now take more than 4 g in 24 hours.",                # a negation has gone
    "Do not take less than 4 g in 24 hours.",
    "Hyperglycaemia is treated with glucose by mouth in people who are awake",
    "Paracetamol may be taken as often as you like, whatever the pain.",
    "gluckose by mouth",                                     # too short to be mended
    "...", "", " – ",
])
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert _found(quote) is None


def test_what_fits_two_places_is_ambiguous() -> None:
    text = "The treatment is stopped after five days in adults. The treatment is stopped after five days in adulte."
    places = find_quote("The treatment is stopped after five days in adulta.", text)
    assert isinstance(places, Missing)
    assert places.reason == "quote_ambiguous"


def test_repair_ends_at_its_bound() -> None:
    base = "Hypoglycaemia is treated with glucose by mouth in people who are awake"  # 70 characters: 4 edits
    four = base.replace("treated", "traeted").replace("people", "pepole")
    five = four.replace("awake", "awkee")
    assert isinstance(find_quote(four, TEXT), list)
    assert isinstance(find_quote(five, TEXT), Missing)


def test_letters_that_normalise_to_several_keep_their_place() -> None:
    text = "The ﬁrst Maß of beer; then ½ a tablet."
    places = find_quote("the first mass of beer", text)
    assert places == [Found(0, 20, "normalised")]
    assert text[0:20] == "The ﬁrst Maß of beer"
