"""Each of the eighteen classes of 45 CFR 164.514(b)(2)(i): what is found, and what beside it stays."""

from __future__ import annotations

import pytest

from itd_pipeline.text import deidentify

FOUND = {
    "A names": [
        ("Patient: Maria Gonzalez", "Gonzalez"), ("seen by Dr. Okafor today", "Okafor"), ("His daughter Lena called.",
                                                                                          "Lena"),
        ("J. R. Whitfield, RN", "Whitfield"), ("a 60-year-old man, Rohan Mendoza, seen", "Rohan Mendoza"),
        ("female, Arjun Walsh, who was", "Arjun Walsh"), ("ref Paul M's case", "Paul M"), ("like Lakshmi Grant today",
                                                                                           "Lakshmi Grant"),
        ("diabetic patient, Sarah White, who", "Sarah White"),
    ],
    "B geography": [
        ("She lives in Scranton.", "Scranton"), ("Address: 12 Oak Lane, Reading, PA 19601", "12 Oak Lane, Reading"),
        ("zip 02139", "02139"),
        ("ZIP code: 60614-1234", "60614"), ("from Harris County", "Harris"), ("seen at Mercy Hospital.", "Mercy"),
        ("Ward 7", "7"),
        ("living in 33101", "33101"), ("PO Box 1234, Dayton, OH 45402", "1234"), ("lat 42.3601, long -71.0589",
                                                                                  "42.3601"),
        ("brought to Dana-Farber on 3/4/2019", "Dana-Farber"), ("from Duke, with", "Duke"), ("living in the Bronx",
                                                                                             "the Bronx"),
        ("She lives at Loorenstrasse 149 since", "Loorenstrasse 149"), ("ul. Cicha 86", "Cicha 86"),
        ("PSC 0413, Box 8144\nAPO AA 42323", "0413, Box 8144\nAPO AA 42323"), ("sent to 31 Rue de Tanger Suite 399 "
            "today", "31 Rue de Tanger Suite 399"),
    ],
    "C dates": [
        ("on 03/14/2019", "03/14"), ("14 March 2019", "14 March"), ("March 14", "March 14"), ("2019-03-14 10:22",
                                                                                              "10:22"),
        ("DOB 1950-02-03", "1950-02-03"), ("Mar-2019", "Mar"), ("Christmas Day 2019", "Christmas"), ("Friday, March "
            "3, 2019", "Friday, March"),
        ("seen at Mercy Clinic last month", "last month"), ("a 94-year-old man", "94"), ("aged 102", "102"),
        ("ninety-three years old", "three"),
    ],
    "D telephone": [("call 617-555-0134", "0134"), ("+44 20 7946 0958", "7946"), ("pager 12345", "12345"),
                    ("0049 30 901820", "901820"),
                    ("+49 (0)30 901820", "901820")],
    "E fax": [("Fax: 617-555-0135", "0135"), ("fax number (617)555-0135", "0135")],
    "F e-mail": [("jane.doe@hospital.org", "jane"), ("jane.doe (at) hospital.org", "jane"), ("jane [at] hospital "
        "[dot] org", "hospital"),
                 ("j.doe @ gmail.com", "gmail")],
    "G social security": [("SSN 123-45-6789", "6789"), ("social security number 123 45 6789", "6789"), ("xxx-xx-6789",
                                                                                                        "6789"),
                          ("last four of SSN 6789", "6789"), ("SSN ending in 6789", "6789")],
    "H record": [("MRN 00123456", "00123456"), ("medical record number: A-12345", "A-12345"), ("chart #AB1234",
                                                                                               "AB1234"),
                                                                                               ("EMPI 1000233",
                                                                                                "1000233"),
                 ("patient ID: 897-65-4321", "897-65-4321")],
    "I plan": [("Member ID: XYZ123456789", "XYZ"), ("Medicare number 1EG4-TE5-MK73", "TE5"), ("1EG4TE5MK73", "1EG4"),
               ("HICN 123-45-6789A", "6789A"),
               ("Rx BIN 610014", "610014")],
    "J account": [("account number 12345678", "12345678"), ("card 4111 1111 1111 1111", "1111"), ("IBAN DE89 3704 "
        "0044 0532 0130 00", "DE89"),
                  ("routing number 021000021", "021000021")],
    "K licence": [("license number D1234567", "D1234567"), ("DEA AB1234563", "AB1234563"), ("NPI 1234567893",
                                                                                            "1234567893"),
                  ("passport no. 912803456", "912803456"), ("DL# X1234567", "X1234567"), ("certificate number "
                      "BC-2019-4455", "BC-2019")],
    "L vehicle": [("VIN 1HGCM82633A004352", "1HGCM"), ("1HGCM82633A004352 was towed", "1HGCM"), ("license plate "
        "ABC-1234", "ABC"),
                  ("reg AB12 CDE", "AB12"), ("number plate: KL-AB 1234", "1234")],
    "M device": [("serial number SN-445566", "445566"), ("UDI (01)00844588003288(17)141120(10)7654321D", "7654321D"),
                 ("device ID D-99887", "99887"),
                 ("IMEI 490154203237518", "490154203237518")],
    "N web": [("https://example.com/p?id=3", "example"), ("see smithfamily.net/jane", "smithfamily"),
              ("facebook.com/jane.doe.12", "jane"),
              ("@janedoe_91 on Twitter", "janedoe")],
    "O network": [("IP 192.168.4.77", "192"), ("8.8.8.8 address", "8.8"), ("fe80::1ff:fe23:4567:890a", "fe80"),
                  ("00-1B-44-11-3A-B7", "1B"),
                  ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "85a3")],
    "P biometric": [("fingerprint ID FP-99812", "99812"), ("voiceprint id VP12345", "VP12345"), ("palm print record "
        "PP-3321", "3321"),
                    ("facial recognition template FR-1182", "1182"), ("iris scan #IR5566", "IR5566")],
    "Q photographs": [("IMG_2034.jpg", "2034"), ("photo file: jane_doe_face.png", "jane_doe"), ("clinical photo ID "
        "PH-2231", "2231")],
    "R other codes": [
        ("study subject ID 0042-117", "0042"), ("accession number S19-12345", "12345"), ("Site ID: 98765", "98765"),
        ("participant 1002-33", "1002"),
        ("requisition 99-1121", "1121"), ("uuid 123e4567-e89b-12d3-a456-426614174000", "426614174000"),
        ("Case S-21-0012345", "0012345"),
        ("username jdoe91", "jdoe91"), ("login: jdoe", "jdoe"), ("prior auth # PA-99812", "99812"),
    ],
}
STAYS = [
    "in 2015", "since the 1990s", "age 89", "aged 45", "BP 120/80", "1/2 tablet", "PHQ-9 of 12/27", "GCS 13/15",
    "EF 55%", "I-123 scan", "IL-2, IL-4",
    "St. John's wort", "Down syndrome", "a Bovie and the Farlow device", "Kerlix and Coban", "PMID 31452104",
    "rs 4889294", "NCT01234567",
    "Glasgow Coma Scale 15", "sub-Saharan Africa", "in Europe", "African American woman", "0.5 mg/kg every 8 hours",
    "5000 units subcutaneously",
    "Hgb 12\nPlt 200", "guidelines from Mayo Clinic", "Knee Microfracture Surgery", "taken to the Operating Room",
    "recovered in Intensive Care Unit",
    "diagnosed last year", "presented last week with fatigue", "cortisol a better test", "SpO2 96% on 2 L", "T2N0M0",
    "L4-L5 disc", "Q12H dosing",
    "chromosome 15q11.2", "HbA1c 7.2", "vitamin B12", "SARS-CoV-2", "the image is 512 by 512", "10:30 this morning",
    "NDC 0002-8215-01",
]


@pytest.mark.parametrize(("text", "gone"), [(text, gone) for cases in FOUND.values() for text, gone in cases])
def test_found(text: str, gone: str) -> None:
    assert gone not in deidentify(text).text
    assert deidentify(text).findings


@pytest.mark.parametrize("text", STAYS)
def test_stays(text: str) -> None:
    assert deidentify(text).text == text


def test_all_eighteen_are_here() -> None:
    assert [name[0] for name in FOUND] == list("ABCDEFGHIJKLMNOPQR")
