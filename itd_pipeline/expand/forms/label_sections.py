"""Sections of drug labels: what a heading means. Belongs here: reading. Not here: any question form (`labels.py`).

Headings follow the Code of Federal Regulations: 21 CFR 201.56 and 201.57 for prescription drugs, 201.66 for the Drug
Facts of drugs sold over the counter. SPL and openFDA write them alike but for numbers and case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS: dict[str, re.Pattern[str]] = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in {
    "boxed_warning": r"(?:boxed warning(?: section)?|warning: .+)$",
    "indications": r"(?:indications?(?: ?(?:and|&) ?usage)?|uses?)$",
    "dosage": r"(?:dosage (?:and|&) administration|directions)$",
    "do_not_use": r"do not use$",
    "ask_before_use": r"ask a doctor(?: or pharmacist)? before use.*$",
    "stop_use": r"stop use and ask a doctor.*$",
    "contraindications": r"contraindications?$",
    "warnings": r"(?:warnings?(?: (?:and|&) (?:cautions|precautions))?|precautions)$",
    "adverse_reactions": r"adverse (?:reactions?|events?)$",
    "interactions": r"drug interactions?$",
    "pregnancy": r"(?:usage in )?pregnancy$",
    "breastfeeding": r"(?:nursing mothers|lactation)$",
    "children": r"pa?ediatric use$",
    "older_people": r"geriatric use$",
    "kidney": r"(?:patients with )?renal impairment$",
    "liver": r"(?:patients with )?hepatic impairment$",
    "overdosage": r"overdos(?:age|e)$",
    "mechanism": r"mechanism of action$",
    "storage": r"(?:storage and handling|storage|how supplied(?:/storage and handling)?)$",
}.items()}
"""Kind of section -> heading without its number."""
_NUMBER = re.compile(r"^\d+(?:\.\d+)*\.?\s+")
_PATH = " > "
_ABOVE = re.compile(
    r"use in specific populations$|precautions$|warnings|clinical pharmacology$|how supplied|drug facts$",
    re.IGNORECASE)
"""Headings under which a section bears its kind; under others (patient counselling, contraindications) `Pregnancy` is
only a part of what the label says of it."""
MARK = "\x1f"


@dataclass(frozen=True, slots=True)
class LabelSection:
    """One section of one label.

    Args:
        document_id: key of the section: its document and its heading.
        document: its document alone.
        name: the drug, by its brand.
        generic: its generic name, may be empty.
        heading: path of headings as written, outermost first.
        kind: key of `KINDS`, or empty.
        text: the section's text, or empty where it was cut into several passages: half a section is a wrong answer.
    """

    document_id: str
    document: str
    name: str
    generic: str
    heading: tuple[str, ...]
    kind: str
    text: str


def section_key(passage: Mapping[str, Any]) -> str:
    """What the passages of one section share."""
    return f"{passage['document_id']}{MARK}{passage['section']}"


def read_section(key: str, attributes: Mapping[str, Any], pieces: Sequence[str]) -> LabelSection:
    """A section from its label's fields and its passages. Raises KeyError, TypeError or ValueError where the fields
    are not a label's."""
    document, _, path = key.partition(MARK)
    name, generic = _names(attributes)
    heading = tuple(_NUMBER.sub("", part).strip() for part in path.split(_PATH)) if path else ()
    last = heading[-1].rstrip(".:") if heading else ""
    kind = next((kind for kind, pattern in KINDS.items() if pattern.match(last)), "")
    if (len(heading) > 1 and not _ABOVE.match(heading[-2])) or (
            kind == "boxed_warning" and not any("warning" in piece.casefold() for piece in pieces)):
        kind = ""
    return LabelSection(key, document, name, generic, heading, kind, pieces[0].strip() if len(pieces) == 1 else "")


def _names(attributes: Mapping[str, Any]) -> tuple[str, str]:
    if "openfda" in attributes:
        known = attributes["openfda"]
        return _first(known.get("brand_name")), _first(known.get("generic_name"))
    if "products" not in attributes and "set_id" not in attributes:
        raise ValueError("not a drug label")
    products = attributes.get("products") or [{}]
    return _first(products[0].get("name")), _first(products[0].get("generic"))


def _first(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(str(value or "").split())


class LabelIndex:
    """What forms need to know about the other sections and labels of a source."""

    def __init__(self, sections: Iterable[LabelSection]) -> None:
        self.sections = list(sections)
        self.keys = {section.document_id for section in self.sections}
        self._parents = {_PATH.join(key.split(_PATH)[:n]) for key in self.keys
                         for n in range(1, len(key.split(_PATH)))}
        self.names: dict[str, set[str]] = {}
        self.first: dict[str, str] = {}
        for section in self.sections:
            if section.generic and section.name:
                self.names.setdefault(section.generic.casefold(), set()).add(section.name.casefold())
                if section.generic.casefold() in section.text.casefold():
                    self.first.setdefault(section.document, section.document_id)
        self.generics = sorted({section.generic for section in self.sections if section.generic})

    def complete(self, section: LabelSection) -> bool:
        """Whether the text is the whole section: one passage, and no section below it."""
        return bool(section.text) and section.document_id not in self._parents
