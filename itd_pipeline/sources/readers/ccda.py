"""C-CDA documents (HL7 Consolidated CDA), whole or as single sections: one document each, narrative per section.

Belongs here: sections with their LOINC codes, and what the header knows about people. Does not belong here: paragraphs
and tables (`markup.py`), attachments (`fhir_text.attachment_text`).
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.fhir_text import attachment_text
from itd_pipeline.sources.readers.markup import flow, words

_SSN = "2.16.840.1.113883.4.1"
_NPI = "2.16.840.1.113883.4.6"
_PLACES = frozenset({"city", "streetAddressLine", "postalCode", "county", "houseNumber", "streetName", "unitID"})
_ORGANISATIONS = ("representedOrganization", "providerOrganization", "representedCustodianOrganization",
                  "serviceProviderOrganization", "scopingOrganization", "wholeOrganization", "receivedOrganization")
_MOST_UNPACKED = 32 * 1024 * 1024


class CcdaReader(FileReader):
    """See the module."""

    name = "ccda"
    description = "C-CDA documents and sections, .xml: one document each, narrative per section, with the patient."
    suffixes = (".xml",)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        outline = Outline()
        problem: FileProblem | None = None
        sections = [root] if local_name(root) == "section" else [
            e for e in root.iter("{*}section") if next(e.iterancestors("{*}section"), None) is None]
        for section in sections:
            _section(section, outline, 1)
        for text in root.iterfind(".//{*}nonXMLBody/{*}text"):
            try:
                _embedded(text, outline)
            except FileProblem as found:
                problem = found
        if not sections and root.find(".//{*}nonXMLBody") is None:
            for text in root.iter("{*}text"):
                if next(text.iterancestors("{*}text"), None) is None:
                    flow(text, outline)
        outline.close()
        patient, identifiers = _people(root)
        date = next((e.get("value") or "" for e in root.iterchildren("{*}effectiveTime")), "")[:8]
        identity = next((":".join(filter(None, (e.get("root"), e.get("extension"))))
                         for e in root.iterchildren("{*}id")), "")
        title = words(next(root.iterchildren("{*}title"), None)) or file.stem
        whole = local_name(root) == "ClinicalDocument"
        row = {"file": file.origin, "root": local_name(root)[:60], "title": title}
        if not outline.text:
            if problem is not None:
                yield TurnedAway(file.origin, problem.reason, problem.detail, row)
                return
            yield TurnedAway(file.origin, "no_text", f"no narrative in {local_name(root)[:60]}", row)
            return
        code = next(root.iterchildren("{*}code"), None)
        language = next((e.get("code") or "" for e in root.iterchildren("{*}languageCode")), "")
        yield Draft(
            # Examples and pieces share ids; the file is what tells them apart.
            external_id=f"{identity}@{file.origin}" if identity and whole else file.origin,
            text=outline.text, origin=file.origin, title=title, language=language or None,
            evidence_date=f"{date[:4]}-{date[4:6]}-{date[6:]}" if re.fullmatch(r"\d{8}", date) else None,
            attributes={key: value for key, value in {
                "document_code": "" if code is None else code.get("code") or "",
                "document_type": "" if code is None else code.get("displayName") or "",
                "section_codes": sorted({section.code for section in outline.sections if section.code}),
            }.items() if value},
            sections=outline.sections, patient=patient or None, identifiers=identifiers, patient_data=True,
        )


def _section(section: Any, outline: Outline, level: int) -> None:
    code = next(section.iterchildren("{*}code"), None)
    title = words(next(section.iterchildren("{*}title"), None))
    if not title and code is not None:
        title = (code.get("displayName") or "").capitalize()
    outline.heading(title, level, "" if code is None else code.get("code") or "")
    for text in section.iterchildren("{*}text"):
        if text.get("mediaType") and text.get("representation") == "B64":
            continue
        flow(text, outline, level + 1)
    for component in section.iterchildren("{*}component"):
        for inner in component.iterchildren("{*}section"):
            _section(inner, outline, level + 1)
    outline.close(level)


def _embedded(text: Any, outline: Outline) -> None:
    """A body that is no XML. Raises FileProblem."""
    kind = text.get("mediaType") or "text/plain"
    written = "".join(text.itertext())
    if text.find("{*}reference") is not None and not written.strip():
        raise FileProblem("attachment_elsewhere", "the body is a reference to another file")
    if text.get("representation") != "B64":
        attachment_text(written.encode("utf-8", "replace"), kind, outline)
        return
    try:
        content = base64.b64decode("".join(written.split()), validate=True)
        if text.get("compression") in {"DF", "ZL", "GZ"}:
            window = {"DF": -zlib.MAX_WBITS, "ZL": zlib.MAX_WBITS, "GZ": 16 + zlib.MAX_WBITS}[text.get("compression")]
            unpacker = zlib.decompressobj(window)
            content = unpacker.decompress(content, _MOST_UNPACKED)
            if unpacker.unconsumed_tail:
                raise FileProblem("archive_bomb", f"body unpacks to more than {_MOST_UNPACKED} bytes")
    except (binascii.Error, ValueError, zlib.error) as error:
        raise FileProblem("malformed_attachment", f"the body cannot be unpacked ({type(error).__name__})") from error
    attachment_text(content, kind, outline)


def _people(root: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(key of the patient, everything that header and entries say about people and places)."""
    found: dict[tuple[str, str], None] = {}
    patient = ""
    for role in root.iter("{*}patientRole"):
        for identity in role.iterchildren("{*}id"):
            value = identity.get("extension") or ""
            if value:
                patient = patient or f"{identity.get('root') or ''}:{value}"
                found["ssn" if identity.get("root") == _SSN else "mrn", value] = None
        for birth in role.iter("{*}birthTime"):
            value = birth.get("value") or ""
            if re.match(r"\d{8}", value):
                found["date", f"{value[:4]}-{value[4:6]}-{value[6:8]}"] = None
    for name in root.iter("{*}name"):
        parent = local_name(name.getparent()) if name.getparent() is not None else ""
        written = _name(name)
        if written and parent not in {"manufacturedMaterial", "languageCommunication", "manufacturedLabeledDrug"}:
            found["hospital" if parent in _ORGANISATIONS or parent in {"playingEntity", "location", "place"}
                  else "name", written] = None
    for address in root.iter("{*}addr"):
        for part in address.iterchildren():
            if local_name(part) in _PLACES and words(part):
                found["address", words(part)] = None
    for telecom in root.iter("{*}telecom"):
        scheme, _, value = (telecom.get("value") or "").partition(":")
        value = value or scheme
        kind = {"mailto": "email", "http": "url", "https": "url", "fax": "fax"}.get(scheme.lower(), "phone")
        if value:
            found[kind, value.strip()] = None
    for author in root.iter("{*}assignedAuthor", "{*}assignedEntity", "{*}associatedEntity"):
        for identity in author.iterchildren("{*}id"):
            if identity.get("extension"):
                found["licence" if identity.get("root") == _NPI else "id", identity.get("extension")] = None
    return patient, tuple(found)


def _name(name: Any) -> str:
    """Given names before the family name, without titles; the text of a name that has no parts."""
    parts = [words(part) for kind in ("given", "family") for part in name.iterchildren(f"{{*}}{kind}")]
    return fold(" ".join(part for part in parts if part)) if len(name) else words(name)
