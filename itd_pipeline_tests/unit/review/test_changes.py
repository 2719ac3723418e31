"""What a correction changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.review import changes as module
from itd_pipeline.review.changes import ADDED, REMOVED, changes

TEXT = st.text("ab1 .\n", max_size=40)


def test_a_changed_dose_is_one_removal_and_one_addition() -> None:
    assert changes("Take 650 mg now.", "Take 500 mg now.") == [
        ("Take ", ""), ("650", REMOVED), ("500", ADDED), (" mg now.", "")]


def test_neighbouring_words_are_changed_together() -> None:
    assert changes("one two three", "six seven three") == [("one two", REMOVED), ("six seven", ADDED), (" three", "")]


def test_nothing_is_changed_in_the_same_text() -> None:
    assert changes("Same.", "Same.") == [("Same.", "")]
    assert changes("", "") == []
    assert changes("", "New.") == [("New.", ADDED)]


def test_very_long_texts_count_as_replaced_between_what_they_share() -> None:
    before, after = (" ".join(letter + str(n) for n in range(module._MOST_TOKENS)) for letter in "xy")
    assert changes(f"Dose: {before}.", f"Dose: {after}.") == [
        ("Dose: ", ""), (before, REMOVED), (after, ADDED), (".", "")]


@given(TEXT, TEXT)
def test_the_pieces_are_both_texts(original: str, corrected: str) -> None:
    found = changes(original, corrected)
    assert "".join(text for text, kind in found if kind != ADDED) == original
    assert "".join(text for text, kind in found if kind != REMOVED) == corrected
