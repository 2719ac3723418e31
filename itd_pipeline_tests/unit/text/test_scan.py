"""The residual-identifier scan."""

from __future__ import annotations

import pytest

from itd_pipeline.text.deidentify import deidentify
from itd_pipeline.text.scan import scan_identifiers


@pytest.mark.parametrize(
    ("text", "identifier_class"),
    [
        ("write to a.b@example.org now", "email"), ("call 555-123-4567", "phone"), ("Tel: 01632 960123", "phone"),
        ("+44 20 7946 0018", "phone"), ("SSN 123-45-6789", "ssn"), ("MRN: 0012345", "mrn"), ("(MRN A-998877)", "mrn"),
        ("on 14 March 2021", "date"), ("on March 14, 2021", "date"), ("on 2021-03-14", "date"), ("on 3/14/2021",
        "date"),
        ("on 3/14/21", "date"), ("Mr John Smith", "name"), ("Dr. Vance agreed", "name"), ("Patient: John Smith",
        "name"),
        ("at 12 Elm Road", "address"), ("from 192.168.10.4", "ip"), ("number 4429871123", "id"), ("pager 4521",
        "phone"),
    ],
)
def test_finds(text: str, identifier_class: str) -> None:
    assert identifier_class in {finding.identifier_class for finding in scan_identifiers(text)}


@pytest.mark.parametrize(
    "text",
    ["", "Parkinson's disease", "Dr [NAME-1] on [DATE]", "BP 120/80 on 5 mg", "in 2014", "in March 2021", "age 45",
     "PMID 29768149", "NCT01234567", "HP:0001250", "ICD-10 E11.9", "EC 1.14.13.39", "1000000000 cells", "100-1000 mg",
     "Mr and Mrs", "5-10 mg every 12 hours", "Patient: [NAME-1]", "Patient: Mr [NAME-2] was seen", "SNORD116 cluster",
     "PHQ-9 19, GCS 15", "between 1990 and 2005", "Drug doses of 2.5 to 5.0 mg/kg/day", "chromosome 15q11.2-q13"],
)
def test_clean_medicine_has_no_hits(text: str) -> None:
    assert scan_identifiers(text) == []


def test_nothing_is_left_after_de_identification() -> None:
    text = "Patient: Ada Lark\nMRN: 5512345\nSeen 14 March 2021 by Dr Vance, 12 Elm Road, 555-123-4567."
    assert scan_identifiers(deidentify(text).text) == []
