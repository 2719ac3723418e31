"""Drug labels as openFDA serves them: JSON, one object with `results`, or JSON lines; one document per label.

Belongs here: openFDA's keys. A label's sections are lists of strings under names such as `boxed_warning`; a key that
ends in `_table` repeats a section's table as HTML and is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.json_text import parse_json
from itd_pipeline.sources.files.streams import FileProblem, decode
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold

_FIRST = ("boxed_warning", "indications_and_usage", "purpose", "dosage_and_administration", "contraindications",
          "warnings_and_cautions", "warnings", "precautions", "adverse_reactions", "drug_interactions",
          "use_in_specific_populations", "overdosage", "description", "clinical_pharmacology", "how_supplied")
_NO_SECTION = frozenset({"id", "set_id", "version", "effective_time", "openfda", "spl_unclassified_section_table"})
_LOINC = {
    "boxed_warning": "34066-1", "indications_and_usage": "34067-9", "dosage_and_administration": "34068-7",
    "how_supplied": "34069-5", "contraindications": "34070-3", "warnings": "34071-1", "general_precautions": "34072-9",
    "drug_interactions": "34073-7", "adverse_reactions": "34084-4", "overdosage": "34088-5", "description": "34089-3",
    "clinical_pharmacology": "34090-1", "precautions": "42232-9", "warnings_and_cautions": "43685-7",
    "use_in_specific_populations": "43684-0", "pregnancy": "42228-7", "pediatric_use": "34081-0",
    "geriatric_use": "34082-8", "mechanism_of_action": "43679-0", "pharmacokinetics": "43682-4",
    "nonclinical_toxicology": "43680-8", "clinical_studies": "34092-7", "information_for_patients": "34076-0",
}


class OpenfdaReader(FileReader):
    """See the module."""

    name = "openfda"
    description = "Drug labels in openFDA's JSON, .json, .jsonl or zips of them: one document per label."
    suffixes = (".json", ".jsonl", ".ndjson")

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        text = decode(file.data)
        for position, record in enumerate(_records(text), start=1):
            yield _label(record, f"{file.origin}#{position}")


def _records(text: str) -> Iterator[Any]:
    """Labels of one JSON value, or of one value per line. Raises FileProblem."""
    try:
        whole = parse_json(text)
    except FileProblem as problem:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        for number, line in enumerate(lines, start=1):
            try:
                record = parse_json(line)
            except FileProblem as of_line:
                if number == 1:
                    raise problem from None
                record = of_line
            yield record
        return
    results = whole.get("results") if isinstance(whole, dict) else whole
    if isinstance(whole, dict) and results is None:
        results = [whole]
    if not isinstance(results, list):
        raise FileProblem("other_layout", "neither an object with results nor a list")
    yield from results


def _label(record: Any, origin: str) -> Draft | TurnedAway:
    if isinstance(record, FileProblem):
        return TurnedAway(origin, record.reason, record.detail, {"file": origin})
    if not isinstance(record, Mapping):
        return TurnedAway(origin, "malformed_row", "not an object", {"value": record})
    known = record.get("openfda")
    known = known if isinstance(known, Mapping) else {}
    set_id, version = _one(record.get("set_id")), _one(record.get("version"))
    outline = Outline()
    names = [name for name, value in record.items() if name not in _NO_SECTION and not name.endswith("_table")
             and isinstance(value, list) and all(isinstance(part, str) for part in value)
             and not name.startswith("spl_product") and any(len(part.split()) > 2 for part in value)]
    for name in sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)):
        parts = [part for part in record[name] if part.strip()]
        if parts:
            outline.heading(name.replace("_", " ").capitalize(), 1, _LOINC.get(name, ""))
            for part in parts:
                outline.paragraph(_without_own_heading(part, name))
    brand, generic = _one(known.get("brand_name")), _one(known.get("generic_name"))
    title = brand or generic or "Drug label"
    if not outline.text:
        return TurnedAway(origin, "no_text", f"keys={len(record)}, none of them a section", _small(record))
    date = _one(record.get("effective_time"))
    return Draft(
        external_id=f"{set_id}:{version}" if set_id else _one(record.get("id")) or origin,
        text=outline.text, origin=origin, title=title, group=set_id or None,
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={set_id}" if set_id else None,
        evidence_date=f"{date[:4]}-{date[4:6]}-{date[6:8]}" if re.fullmatch(r"\d{8}", date) else None,
        attributes={"set_id": set_id, "version": version, "label_id": _one(record.get("id")), "openfda": dict(known)},
        sections=outline.sections,
    )


def _one(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return fold(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _without_own_heading(part: str, name: str) -> str:
    """openFDA repeats the heading at the start of the section: `1 INDICATIONS AND USAGE ...`."""
    heading = re.escape(name.replace("_", " ")).replace(r"\ ", r"[\s&/,]+(?:and[\s]+)?")
    return re.sub(rf"^\s*(?:\d+(?:\.\d+)*\s+)?{heading}\b[\s:]*(?=\S)", "", part, count=1, flags=re.I) or part


def _small(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return record if len(json.dumps(record)) < 65536 else {"keys": sorted(record)[:200]}
