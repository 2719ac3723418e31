"""Surrogates: of the same kind, one person in all documents, never the patient's own, told from real ones."""

from __future__ import annotations

import datetime
import re

import pytest

from itd_pipeline.text import deidentify
from itd_pipeline.text.deidentify import Deidentifier
from itd_pipeline.text.identifiers import lexicon
from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponyms import EPONYMS
from itd_pipeline.text.scan import scan_identifiers
from itd_pipeline.text.stand_ins import checked, given_pool, is_stand_in, place_pool, surname_pool

KEY = b"k" * 32
FIRST = """Patient: Smith, John A.   MRN: 00482913
Seen 3/14/2019 at Mercy Hospital, Dayton, OH by Dr. Maria Gonzalez. Mr Smith lives at 12 Oak Lane, Dayton, OH 45402.
Phone 937-555-2222, john.smith@gmail.com, SSN 123-45-6789. J. Smith was discharged on Tuesday, March 19, 2019.
Parkinson's disease since 2015. Metoprolol 25 mg. JOHN SMITH, 97 years old, was well."""
SECOND = "John was seen by Gonzalez on 14-Apr-19 in Dayton; MRN 00482913."


def surrogated(*texts: str, key: bytes | None = KEY, patient: str = "p") -> list[str]:
    deidentifier = Deidentifier(key=key, replacement="surrogates")
    for text in texts:
        deidentifier.learn(text, patient)
    return [deidentifier.replace(text, patient).text for text in texts]


def test_a_person_stays_one_person_however_called() -> None:
    first, second = surrogated(FIRST, SECOND)
    surname, given = re.search(r"Patient: (\w+), (\w+) [A-Z]\.", first).groups()  # type: ignore[union-attr]
    assert f"Mr {surname} lives" in first
    assert f"{given[0]}. {surname} was discharged" in first
    assert f"{given.upper()} {surname.upper()}, 90+ years old" in first
    assert second.startswith(f"{given} was seen")
    assert surname in surname_pool()
    assert given in given_pool("m")


def test_a_place_and_a_number_are_the_same_in_all_documents() -> None:
    first, second = surrogated(FIRST, SECOND)
    town = re.search(r"lives at \d\d \w+ Lane, (\w+), OH \d{5}", first)[1]  # type: ignore[index]
    assert f"in {town};" in second
    assert re.search(r"MRN: (\d{8})", first)[1] == re.search(r"MRN (\d{8})", second)[1]  # type: ignore[index]


@pytest.mark.parametrize("left", ["Smith", "SMITH", "John", "Gonzalez", "Maria", "00482913", "Mercy", "Dayton", "Oak",
                                  "45402", "gmail",
                                  "555-2222", "6789", "2019", "March 19", "97 years"])
def test_nothing_real_is_left(left: str) -> None:
    assert left not in "\n".join(surrogated(FIRST, SECOND))


@pytest.mark.parametrize("stays", ["Parkinson's disease", "Metoprolol 25 mg", "Hospital", " Lane, ", ", OH ", "Dr. ",
                                   "Mr "])
def test_medicine_and_the_kind_stay(stays: str) -> None:
    assert stays in surrogated(FIRST, SECOND)[0]


def test_intervals_weekdays_and_years_survive() -> None:
    first, second = surrogated(FIRST, SECOND)
    seen = datetime.datetime.strptime(re.search(r"Seen (\S+)", first)[1], "%m/%d/%Y")  # type: ignore[index]
    left = datetime.datetime.strptime(re.search(r"on (Tuesday, \w+ \d+, \d{4})", first)[1], "%A, %B %d, %Y")  # type: ignore[index]
    again = datetime.datetime.strptime(re.search(r"on (\S+) in", second)[1], "%d-%b-%Y")  # type: ignore[index]
    assert ((left - seen).days, (again - seen).days, left.strftime("%A")) == (5, 31, "Tuesday")
    since = int(re.search(r"since (\d{4})", first)[1])  # type: ignore[index]
    assert seen.year - since in {3, 4, 5}
    assert seen.year >= 2100


def test_the_key_links_runs_and_hides_patients() -> None:
    assert surrogated(FIRST) == surrogated(FIRST)
    assert surrogated(FIRST)[0] != surrogated(FIRST, patient="q")[0]
    assert surrogated(FIRST)[0] != surrogated(FIRST, key=b"j" * 32)[0]
    # With the key another document changes nothing; without one, nothing links two runs.
    assert surrogated(FIRST)[0] == surrogated(FIRST, "A further note.")[0]
    assert surrogated(FIRST, key=None) == surrogated(FIRST, key=None)
    assert surrogated(FIRST, key=None)[0] != surrogated(FIRST, "A further note.", key=None)[0]


def test_the_scan_knows_surrogates_and_still_finds_real_identifiers() -> None:
    for key in (KEY, None):
        for text in surrogated(FIRST, SECOND, key=key):
            assert scan_identifiers(text) == []
            assert scan_identifiers(text + " Call Dr. Vance on 14 March 2021, MRN: 0012345.") != []


def test_no_surrogate_is_a_word_of_medicine_or_a_real_surname() -> None:
    pools = [*surname_pool(), *place_pool(), *given_pool("f"), *given_pool("m")]
    assert min(len(surname_pool()), len(place_pool()), len(given_pool("f")), len(given_pool("m"))) > 100
    assert [name for name in pools if lexicon.is_word(name) or is_drug(name) or name.lower() in EPONYMS] == []
    assert not {name.lower() for name in surname_pool()} & lexicon.surnames()


def test_a_womans_name_stays_a_womans() -> None:
    text, = surrogated("Patient: Linda Perkins. Daughter Susan Perkins, son Kevin Perkins.")
    woman, daughter, son = re.search(r"Patient: (\w+) \w+\. Daughter (\w+) \w+, son (\w+) ", text).groups()  # type: ignore[union-attr]
    assert woman in given_pool("f")
    assert daughter in given_pool("f")
    assert son in given_pool("m")


def test_a_surrogate_is_never_one_of_the_patients_own() -> None:
    for number in range(30):
        mother = given_pool("f")[number + 1]
        text = f"Patient: {given_pool('f')[number]} {surname_pool()[number]}\nMother: {mother} Stone"
        own = set(re.findall(r"\w+", text))
        made, = surrogated(text, patient=f"p{number}")
        assert not own & set(re.findall(r"\w+", made)) - {"Patient", "Mother"}


@pytest.mark.parametrize(("text", "pattern"), [
    ("Fax: 617-555-0199", r"Fax: [2-9]9\d-555-01\d\d"), ("write to ann@home.net",
                                                         r"write to [a-z]+\.[a-z]+@example\.org"),
    ("IP 8.8.8.8", r"IP 192\.0\.2\.\d+"), ("MAC 00:1B:44:11:3A:B7", r"MAC 00:00:5E:00:53:[0-9A-F]{2}"),
    ("Chart AB-12345", r"Chart [A-Z]{2}-\d{5}"), ("patient ID: 98765", r"patient ID: \d{5}"), ("at UCLA.",
                                                                                               r"at [A-Z]{4}\."),
    ("see https://my.site.com/x", r"see https://[a-z]+\.example\.org"), ("Ward 7B", r"Ward \d[A-Z]"),
    ("seen last Friday", "seen last Friday"), ("DOB 3/4/1950", r"DOB \d+/\d+/2[1-3]\d\d"),
])
def test_the_shape_stays(text: str, pattern: str) -> None:
    made = deidentify(text, replacement="surrogates").text
    assert re.fullmatch(pattern, made)
    assert made != text or "last" in text


def test_a_birth_date_that_tells_an_age_over_89_goes() -> None:
    assert "DOB [DATE]." in deidentify("DOB 3/4/1920. Seen 5/6/2019.", replacement="surrogates").text
    assert "DOB [DATE]." not in deidentify("DOB 3/4/1930. Seen 5/6/2019.", replacement="surrogates").text


def test_numbers_that_check_themselves() -> None:
    assert is_stand_in("mrn", "MRN " + checked("123456"))
    assert sum(is_stand_in("mrn", f"{number}") for number in range(10_000, 10_970)) == 10


def test_unknown_replacement() -> None:
    with pytest.raises(ValueError, match="tags, surrogates"):
        Deidentifier(replacement="stars")
