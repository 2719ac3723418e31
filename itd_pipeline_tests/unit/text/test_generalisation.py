"""Rules that hold beyond the sets they were measured on: known spellings, addresses abroad, Presidio's patterns."""

from __future__ import annotations

import pytest

from itd_pipeline.text import deidentify
from itd_pipeline.text.deidentify import Deidentifier
from itd_pipeline.text.identifiers.foreign_addresses import ForeignAddressRecogniser
from itd_pipeline.text.identifiers.presidio import find_in_rest

DECLARED = [
    ("name", "María-José O'Connell Brekke"), ("name", "Aaron697 Wuckert783"), ("name", "Renner328"), ("date",
                                                                                                      "1975-03-12"),
    ("address", "412 Gulgowski Rapid Unit 7"), ("address", "New Bedford"), ("address", "02740"), ("phone",
                                                                                                  "555-384-2291"),
    ("mrn", "S99912345"), ("id", "a1b2c3d4-e5f6-7a8b-9c0d-1e2f3a4b5c6d"), ("ssn", "999-54-3210"), ("hospital",
                                                                                                   "LAWRENCE GENERAL "
                                                                                                       "HOSPITAL"),
    ("email", "m.brekke@mail.test"),
]


@pytest.mark.parametrize("written", [
    "MARÍA-JOSÉ O'CONNELL BREKKE", "Brekke, María-José", "Maria-Jose Brekke", "Maria Jose", "OConnell", "brekke",
    "MariaJoseBrekke",
    "mariajose.brekke", "Aaron Wuckert", "aaron697wuckert783", "Wuckert783Aaron697", "aaron_wuckert", "WuckertAaron",
    "Aaron-Wuckert",
    "AWuckert", "wuckert, aaron", "Renner", "19750312", "03/12/1975", "12.3.1975", "12 mar 75", "12MAR1975",
    "March 12th, 1975",
    "12 / 03 / 1975", "12 de marzo de 1975", "1975-03", "412 Gulgowski Rapid", "Gulgowski Rapid", "gulgowski",
    "NEW BEDFORD", "NewBedford",
    "02740-1234", "5553842291", "+1 (555) 384.2291", "S-99912345", "S 999 123 45", "A1B2C3D4E5F67A8B9C0D1E2F3A4B5C6D",
    "999 54 3210",
    "Lawrence General Hospital", "M.BREKKE@MAIL.TEST",
])
def test_what_a_source_declares_is_found_however_written(written: str) -> None:
    deidentifier = Deidentifier()
    for kind, value in DECLARED:
        deidentifier.remember(kind, value, "p")
    text = deidentifier.replace(f"value <{written}> here", "p").text
    assert not any(piece in text for piece in written.split() if len(piece) > 2)


@pytest.mark.parametrize("address", [
    "Loorenstrasse 149", "Pachergasse 64", "Kiannonkatu 98", "Brixtonlaan 380", "Mellemvej 32", "31 Rue de Tanger",
    "Via delle Coste 41",
    "Avda. Rio Nalon 58", "ul. Biskupa Bogedaina 118", "Rua do Arenque 1634", "Unit 0822 Box 8858\nDPO AA 13319",
    "USS Mahler\nFPO AA 70489",
    "6750 Koskikatu 25 Apt. 864\nArtilleros\n, CO\n Uruguay 64677", "1987 74 Diakou Street\n Suite 680\n Kissousa\n "
                                                                    "Cyprus 36903",
    "5670 Kaevu 94 Apt. 3, Nicosia, Cyprus 61089",
])
def test_addresses_abroad(address: str) -> None:
    text = f"please send it to {address}"
    found = ForeignAddressRecogniser().find(text)
    covered = {i for finding in found for i in range(finding.start, finding.end)}
    start = text.index(address)
    assert [address[i - start] for i in range(start, len(text)) if text[i].isalnum() and i not in covered] == []


@pytest.mark.parametrize("text", [
    "Hgb 12\nPlt 200", "Spring 2019 and Wedding 5", "Klebsiella 10000", "Suite of tests 20", "grade II at L4",
    "sent to Pathology. 2. Skin",
    "Via this route 20 mg", "rate of 80 via mask", "Plaza is open", "Route 1: oral 5 mg daily", "Metformin 500",
    "discharged to Unit 4 West",
])
def test_medicine_is_no_address(text: str) -> None:
    assert ForeignAddressRecogniser().find(text) == []


@pytest.mark.parametrize(("text", "kind"), [
    ("nric S9876543A", "id"), ("wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "account"), ("aadhaar 2341 2341 2346",
                                                                                         "id"),
    ("driving licence MORGA753116SM9IJ", "licence"), ("her NPI is 1234567893", "licence"), ("tax file number 123 456 "
        "782", "ssn"),
])
def test_presidios_patterns_are_part_of_the_union(text: str, kind: str) -> None:
    found, = find_in_rest(text, [])
    assert (found.identifier_class, found.rule.startswith("presidio_")) == (kind, True)
    assert deidentify(text).findings


@pytest.mark.parametrize("text", ["PMID 31452104", "hemoglobin 13.5 and 150000 platelets", "NDC 0527-1728-74",
                                  "5 mg 3 times", "4111111111111112"])
def test_presidios_patterns_need_their_checksum_or_context(text: str) -> None:
    assert find_in_rest(text, []) == []


def test_presidio_is_asked_only_about_what_is_left() -> None:
    text = "her NPI is 1234567893"
    assert find_in_rest(text, deidentify(text).findings) == []
