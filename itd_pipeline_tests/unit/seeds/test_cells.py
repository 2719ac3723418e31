"""Each kind of cell: just inside and just outside of what it may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.seeds.cells import (
    WrongCell,
    codes_cell,
    date_cell,
    flag_cell,
    integer_cell,
    list_cell,
    pattern_cell,
    term_cell,
    text_cell,
)
from itd_pipeline.seeds.item import Unusable


@pytest.mark.parametrize(("written", "read"), [("3", 3), (" 3 ", 3), ("3.0", 3), (3.0, 3), (1, 1), (5, 5)])
def test_whole_numbers_may_be_text(written: object, read: int) -> None:
    assert integer_cell(1, 5)(written) == read


@pytest.mark.parametrize("written", ["0", "6", "3.5", "three", "", True, [3], "1e0", float("inf")])
def test_other_numbers_are_wrong(written: object) -> None:
    with pytest.raises(WrongCell, match=r"1 to 5|list"):
        integer_cell(1, 5)(written)


def test_term_names_nearest_word_and_all_allowed_but_not_the_text() -> None:
    with pytest.raises(WrongCell) as caught:
        term_cell(("cardiology", "neurology"))("cardiolgy")
    assert str(caught.value) == (
        "text of 9 characters, not in the vocabulary (nearest: cardiology); allowed: cardiology, neurology")
    assert term_cell(("emergency_medicine",))("Emergency medicine") == "emergency_medicine"


@pytest.mark.parametrize(("written", "read"), [("true", True), ("No", False), (True, True), (1, True), ("0", False)])
def test_flags(written: object, read: bool) -> None:
    assert flag_cell(written) is read


def test_flag_that_is_neither() -> None:
    with pytest.raises(WrongCell, match="allowed: true, false"):
        flag_cell("perhaps")


@pytest.mark.parametrize("written", ["2024", "2024-02", "2024-02-29"])
def test_dates(written: str) -> None:
    assert date_cell(allow_part=True)(written) == written


@pytest.mark.parametrize("written", ["24", "2024-13", "2023-02-29", "01.02.2024", "20240201"])
def test_dates_that_are_none(written: str) -> None:
    with pytest.raises(WrongCell, match="not a date"):
        date_cell(allow_part=True)(written)


def test_year_alone_where_a_day_is_needed() -> None:
    with pytest.raises(WrongCell, match="2027-01-31"):
        date_cell(allow_part=False)("2028")


def test_lists_by_bar_or_as_lists() -> None:
    assert list_cell("a | b") == list_cell(["a", "b"]) == ["a", "b"]
    with pytest.raises(WrongCell, match="entry 2 of 3 is empty"):
        list_cell("a||b")


def test_codes() -> None:
    assert codes_cell("ICD-10-CM:E11.9|HP:0001250") == ["ICD-10-CM:E11.9", "HP:0001250"]
    for wrong in ("E11.9", "ICD-10-CM:E119", "HP:1250", "ICD-10-CM:", "ATC:A10 BA"):
        with pytest.raises(WrongCell, match="entry 1 of 1"):
            codes_cell(wrong)


def test_text_is_trimmed_and_composed() -> None:
    assert text_cell("  Me\u0301nie\u0300re\r\nb ") == "M\u00e9ni\u00e8re\nb"


@pytest.mark.parametrize("written", ["a\x00b", "a\ud800", Unusable("=A1", "a formula"), ["a"], {"a": 1}])
def test_text_that_is_none(written: object) -> None:
    with pytest.raises(WrongCell):
        text_cell(written)


def test_pattern_says_what_is_allowed() -> None:
    with pytest.raises(WrongCell, match="allowed: a pseudonym"):
        pattern_cell("[a-z]+", "a pseudonym")("Dr A. Person")


@given(st.text())
def test_reading_text_twice_changes_nothing(written: str) -> None:
    try:
        once = text_cell(written)
    except WrongCell:
        return
    assert text_cell(once) == once
