"""Dates moved and written as they were; a patient's dates move together."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.settings import Cleaning
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import Deidentifier, clean, scan_identifiers
from itd_pipeline.text.date_shift import shift
from itd_pipeline.text.deidentify import days_moved
from itd_pipeline_tests.unit.text.test_cleaning import document

KEY = b"a secret of thirty-two bytes ..."


@pytest.mark.parametrize(("surface", "days", "day_first", "expected"), [
    ("03/02/1950", 7, True, "10/02/1950"),
    ("03/02/1950", 7, False, "03/09/1950"),
    ("3/28/19", 7, False, "4/4/19"),
    ("28.3.2019", 7, False, "4.4.2019"),
    ("2024-02-26", 7, False, "2024-03-04"),
    ("2024-02-26T10:15:00Z", 7, False, "2024-03-04T10:15:00Z"),
    ("12 March 2024", -14, False, "27 February 2024"),
    ("12th of March 2024", -11, False, "1st of March 2024"),
    ("MARCH 3, 2024", -7, False, "FEBRUARY 25, 2024"),
    ("Sept. 30, 2019", 7, False, "Oct. 7, 2019"),
    ("12 Mar", 7, False, "19 Mar"),
    ("May 3rd", -7, False, "April 26th"),
    ("March 2024", -28, False, "February 2024"),
    ("03/2024", -28, False, "02/2024"),
    ("12/03", 7, True, "19/03"),
    ("12-Mar-2024", 7, False, "19-Mar-2024"),
])
def test_each_form_keeps_its_form(surface: str, days: int, day_first: bool, expected: str) -> None:
    assert shift(surface, days, day_first) == expected


@pytest.mark.parametrize("surface", ["last Friday", "45/45/2020", "31 Foo 2020", "0001-01-01", "30 February 2020", ""])
def test_what_is_no_date_is_none(surface: str) -> None:
    assert shift(surface, 7) is None


@given(st.dates(datetime.date(1901, 1, 1), datetime.date(2099, 12, 31)), st.integers(-364, 364))
def test_moving_there_and_back_gives_the_same(date: datetime.date, days: int) -> None:
    day, month, year = date.day, date.month, date.year
    for written in (date.isoformat(), f"{day} {date:%B} {year}", f"{day:02d}/{month:02d}/{year}"):
        moved = shift(written, days, day_first=True)
        assert moved is not None
        assert shift(moved, -days, day_first=True) == written


def test_intervals_and_weekdays_of_a_patient_survive_in_every_run() -> None:
    notes = ["Seen on 12 March 2024 with a cough.", "Admitted 2024-03-19 and discharged 26/03/2024."]
    results = []
    for _ in range(2):
        deidentifier = Deidentifier(key=KEY)
        for note in notes:
            deidentifier.learn(note, "patient-1")
        results.append([deidentifier.replace(note, "patient-1").text for note in notes])
    assert results[0] == results[1]
    found = re.findall(r"\[DATE ([^\]]+)\]", " ".join(results[0]))
    first = datetime.datetime.strptime(found[0], "%d %B %Y").date()
    second = datetime.date.fromisoformat(found[1])
    third = datetime.datetime.strptime(found[2], "%d/%m/%Y").date()
    assert ((second - first).days, (third - second).days) == (7, 7)
    assert first.weekday() == datetime.date(2024, 3, 12).weekday()
    assert first != datetime.date(2024, 3, 12)


def test_patients_and_keys_differ() -> None:
    moves = {days_moved(KEY, f"patient-{i}") for i in range(200)}
    assert len(moves) > 40
    assert all(move % 7 == 0 and -364 <= move <= -7 for move in moves)
    other = b"another secret.."
    assert [days_moved(KEY, f"p{i}") for i in range(20)] != [days_moved(other, f"p{i}") for i in range(20)]


def test_without_a_key_dates_are_taken_out() -> None:
    deidentifier = Deidentifier()
    assert deidentifier.replace("Seen on 12 March 2024.", "p").text == "Seen on [DATE]."


def test_moved_dates_are_no_residual_identifiers_but_others_are() -> None:
    assert scan_identifiers("Seen on [DATE 12 March 2019], call later.") == []
    found = scan_identifiers("Seen on [DATE 12 March 2019] and 13 March 2019.")
    assert [(f.start, f.end) for f in found] == [(33, 46)]


def test_clean_moves_the_dates_of_all_notes_of_a_patient() -> None:
    notes = [document(i, f"The patient was seen on {day} March 2024 because of a cough.", patient_data=True,
                      group_id="one") for i, day in enumerate((5, 12))]
    texts = [row["text"] for batch in clean([DOCUMENTS.from_rows(notes)], "notes", Cleaning(), key=KEY)
             for row in batch.rows.to_pylist()]
    dates = [datetime.datetime.strptime(re.findall(r"\[DATE ([^\]]+)\]", text)[0], "%d %B %Y")
             for text in texts]
    assert (dates[1] - dates[0]).days == 7
    assert all(batch.rows.column("privacy_status").to_pylist() == ["de_identified"] * 2
               for batch in clean([DOCUMENTS.from_rows(notes)], "notes", Cleaning(), key=KEY))
