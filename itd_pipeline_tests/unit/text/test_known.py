"""What is known of a patient is found in every spelling, though only patterns are compiled that a text may hold."""

from __future__ import annotations

import pytest

from itd_pipeline.text.known import KnownIdentifiers


@pytest.mark.parametrize(("kind", "surface", "text", "expected"), [
    ("phone", "1-212-555-0142", "call (212) 555 0142 now", "212) 555 0142"),
    ("phone", "555-0142 ext 3", "at 55 50-142.3, then", "55 50-142.3"),
    ("ssn", "123-45-6789", "ssn 123 45 6789.", "123 45 6789"),
    ("mrn", "AB12345", "record a-b 12.345 was", "a-b 12.345"),
    ("mrn", "00-12", "no 00/12 in", "00/12"),
    ("id", "7654321", "id 76 54 321.", "76 54 321"),
    ("hospital", "Mercy Hospital", "to MERCY  hospital in", "MERCY  hospital"),
    ("address", "12 Oak Street", "of 12 oak st. and", "12 oak st."),
    ("name", "John A. Smith", "by smith,  john a.", "smith,  john a"),
    ("name", "John Smith", "saw JOHN\nSMITH today", "JOHN\nSMITH"),
    ("email", "jo@x.org", "JO@X.ORG", "JO@X.ORG"),
])
@pytest.mark.parametrize("beside", ["", " \u2019 \u0142"], ids=["ascii", "beyond ascii"])
def test_found_however_it_is_written(kind: str, surface: str, text: str, expected: str, beside: str) -> None:
    known = KnownIdentifiers()
    known.add("name", "Ann Lee")
    known.add(kind, surface)
    found = [(text + beside)[finding.start : finding.end] for finding in known.find(text + beside)]
    assert any(expected in span for span in found)


def test_nothing_is_compiled_for_a_text_that_holds_none_of_it() -> None:
    known = KnownIdentifiers()
    known.add("name", "John Smith")
    known.add("mrn", "AB12345")
    assert known.find("an arm was broken") == []
    assert known._compiled == {}
    assert len(known.find("John  Smith, john smith")) >= 2
    assert len(known._compiled) == 1
    known.add("name", "Ann Lee")
    assert [finding.start for finding in known.find("seen with ann lee")] == [10]
