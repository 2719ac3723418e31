"""What patient documents declare beside their text: fields, dates and keys, made harmless value by value."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from itd_pipeline import ports
from itd_pipeline.text.deidentify import DeidentifiedText

_NONE = ("", "{}")
_YEAR = re.compile(r"\d{4}(?!\d)")
_OWN_KEYS = frozenset({"patient"})
"""Attributes in which readers leave the key of the patient."""
_TERMINOLOGY = frozenset({"codes", "section_codes", "document_code", "document_type", "resource_type"})
"""Attributes in which readers leave codes of public terminologies: a SNOMED code is no record number."""


def year_of(date: str | None) -> str | None:
    """The year of an ISO date, None where it has none. All other parts of a date about a patient are identifiers
    (45 CFR 164.514(b)(2)(i)(C))."""
    year = _YEAR.match(date or "")
    return year[0] if year else None


@lru_cache(maxsize=512)  # asked for twice, when a batch is learnt and when it is replaced
def own_keys(external_id: str, origin: str, attributes: str) -> frozenset[str]:
    """What the source itself calls document and patient: ids and file names, often names or numbers of people."""
    declared = _load(attributes) if attributes not in _NONE else {}
    keys = {str(declared[name]) for name in _OWN_KEYS if isinstance(declared, dict) and name in declared}
    for path in (external_id, origin):
        name = posixpath.basename(path)
        keys |= {path, name, posixpath.splitext(name)[0]}
    return frozenset(key.strip() for key in keys if key.strip())


def attribute_lines(attributes: str) -> list[str]:
    """Every text or number in the JSON as a header line `key: value`, as a clinical note would hold it."""
    if attributes in _NONE:
        return []
    return [f"{key}: {value}" for key, value in _leaves("", _load(attributes))]


def deidentify_attributes(
    attributes: str, replace: Callable[[str], DeidentifiedText]
) -> tuple[str, frozenset[str]]:
    """(canonical JSON with every value de-identified, classes replaced). Keys stay; a value is judged together with
    its key, so that {"mrn": "0012345"} is found."""
    if attributes in _NONE:
        return "{}", frozenset()
    classes: set[str] = set()

    def walk(key: str, value: Any) -> Any:
        if key in _TERMINOLOGY:
            return value
        if isinstance(value, dict):
            return {name: walk(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(key, inner) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        if key in _OWN_KEYS:
            classes.add("id")
            return "[ID]"
        label = _label(key)
        done = replace(f"{label}: {value}")
        if not done.findings:
            return value
        classes.update(finding.identifier_class for finding in done.findings)
        return done.text.removeprefix(f"{label}: ")

    return ports.canonical_json(walk("", _load(attributes))), frozenset(classes)


def _load(attributes: str) -> Any:
    try:
        return json.loads(attributes or "{}")
    except json.JSONDecodeError:
        return {"text": attributes}


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key in _TERMINOLOGY:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(key, inner)
    elif value is not None and not isinstance(value, bool):
        yield _label(key), value


def _label(key: str) -> str:
    return key.replace("_", " ").strip() or "value"
