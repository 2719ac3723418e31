"""Flattening of what pages add, and lists of references."""

from __future__ import annotations

import pytest

from itd_pipeline.text.furniture import flatten, is_reference_list


@pytest.mark.parametrize(("text", "expected"), [
    ("treated for hyper-\ntension with a beta-\nblocker", "treated for hypertension with a beta-blocker"),
    ("severe hyponatr-\naemia of 118 mmol/L", "severe hyponatraemia of 118 mmol/L"),
    ("• no fever\n▪ 5 mg daily\n◦ not allergic", "- no fever\n- 5 mg daily\n- not allergic"),
    ("before\nPage 3 of 10\nafter", "before\nafter"),
    ("before\n- 12 -\nafter", "before\nafter"),
    ("sodium\n140\npotassium\n4.1", "sodium\n140\npotassium\n4.1"),
    ("one\n________\ntwo", "one\ntwo"),
    ("| Drug | Dose |\n|---|---|\n| amoxicillin | 500 mg |\n| none | |",
     "Drug: amoxicillin; Dose: 500 mg\nDrug: none\n"),
    ("T < 38.0 °C; no rash | no cough", "T < 38.0 °C; no rash | no cough"),
    ("follow-up in 2-\n3 weeks", "follow-up in 2-\n3 weeks"),
])
def test_flatten(text: str, expected: str) -> None:
    assert flatten(text) == expected
    assert flatten(flatten(text)) == flatten(text)


REFERENCES = """1. Smith J, Doe A. Asthma in adults. Lancet. 2019;393:100-110.
2. Roe B et al. Inhaled steroids. BMJ 2020;368:m123. doi 10.1136/bmj.m123
3. Poe C, Low D. Severe asthma. Thorax 2018;73(2):116-124.
4. Guideline group. Asthma: diagnosis and monitoring. 2017. PMID 12345678"""


def test_a_list_of_references_is_told_by_its_heading_or_its_lines() -> None:
    assert is_reference_list("References", "anything")
    assert is_reference_list("Review > Literature cited", "anything")
    assert is_reference_list("", REFERENCES)


def test_prose_that_cites_is_no_list() -> None:
    text = ("Asthma was common in 2019 (Smith et al. 2019).\nTreatment has changed.\nSteroids are inhaled.\n"
            "Adherence matters most.\nReferences to specialists are rare.")
    assert not is_reference_list("Reference ranges", text)
    assert not is_reference_list("", "Sodium 140\nPotassium 4.1\nUrea 5\nCreatinine 80")
