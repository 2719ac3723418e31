"""De-identification: what goes, and what medicine must keep."""

from __future__ import annotations

import time

import pytest

from itd_pipeline.text.deidentify import Deidentifier, deidentify
from itd_pipeline.text.identifiers.finding import Finding, merge


@pytest.mark.parametrize(
    ("text", "identifier", "surrogate"),
    [
        ("Patient: Zoltan Quimbleby", "Quimbleby", "[NAME-1]"),
        ("PATIENT: QUIMBY, ZOLTAN J  MRN: 55-1234", "ZOLTAN", "[NAME-1]"),
        ("Name: zoltan quimby", "quimby", "[NAME-1]"),
        ("Dictated by: Orsolya Vance, MD", "Vance", "[NAME-1]"),
        ("cc: Dr. O'Malley-Reyes", "Reyes", "[NAME-1]"),
        ("seen by Mrs Oyelowo today", "Oyelowo", "Mrs [NAME-1]"),
        ("his daughter Ana came", "Ana", "daughter [NAME-1]"),
        ("Yours sincerely,\n\nTendai Moyo", "Moyo", "[NAME-1]"),
        ("discussed with SN Tobiah Lund", "Lund", "[NAME-1]"),
        ("seen on 14 March 2021", "March", "[DATE]"),
        ("admitted 03/14/2021", "03/14", "[DATE]"),
        ("reviewed in April 2020", "April", "[DATE]"),
        ("DOB: 1950-02-28", "1950", "[DATE]"),
        ("labs on 3/14 were fine", "3/14", "[DATE]"),
        ("a 93-year-old woman", "93", "90+-year-old"),
        ("aged 101", "101", "90+"),
        ("call 555-123-4567", "4567", "[PHONE]"),
        ("Tel 01632 960123", "960123", "[PHONE]"),
        ("bleep 4521", "4521", "[PHONE]"),
        ("Fax: (555) 123-4567", "4567", "[FAX]"),
        ("mail a.b@example.org", "example", "[EMAIL]"),
        ("see https://portal.example.com/u/ab", "portal", "[URL]"),
        ("from 192.168.10.4", "192", "[IP]"),
        ("SSN 123-45-6789", "6789", "[SSN]"),
        ("MRN: A-998877", "998877", "[MRN]"),
        ("NHS 943 476 5919", "943", "[MRN]"),
        ("Account # 77-88123", "88123", "[ACCOUNT]"),
        ("Policy no. HX 55123", "55123", "[PLAN]"),
        ("license number D1234567", "D1234567", "[LICENCE]"),
        ("pacemaker serial no. PX-20031", "PX-20031", "[DEVICE]"),
        ("plate AB12 CDE", "AB12", "[VEHICLE]"),
        ("lives at 12 Elm Grove Road", "Elm", "[ADDRESS]"),
        ("transferred to Larkfield General Hospital", "Larkfield", "[HOSPITAL-1]"),
        ("in St. Odo's Hospice", "Odo", "[HOSPITAL-1]"),
        ("on Juniper Ward, Bed 4", "Juniper", "[HOSPITAL-1]"),
    ],
)
def test_identifiers_go(text: str, identifier: str, surrogate: str) -> None:
    result = deidentify(text)
    assert identifier not in result.text
    assert surrogate in result.text


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease", "Addison's disease", "Crohn's disease", "Down syndrome", "Hodgkin lymphoma",
        "Graves' disease", "Wilson's disease", "Hashimoto's thyroiditis", "Bell's palsy", "Raynaud's phenomenon",
        "Dupuytren's contracture", "Alzheimer's disease", "Cushing's syndrome", "Marfan syndrome", "Turner syndrome",
        "Guillain-Barré syndrome", "Creutzfeldt-Jakob disease", "Stevens-Johnson syndrome",
        "Charcot-Marie-Tooth disease",
        "Glasgow Coma Scale 15", "Apgar 9 at 5 minutes", "Foley catheter", "Babinski negative", "Murphy's sign",
        "McBurney's point tender", "Trousseau's sign", "Colles' fracture", "Sjögren's antibodies",
        "Hoehn and Yahr stage 3",
        "Child-Pugh class B", "Wells score 4.5", "Lewy body dementia", "Barrett's oesophagus", "Mobitz type I",
        "St John's wort", "Hartmann's solution", "Ringer's lactate", "Henoch-Schönlein purpura", "Ménière's disease",
        "Kaposi sarcoma", "Wernicke's encephalopathy", "Meckel's diverticulum",
        "metformin 1,000 mg twice daily", "BP 120/80, HR 72", "pain 7/10", "strength 5/5", "2.5 mg",
        "HbA1c 48 mmol/mol",
        "levothyroxine 125 mcg", "carbidopa/levodopa 25/100", "a 45-year-old man", "CHA2DS2-VASc 3", "T 36.7, RR 18",
        "aspirin 81 mg", "1/2 tablet", "vitamin B12", "COVID-19", "may improve with rest", "since 2014",
        "grade 2/6 murmur",
        "6-12 weeks", "100-1000 mg", "FEV1 1.85 L (62 %)", "troponin 84 ng/L. Echo normal", "HLA-B27 positive",
        "Heart Failure Clinic",
        "SpO2 95% on 1 L", "90 days", "ages 91 to 180 days", "BRCA1 c.68_69delAG", "E. coli", "C. difficile toxin",
    ],
)
def test_medicine_stays(text: str) -> None:
    sentence = f"History: {text} was noted."
    assert deidentify(sentence).text == sentence


def test_one_person_has_one_surrogate_in_all_spellings() -> None:
    note = ("Patient: Smythe, Harriet B.\nMs. Smythe came. HARRIET is well. H. Smythe agreed, H.B.S. signed.\n"
            "Her husband Oswin Smythe drove.")
    text = deidentify(note).text
    for spelling in ("Smythe", "Harriet", "HARRIET", "H.B.S.", "Oswin"):
        assert spelling not in text
    assert text.count("[NAME-1]") == 5
    assert text.count("[NAME-2]") == 1


def test_a_patient_with_an_eponym_for_a_name() -> None:
    text = deidentify("Patient: John Wilson\nWilson has Wilson's disease. Wilson's wife agrees.").text
    assert text == "Patient: [NAME-1]\n[NAME-1] has Wilson's disease. [NAME-1]'s wife agrees."


def test_names_are_learnt_across_the_documents_of_a_patient_only() -> None:
    deidentifier = Deidentifier()
    deidentifier.learn("Patient: Zoltan Quimbleby", "one")
    assert "Quimbleby" not in deidentifier.replace("Then Quimbleby left.", "one").text
    assert "Quimbleby" in deidentifier.replace("Then Quimbleby left.", "two").text


def test_memory_of_patients_is_bounded() -> None:
    deidentifier = Deidentifier(groups_remembered=1)
    deidentifier.learn("Patient: Zoltan Quimbleby", "one")
    deidentifier.learn("Patient: Ada Lark", "two")
    assert "Quimbleby" in deidentifier.replace("Then Quimbleby left.", "one").text


def test_another_recogniser_plugs_in() -> None:
    class Codeword:
        def find(self, text: str) -> list[Finding]:
            start = text.find("bluebird")
            return [Finding(start, start + 8, "id", "codeword")] if start >= 0 else []

    assert Deidentifier((Codeword(),)).replace("the bluebird sang", "p").text == "the [ID] sang"


def test_overlapping_findings_become_one_of_the_longest_class() -> None:
    merged = merge([Finding(0, 4, "name", "a"), Finding(2, 12, "hospital", "b"), Finding(20, 21, "date", "c")])
    assert merged == [Finding(0, 12, "hospital", "b"), Finding(20, 21, "date", "c")]


@pytest.mark.parametrize("piece", ["Aa ", "A. ", "1 ", "A-", "12 Elm ", "AB, ", "Aa-", "St. ", "Dr. A. ", "A\n", "1."])
def test_hostile_text_does_not_stall(piece: str) -> None:
    """Patterns that backtrack without bound would take hours here; the margin is for busy machines."""
    begun = time.perf_counter()
    deidentify(piece * 500)
    assert time.perf_counter() - begun < 20
