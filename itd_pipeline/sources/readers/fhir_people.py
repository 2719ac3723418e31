"""What a FHIR export knows about people: names, addresses, numbers, dates of birth, by the reference to them.

Belongs here: from Patient, Practitioner and the like to (class, value) pairs. Does not belong here: looking for them in
text (`text/known.py`). Everything that identifies is taken; states and countries alone do not (45 CFR 164.514(b)(2)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itd_pipeline.sources.readers.fhir_text import many

Identifiers = tuple[tuple[str, str], ...]
_KINDS = {"SS": "ssn", "MR": "mrn", "MRN": "mrn", "DL": "licence", "PPN": "id", "AN": "account", "SN": "plan",
          "NPI": "licence", "MD": "licence", "PRN": "licence"}
_TELECOM = {"phone": "phone", "fax": "fax", "email": "email", "url": "url", "pager": "phone", "sms": "phone"}
_PLACES = frozenset({"Organization", "Location"})


def people_in(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Identifiers]:
    """Reference (full URL, `Type/id` and `urn:uuid:id`) -> what is known.

    Args:
        entries: (full URL, resource) of one bundle or one line of an export.

    The key "" holds what is known about practitioners and places: every document of the bundle may name them.
    """
    found: dict[str, Identifiers] = {}
    others: dict[tuple[str, str], None] = {}
    for url, resource in entries:
        kind, identity = resource.get("resourceType"), resource.get("id")
        if kind not in {"Patient", "Practitioner", "RelatedPerson", "Person", *_PLACES}:
            continue
        known = tuple(dict.fromkeys(_person(resource, str(kind))))
        if kind in {"Patient", "RelatedPerson", "Person"}:
            for reference in (url, f"{kind}/{identity}", f"urn:uuid:{identity}"):
                if reference and identity:
                    found[reference] = known
        if kind != "Patient":
            others |= dict.fromkeys(known)
    if others:
        found[""] = tuple(others)
    return found


def persons_named(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names that references in a resource display: performers, authors, places."""
    stack: list[Any] = [resource]
    while stack:
        value = stack.pop()
        if isinstance(value, Mapping):
            display, reference = value.get("display"), value.get("reference")
            if isinstance(display, str) and isinstance(reference, str):
                place = any(kind in reference for kind in ("Organization", "Location"))
                person = any(kind in reference for kind in ("Practitioner", "Patient", "RelatedPerson"))
                if place or person:
                    yield ("hospital" if place else "name"), display
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


def _person(resource: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    if isinstance(resource.get("id"), str):
        yield "id", resource["id"]
    yield from _names(resource.get("name"), "hospital" if kind in _PLACES else "name")
    yield from _contacts(resource)
    for date in ("birthDate", "deceasedDateTime"):
        if isinstance(resource.get(date), str):
            yield "date", resource[date][:10]
    for identifier in many(resource.get("identifier")):
        if isinstance(identifier, Mapping) and isinstance(identifier.get("value"), str):
            yield _kind(identifier), identifier["value"]
    for contact in many(resource.get("contact")):
        if isinstance(contact, Mapping):
            yield from _names(contact.get("name"), "name")
            yield from _contacts(contact)
    yield from _extensions(resource)


def _names(value: Any, kind: str) -> Iterator[tuple[str, str]]:
    for name in many(value):
        if isinstance(name, str):
            yield kind, name
        elif isinstance(name, Mapping):
            given = [part for part in many(name.get("given")) if isinstance(part, str)]
            family = [part for part in many(name.get("family")) if isinstance(part, str)]
            full = " ".join([*given, *family])
            if full:
                yield kind, full
            if isinstance(name.get("text"), str):
                yield kind, name["text"]


def _contacts(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for contact in many(value.get("telecom")):
        if isinstance(contact, Mapping) and isinstance(contact.get("value"), str):
            yield _TELECOM.get(str(contact.get("system")), "phone"), contact["value"]
    for address in many(value.get("address")):
        yield from _address(address)


def _address(address: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(address, Mapping):
        return
    for part in ("line", "city", "district", "postalCode", "text"):
        for value in many(address.get(part)):
            if isinstance(value, str) and value.strip():
                yield "address", value


def _kind(identifier: Mapping[str, Any]) -> str:
    for kind in many(identifier.get("type")):
        for coding in many(kind.get("coding")) if isinstance(kind, Mapping) else ():
            if isinstance(coding, Mapping) and coding.get("code") in _KINDS:
                return _KINDS[coding["code"]]
    system = str(identifier.get("system") or "")
    return "ssn" if "us-ssn" in system else "licence" if "us-npi" in system else "id"


def _extensions(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Mother's maiden name, place of birth, co-ordinates."""
    stack = [(resource.get("extension"), ""), *((address.get("extension"), "") for address in many(
        resource.get("address")) if isinstance(address, Mapping))]
    while stack:
        value, _ = stack.pop()
        for extension in many(value):
            if not isinstance(extension, Mapping):
                continue
            url = str(extension.get("url") or "")
            if "mothersMaidenName" in url and isinstance(extension.get("valueString"), str):
                yield "name", extension["valueString"]
            if "birthPlace" in url:
                yield from _address(extension.get("valueAddress"))
            if url in {"latitude", "longitude"} and extension.get("valueDecimal") is not None:
                yield "address", str(extension["valueDecimal"])
            stack.append((extension.get("extension"), url))
