"""FHIR R4 (also DSTU2 and STU3): bundles in JSON or XML, single resources, and NDJSON of a bulk export.

Belongs here: which resources become documents and whose they are. Does not belong here: the words of a resource
(`fhir_text.py`) or what identifies a patient (`fhir_people.py`).

Each resource is one unit: a document where it holds readable text, else turned away as `not_text` (claims,
organisations, patients themselves). Every document carries all that the source knows about its patient, so that
de-identification can look for it. In a bulk export the patients stand in files of their own; they are read first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.json_text import parse_json
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem, Lines, SourceBytes, decode
from itd_pipeline.sources.items import Draft, Intake, Item, TurnedAway
from itd_pipeline.sources.readers.fhir_people import Identifiers, people_in, persons_named
from itd_pipeline.sources.readers.fhir_text import (
    SUPPORTED,
    AttachmentProblem,
    date_of,
    many,
    resource_outline,
    title_of,
)

_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_LONGEST_LINE = 64 * 1024 * 1024
_PEOPLE = frozenset({"Patient", "Practitioner", "RelatedPerson", "Organization", "Location", "Person"})
_ABOUT = ("subject", "patient", "individual", "beneficiary")
_TERMINOLOGIES = {"snomed.info/sct": "SNOMED CT", "loinc.org": "LOINC", "rxnorm": "RxNorm", "icd-10-cm": "ICD-10-CM",
                  "icd-10": "ICD-10", "icd-9-cm": "ICD-9-CM", "cvx": "CVX", "ndc": "NDC", "cpt": "CPT", "atc": "ATC"}
"""Part of the system's address -> name. Codes of other systems may be a hospital's own numbers and are left out."""
_XHTML = "{http://www.w3.org/1999/xhtml}div"
Resource = Mapping[str, Any]


class FhirReader(FileReader):
    """See the module."""

    name = "fhir"
    description = "FHIR bundles and resources, .json, .xml or .ndjson: one document per resource with readable text."
    suffixes = (".json", ".xml", ".ndjson", ".jsonl")

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        self._exported: dict[str, Identifiers] = {}
        for entry in self._listing(path).entries:
            if entry.problem is None and entry.name.lower().endswith(_LINES):
                self._exported.update(_people_of_lines(entry.path))
        yield from super().read(source, path, intake)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        if file.name.lower().endswith(_LINES):
            yield from self._lines(file)
            return
        start = file.data.lstrip()[:1]
        root = _from_xml(parse_xml(file.data)) if start == b"<" else parse_json(decode(file.data))
        if not isinstance(root, Mapping) or not isinstance(root.get("resourceType"), str):
            raise FileProblem("other_layout", "no FHIR resource")
        if root["resourceType"] != "Bundle":
            yield _item(root, "", file.origin, self._exported | people_in([("", root)]))
            return
        entries = [(_text(entry.get("fullUrl")), entry["resource"]) for entry in many(root.get("entry"))
                   if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping)]
        people = self._exported | people_in(entries)
        for position, (url, resource) in enumerate(entries, start=1):
            yield _item(resource, url, f"{file.origin}#{position}", people)

    def _lines(self, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        for number, line in enumerate(file.data.split(b"\n"), start=1):
            if not line.strip():
                continue
            origin = f"{file.origin}#{number}"
            try:
                if len(line) > _LONGEST_LINE:
                    raise FileProblem("too_large", f"line {number}: bytes={len(line)}")
                resource = parse_json(decode(line))
                if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
                    raise FileProblem("other_layout", f"line {number}: no FHIR resource")
            except FileProblem as problem:
                yield TurnedAway(origin, problem.reason, problem.detail, {"file": origin, "bytes": len(line)})
                continue
            yield _item(resource, "", origin, self._exported)


def _people_of_lines(path: Path) -> dict[str, Identifiers]:
    """Patients and others of one file of an export; lines that cannot be read are named when they are read again."""
    found: dict[str, Identifiers] = {}
    with SourceBytes(path, None) as stream:
        lines = Lines(stream)
        while lines.mark():
            line = next(lines)
            if len(line) > _LONGEST_LINE or not any(f'"{kind}"' in line for kind in _PEOPLE):
                continue
            try:
                resource = parse_json(line)
            except FileProblem:
                continue
            if isinstance(resource, Mapping) and resource.get("resourceType") in _PEOPLE:
                found |= people_in([("", resource)])
    return found


def _item(resource: Resource, url: str, origin: str, people: Mapping[str, Identifiers]) -> Draft | TurnedAway:
    kind = _text(resource.get("resourceType"))
    identity = _text(resource.get("id")) or url.rpartition(":")[2].rpartition("/")[2]
    row = {"resourceType": kind, "id": identity, "fullUrl": url}
    if kind not in SUPPORTED:
        return TurnedAway(origin, "not_text", f"resource type {kind[:40]}", row)
    reference = _about(resource)
    known: dict[tuple[str, str], None] = dict.fromkeys(people.get(reference, ()))
    # Whoever else stands in the same bundle (its practitioners and places) is looked for as well.
    known |= dict.fromkeys(pair for pair in people.get("", ()))
    known |= dict.fromkeys(persons_named(resource))
    try:
        outline = resource_outline(resource)
    except AttachmentProblem as problem:
        return TurnedAway(origin, problem.reason, problem.detail, row)
    if not outline.text:
        return TurnedAway(origin, "no_text", f"resource type {kind[:40]}", row)
    attributes = {"resource_type": kind, "codes": _codes(resource)}
    return Draft(
        external_id=f"{kind}/{identity}" if identity else origin, text=outline.text, origin=origin,
        title=title_of(resource), language=_text(resource.get("language")) or None, evidence_date=date_of(resource),
        attributes={key: value for key, value in attributes.items() if value}, sections=outline.sections,
        patient=reference or None, identifiers=tuple(known), patient_data=True,
    )


def _about(resource: Resource) -> str:
    """The reference to the patient, as it stands; the resource's own id where it is a patient's record itself."""
    for name in _ABOUT:
        for value in many(resource.get(name)):
            if isinstance(value, Mapping) and _text(value.get("reference")):
                return _text(value.get("reference"))
    return ""


def _codes(resource: Resource) -> list[dict[str, str]]:
    found = []
    for name in ("code", "type", "medicationCodeableConcept"):
        for concept in many(resource.get(name)):
            for coding in many(concept.get("coding")) if isinstance(concept, Mapping) else ():
                if not isinstance(coding, Mapping):
                    continue
                system = _text(coding.get("system")).lower()
                known = next((name for part, name in _TERMINOLOGIES.items() if part in system), None)
                if known:
                    found.append({"system": known, "code": _text(coding.get("code"))})
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _from_xml(element: Any) -> Any:
    """FHIR's XML as its JSON: an element with `value` is a value, a repeated element a list."""
    if local_name(element) == "Bundle" or local_name(element)[:1].isupper():
        found: dict[str, Any] = {"resourceType": local_name(element)}
    else:
        found = {}
    for name in ("id", "url"):
        if element.get(name):
            found[name] = element.get(name)
    for child in element.iterchildren():
        name = local_name(child)
        if child.tag == _XHTML:
            value: Any = child
        elif name in {"resource", "contained"}:
            inner = next(iter(child), None)
            value = _from_xml(inner) if inner is not None else {}
        elif child.get("value") is not None and not re.match(r"[A-Z]", name):
            value = child.get("value")
        else:
            value = _from_xml(child)
        if name in found and not (name in {"id", "url"} and not isinstance(found[name], list)):
            before = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*before, value]
        else:
            found[name] = value
    return found
