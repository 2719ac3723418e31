"""The readable text of a FHIR resource: its narrative, its notes and attachments, and its coded facts in words.

Belongs here: words. Does not belong here: whose resource it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.html_pages import fragment
from itd_pipeline.sources.readers.markup import flow, words

SUPPORTED = frozenset({
    "Condition", "MedicationRequest", "MedicationOrder", "MedicationPrescription", "MedicationStatement",
    "MedicationAdministration", "Observation", "Procedure", "AllergyIntolerance", "DiagnosticReport",
    "DocumentReference", "Composition", "CarePlan", "ClinicalImpression", "Encounter", "Immunization",
    "FamilyMemberHistory",
    "Goal", "ImagingStudy", "Communication", "ServiceRequest", "QuestionnaireResponse", "Flag", "RiskAssessment",
})
_DATES = ("effectiveDateTime", "effectivePeriod", "issued", "performedDateTime", "performedPeriod", "onsetDateTime",
          "authoredOn", "dateWritten", "dateAsserted", "recordedDate", "assertedDate", "occurrenceDateTime", "period",
          "started", "date", "created", "indexed")
_STATUS = ("clinicalStatus", "verificationStatus", "status", "criticality", "severity", "intent")
_MOST_ATTACHMENT = 32 * 1024 * 1024
_TEXT_TYPES = ("text/plain", "text/markdown", "text/x-markdown")


class AttachmentProblem(FileProblem):
    """An attachment that cannot be read, where it is all that the resource says."""


def many(value: Any) -> list[Any]:
    """A list, whether there is none, one or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def title_of(resource: Mapping[str, Any]) -> str:
    """What the resource is about, in a few words."""
    for name in ("title", "code", "medicationCodeableConcept", "medication", "vaccineCode", "type", "description"):
        if found := concept(resource.get(name)):
            return found
    return str(resource.get("resourceType"))


def date_of(resource: Mapping[str, Any]) -> str | None:
    """ISO date of what the resource reports."""
    for name in _DATES:
        value = resource.get(name)
        value = value.get("start") if isinstance(value, Mapping) else value
        if isinstance(value, str) and (found := re.match(r"\d{4}(-\d\d(-\d\d)?)?", value)):
            return found[0]
    return None


def concept(value: Any) -> str:
    """A coded concept, reference or string in words."""
    for each in many(value):
        if isinstance(each, str) and each.strip():
            return fold(each)
        if isinstance(each, Mapping):
            said = [each.get("text"), *(c.get("display") for c in many(each.get("coding")) if isinstance(c, Mapping)),
                    each.get("display")]
            said += [c.get("code") for c in many(each.get("coding")) if isinstance(c, Mapping)]
            if found := next((fold(text) for text in said if isinstance(text, str) and text.strip()), ""):
                return found
    return ""


def resource_outline(resource: Mapping[str, Any]) -> Outline:
    """Coded facts as sentences of `name: value`, then narrative, notes and attachments.

    Raises:
        AttachmentProblem: an attachment cannot be read, and nothing else is said.
    """
    outline = Outline()
    kind = str(resource.get("resourceType"))
    if kind not in {"Composition", "DocumentReference", "DiagnosticReport"}:
        for line in _facts(resource, kind):
            outline.paragraph(line)
    elif kind == "DiagnosticReport":
        outline.paragraph(_labelled("Report", concept(resource.get("code"))))
        outline.paragraph(_labelled("Conclusion", concept(resource.get("conclusion"))))
        outline.paragraph(_labelled("Results", "; ".join(filter(None, (
            concept(result) for result in many(resource.get("result")))))))
    for section in many(resource.get("section")):
        _section(section, outline, 1)
    _narrative(resource, outline)
    for note in (*many(resource.get("note")), *many(resource.get("comments")), *many(resource.get("comment"))):
        text = note.get("text") if isinstance(note, Mapping) else note
        if isinstance(text, str):
            outline.paragraph(text, keep_lines=True)
    _attachments(resource, outline)
    return outline


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def _facts(resource: Mapping[str, Any], kind: str) -> list[str]:
    about = title_of(resource)
    said = [_labelled(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize(), about)]
    values = [("Value", _value(resource))]
    for component in many(resource.get("component")):
        if isinstance(component, Mapping):
            values.append((concept(component.get("code")) or "Component", _value(component)))
    values += [
        ("Interpretation", concept(resource.get("interpretation"))),
        ("Reference range", _range(resource.get("referenceRange"))),
        ("Dosage", "; ".join(filter(None, (_dosage(d) for d in (*many(resource.get("dosageInstruction")),
                                                                *many(resource.get("dosage"))))))),
        ("Reason", "; ".join(filter(None, (concept(r) for r in (*many(resource.get("reasonCode")), *many(
            resource.get("reason")), *many(resource.get("reasonReference"))))))),
        ("Body site", concept(resource.get("bodySite"))),
        ("Reaction", "; ".join(filter(None, (_reaction(r) for r in many(resource.get("reaction")))))),
        ("Activities", "; ".join(filter(None, (concept(a.get("detail", {}).get("code")) for a in many(
            resource.get("activity")) if isinstance(a, Mapping) and isinstance(a.get("detail"), Mapping))))),
        ("Description", concept(resource.get("description"))),
        *((re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize(), concept(resource.get(name))) for name in _STATUS),
        ("Date", date_of(resource) or ""),
    ]
    said += [_labelled(name, value) for name, value in values if value and value != about]
    return [". ".join(line for line in said if line) + "."] if any(said) else []


def _value(holder: Mapping[str, Any]) -> str:
    quantity = holder.get("valueQuantity")
    if isinstance(quantity, Mapping) and quantity.get("value") is not None:
        return fold(f"{quantity.get('comparator') or ''} {_number(quantity['value'])} "
                    f"{quantity.get('unit') or quantity.get('code') or ''}")
    for name in ("valueCodeableConcept", "valueString", "valueDateTime", "valueInteger", "valueBoolean"):
        value = holder.get(name)
        if value is not None:
            return concept(value) or (str(value) if isinstance(value, int | float) else "")
    return ""


def _number(value: Any) -> str:
    """A quantity as it would be read: at most four places after the point."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _range(value: Any) -> str:
    for each in many(value):
        if isinstance(each, Mapping):
            low, high = each.get("low"), each.get("high")
            if isinstance(low, Mapping) and isinstance(high, Mapping) and low.get("value") != high.get("value"):
                return f"{_number(low.get('value'))} to {_number(high.get('value'))} {high.get('unit') or ''}".strip()
            if isinstance(each.get("text"), str):
                return fold(each["text"])
    return ""


def _dosage(value: Any) -> str:
    if not isinstance(value, Mapping):
        return concept(value)
    said = [value.get("text"), value.get("patientInstruction")]
    said += [concept(value.get("route")), "as needed" if value.get("asNeededBoolean") is True else ""]
    return ", ".join(fold(text) for text in said if isinstance(text, str) and text.strip())


def _reaction(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""
    signs = ", ".join(filter(None, (concept(sign) for sign in many(value.get("manifestation")))))
    return fold(f"{signs} {concept(value.get('severity'))}")


def _section(section: Any, outline: Outline, level: int) -> None:
    if not isinstance(section, Mapping) or level > 20:
        return
    code = next((str(c.get("code")) for part in many(section.get("code")) if isinstance(part, Mapping)
                 for c in many(part.get("coding")) if isinstance(c, Mapping) and c.get("code")), "")
    outline.heading(concept(section.get("title")) or concept(section.get("code")), level, code)
    _narrative(section, outline, level + 1)
    for inner in many(section.get("section")):
        _section(inner, outline, level + 1)
    outline.close(level)


def _narrative(holder: Mapping[str, Any], outline: Outline, level: int = 1) -> None:
    """The XHTML that a person would read, unless it only repeats what stands there already."""
    text = holder.get("text")
    div = text.get("div") if isinstance(text, Mapping) else None
    if div is None:
        return
    element = fragment(div) if isinstance(div, str) else div
    said = words(element)
    if not said or said in outline.text or said.startswith("Generated by"):
        return
    flow(element, outline, level)


def _attachments(resource: Mapping[str, Any], outline: Outline) -> None:
    attachments = [*many(resource.get("presentedForm"))]
    attachments += [content.get("attachment") for content in many(resource.get("content"))
                    if isinstance(content, Mapping)]
    problems = []
    for attachment in attachments:
        if isinstance(attachment, Mapping):
            try:
                _attachment(attachment, outline)
            except FileProblem as problem:
                problems.append(AttachmentProblem(problem.reason, problem.detail))
    if problems and not outline.text:
        raise problems[0]


def _attachment(attachment: Mapping[str, Any], outline: Outline) -> None:
    kind = str(attachment.get("contentType") or "text/plain").lower()
    data = attachment.get("data")
    if not isinstance(data, str):
        raise FileProblem("attachment_elsewhere", "the attachment gives an address and no data")
    if len(data) > _MOST_ATTACHMENT * 4 // 3:
        raise FileProblem("too_large", f"attachment of {len(data)} characters")
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FileProblem("malformed_attachment", "its data is not base64") from error
    attachment_text(content, kind, outline)


def attachment_text(content: bytes, kind: str, outline: Outline) -> None:
    """Text of an attachment by its media type. Raises FileProblem `unsupported_attachment` or of the format."""
    base = kind.partition(";")[0].strip()
    if base in _TEXT_TYPES:
        text = _decoded(content)
        for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
            outline.paragraph(block, keep_lines=True)
    elif base in {"text/html", "application/xhtml+xml"}:
        flow(fragment(_decoded(content)), outline)
    elif base in {"text/rtf", "application/rtf"}:
        from itd_pipeline.sources.readers.rtf import rtf_text

        for block in rtf_text(content).split("\n\n"):
            outline.paragraph(block, keep_lines=True)
    elif base == "application/pdf":
        from itd_pipeline.sources.readers.pdf_text import pdf_outline

        pdf_outline(content, outline)
    else:
        raise FileProblem("unsupported_attachment", f"media type {base[:60]}")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8", "windows-1252", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblem("invalid_encoding", "text attachment")
