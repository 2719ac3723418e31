"""Canaries: invented notes about people who do not exist, planted among the notes of real patients.

They take the way of every note. None of them leaves as a passage, but each of their identifiers is looked for in what
de-identification makes of them, and in every later stage: one hit means that patients leak as well.

Names are built of syllables, numbers of ranges that are not given out (SSN from 900, telephone 555-01xx, addresses of
example.org), so that no canary is ever a person. The same source always has the same canaries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

_FIRST = ("Bren", "Vald", "Corm", "Tess", "Ulri", "Phae", "Zeph", "Quor", "Mird", "Ansg", "Lyss", "Drav", "Hess",
          "Orli", "Kesh", "Nerv")
_SECOND = ("avo", "ini", "elto", "umbra", "osti", "anka", "ere", "ilda", "ovan", "ush", "adel", "imor", "otta", "ewyn",
           "akko", "undi")
_THIRD = ("rsk", "ndell", "zzini", "thwick", "lström", "pova", "mbeki", "rquist", "dottir", "szky", "ngham", "rrante",
          "kker", "bourne", "shvili", "gaard")
_STREETS = ("Road", "Lane", "Avenue", "Street")
_GIVEN = ("Margaret", "Peter", "Fatima", "Luis", "Helen", "Thomas", "Priya", "George")
_NOTES = (
    """Patient Name: {given} {surname}
MRN: {mrn}
Address: {street}
Phone: {phone}

History: Mrs {surname} has had asthma since childhood and was seen because of a cough for three weeks. Her peak flow is
310 l/min. {given} {surname} can be reached by e-mail at {email}. Plan: inhaled steroid twice daily, review in 4 weeks.
""",
    """Dear Dr {surname},

Thank you for referring this 54 year old woman with chest pain on exertion. SSN {ssn}, hospital number {mrn}. She lives
at {street}. Blood pressure was 142/86 mmHg. Please start aspirin 75 mg daily. Call {phone} with questions.

Electronically signed by {given} {surname}, MD
""",
    """DISCHARGE SUMMARY
Name: {surname}, {given}          MRN: {mrn}
Contact: {email}, tel. {phone}

Assessment: community-acquired pneumonia, improving on amoxicillin 500 mg three times daily. Mr. {surname} went home
with his daughter to {street}. SSN: {ssn}.
""",
)


@dataclass(frozen=True)
class Canary:
    """One invented note.

    Args:
        key: stands for the patient.
        note: the text.
        identifiers: strings that must not be found anywhere after de-identification.
    """

    key: str
    note: str
    identifiers: tuple[str, ...]


def canaries(source_name: str, count: int) -> Iterator[Canary]:
    """The canaries of a source.

    Args:
        source_name: decides who they are.
        count: how many.
    """
    for number in range(count):
        digest = hashlib.sha256(f"canary\0{source_name}\0{number}".encode()).digest()
        figures = int.from_bytes(digest[8:24], "big")
        surname = (_FIRST[digest[0] % 16] + _SECOND[digest[1] % 16] + _THIRD[digest[2] % 16])
        street_name = _FIRST[digest[3] % 16] + _SECOND[digest[4] % 16] + _THIRD[digest[5] % 16]
        values = {
            "given": _GIVEN[digest[6] % len(_GIVEN)],
            "surname": surname,
            "mrn": f"{figures % 10**9 + 10**9}",
            "ssn": f"9{figures % 100:02d}-{figures // 100 % 89 + 10}-{figures // 10**5 % 8999 + 1000}",
            "phone": f"({figures // 10**9 % 700 + 201}) 555-01{figures // 10**12 % 100:02d}",
            "email": f"{surname.lower()}{figures // 10**15 % 10**6}@example.org",
            "street": f"{figures // 10**21 % 900 + 11} {street_name} {_STREETS[digest[7] % len(_STREETS)]}",
        }
        note = _NOTES[number % len(_NOTES)].format(**values)
        looked_for = tuple(value for name, value in values.items() if name != "given" and value in note)
        yield Canary(f"canary-{digest[:8].hex()}", note, looked_for)
