"""Names and towns by what the words are, and medicine that looks like them."""

from __future__ import annotations

import pytest

from itd_pipeline.text import deidentify
from itd_pipeline.text.identifiers.lexicon import is_word


@pytest.mark.parametrize(("text", "identifier"), [
    ("After lunch Kowalczyk walked to the ward.", "Kowalczyk"),
    ("Tablets were left by Bonifacy Kaczmarek in the bay.", "Bonifacy Kaczmarek"),
    ("The founders are Monjeau, Graves and Reed, all well.", "Graves"),
    ("follow up with patricia desrosiers in a month", "patricia desrosiers"),
    ("She came with Ravil G Yefimov to clinic.", "Yefimov"),
    ("We agreed that Jodi would call.", "Jodi"),
    ("Her maiden name is Clark", "Clark"),
    ("my name is borna jerković but call me at noon", "jerković"),
    ("He went home to Rotterdam after surgery.", "Rotterdam"),
    ("Seen at our Boston clinic in spring.", "Boston clinic"),
    ("She flew in from Houston with a cough.", "Houston"),
    ("Lives in Springfield, IL with his wife.", "Springfield, IL"),
    ("Transferred from General Hospital overnight.", "General Hospital"),
    ("Charged to GB82WEST12345698765432 in March.", "GB82WEST12345698765432"),
    ("Please call me at 0494 92 82 32 about it.", "0494 92 82 32"),
    ("Seen on Nov 11th '23 with chest pain.", "Nov 11th '23"),
])
def test_found(text: str, identifier: str) -> None:
    assert identifier not in deidentify(text).text


@pytest.mark.parametrize("text", [
    "Framingham Risk Score of 20 %.",
    "An aneurysm of the circle of Willis was clipped.", "Krebs cycle and Arden ratio.",
    "Xarelto and Eliquis were compared.", "Started on Metformin and Ramipril.", "MoCA 21/30, HbA1c 8.1 %.",
    "Staphylococcus aureus and Escherichia coli grew.", "Abnormal Hb concentration.", "Guidance from the Mayo Clinic.",
    "Chiari type II malformation.", "The inferior vena cava was normal.", "Boston exanthem is a viral rash.",
    "He lives in France and works in Texas.",
])
def test_medicine_and_countries_stay(text: str) -> None:
    assert deidentify(text).text == text


def test_a_title_is_found_and_kept() -> None:
    result = deidentify("Seen by Dr. Sarah Brown today.")
    assert result.text == "Seen by Dr. [NAME-1] today."
    assert result.findings[0].start == len("Seen by ")


@pytest.mark.parametrize(("word", "yes"), [
    ("patients", True), ("diagnosed", True), ("apixaban", True), ("Lipitor", True), ("Kaczmarek", False),
    ("Desrosiers", False), ("hypertensive", True)])
def test_words(word: str, yes: bool) -> None:
    assert is_word(word) is yes
