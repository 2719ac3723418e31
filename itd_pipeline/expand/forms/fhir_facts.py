"""Structured FHIR resources, read back from the words that the reader and de-identification left of them.

Belongs here: from a passage to named facts. Does not belong here: any question form (`fhir.py`).

The reader writes a resource's coded facts as `Kind: subject. Name: value. Name: value.` (`sources/readers/fhir_text`).
Facts are read from the clean text and not from the source, so that nothing comes back that de-identification took out.
Dates and values that de-identification has touched are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FREE = frozenset({"ICD-10-CM", "RxNorm", "CVX"})
"""Code systems that anyone may pass on; SNOMED CT and LOINC have terms of their own."""
_NEXT = re.compile(r"\. (?=[A-Z][^:.\n]{1,80}: )")
_MEASURE = re.compile(r"(?P<sign>[<>]=?)?\s*(?P<number>-?\d+(?:\.\d+)?)(?:\s+(?P<unit>\S.*))?$")
_RANGE = re.compile(r"(?P<low>-?\d+(?:\.\d+)?) to (?P<high>-?\d+(?:\.\d+)?)(?:\s+(?P<unit>\S.*))?$")
_LEFT_OUT = frozenset({"Date"})
_TAKEN_OUT = re.compile(r"\[[A-Z_]+(?:-\d+)?\]")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Args:
        document_id: its document.
        kind: in words, such as `observation` or `medication order`.
        subject: what it is about.
        facts: (name, value) pairs, in order.
        codes: (system, code) pairs of systems that may be passed on.
        text: the paragraph that was read.
    """

    document_id: str
    kind: str
    subject: str
    facts: tuple[tuple[str, str], ...]
    codes: tuple[tuple[str, str], ...]
    text: str

    def fact(self, name: str) -> str:
        """Value of a fact, or empty."""
        return next((value for known, value in self.facts if known == name), "")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit, which may be empty, and as it was written."""

    number: str
    unit: str
    sign: str = ""


def read_resource(document_id: str, attributes: Mapping[str, Any], pieces: Sequence[str]) -> Resource:
    """A resource from its passages. Raises KeyError, TypeError or ValueError where the fields are not a resource's."""
    if not isinstance(attributes["resource_type"], str):
        raise TypeError("resource_type")
    paragraph = pieces[0].strip().split("\n\n")[0].strip()
    parts = _NEXT.split(paragraph.removesuffix("."))
    kind, colon, subject = parts[0].partition(": ")
    facts = tuple((name.strip(), value.strip()) for name, mark, value in (part.partition(": ") for part in parts[1:])
                  if mark and value.strip() and name not in _LEFT_OUT)
    codes = tuple(dict.fromkeys((str(c["system"]), str(c["code"])) for c in attributes.get("codes") or ()
                                if c.get("system") in _FREE and c.get("code")))
    if not colon or "\n" in paragraph or _TAKEN_OUT.search(subject):
        kind, subject, facts = "", "", ()
    facts = tuple((name, value) for name, value in facts if not _TAKEN_OUT.search(value))
    return Resource(document_id, kind.lower(), subject.strip(), facts, codes, paragraph)


def measure(value: str) -> Measure | None:
    """A value as number and unit; None where it is none."""
    match = _MEASURE.match(value)
    return Measure(match["number"], (match["unit"] or "").strip(), match["sign"] or "") if match else None


def limits(value: str) -> tuple[str, str, str] | None:
    """(low, high, unit) of a reference range; None where it is none."""
    match = _RANGE.match(value)
    return (match["low"], match["high"], (match["unit"] or "").strip()) if match else None


class FhirIndex:
    """Forms about resources look at one resource alone."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.count = sum(1 for _ in resources)
