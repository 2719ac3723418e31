"""Which column of a table is what, by common names of columns and by what stands in them.

Belongs here: names. A proposal is shown to the person before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TEXTS = ("text", "note", "note_text", "clinical_note", "transcription", "report", "report_text", "abstract", "content",
          "body", "passage", "document", "full_text", "article", "section_text", "page_content", "chunk_text", "chunk",
          "dialogue", "conversation", "narrative", "findings", "history", "description", "summary", "context",
          "sentence", "answer")
_ANSWERS = ("answer", "answers", "long_answer", "free_form_answer", "answer_text", "response", "reply", "output",
            "completion", "ground_truth", "explanation", "text", "content", "summary")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "questions", "question_text", "query", "instruction", "prompt", "chq"),
    "title": ("title", "topic", "heading", "headline", "section_header", "subject", "focus", "focus_drug", "name"),
    "external_id": ("id", "document_id", "doc_id", "note_id", "record_id", "row_id", "uid", "uuid", "pmid", "doi",
                    "report_id", "question_id", "chunk_id"),
    "patient": ("patient", "patient_id", "patientid", "pat_id", "mrn", "medical_record_number", "subject_id",
                "person_id", "nhs_number", "patient_number", "mrn_id"),
    "group": ("group", "group_id", "encounter_id", "visit_id", "hadm_id", "admission_id", "case_id", "topic",
              "subject"),
    "language": ("language", "lang", "iso_language"),
    "evidence_date": ("evidence_date", "date", "published", "publication_date", "pub_date", "note_date", "chartdate",
                      "created", "updated", "year"),
    "url": ("url", "link", "source_url", "uri", "web_address"),
    "licence": ("licence", "license"),
    "specialty": ("specialty", "speciality", "medical_specialty", "department"),
    "audience": ("audience", "readership"),
    "question_type": ("question_type", "qtype", "type_of_question"),
}
_ABOUT_PATIENTS = frozenset({
    *_NAMES["patient"], "patient_name", "dob", "date_of_birth", "birth_date", "birthdate", "ssn",
    "social_security_number", "hadm_id", "encounter_id", "admission_id", "first_name", "last_name", "surname",
    "next_of_kin", "discharge_date", "admission_date", "insurance_number",
})
_LEAST_TEXT = 40
"""Mean characters from which a column without a known name may be the text."""


@dataclass(frozen=True)
class Mapped:
    """Columns as a profile maps them.

    Args:
        columns: document field -> column; without `text` where none could be told.
        guessed: why the text is a guess, empty where its name says so.
        patients: columns that speak of patients.
    """

    columns: Mapping[str, str]
    guessed: str = ""
    patients: tuple[str, ...] = ()


def map_columns(header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Mapped:
    """Propose what each column is.

    Args:
        header: names as in the table.
        rows: some rows, by column.
    """
    folded: dict[str, str] = {}
    for column in header:
        folded.setdefault(_fold(column), column)
    usable = {name: column for name, column in folded.items() if name and header.count(column) == 1}
    columns: dict[str, str] = {}
    taken: set[str] = set()

    def take(field: str, names: Sequence[str]) -> None:
        for name in names:
            column = usable.get(name)
            if column is not None and column not in taken and _fits(field, column, rows):
                columns[field] = column
                taken.add(column)
                return

    take("question", _NAMES["question"])
    take("text", _ANSWERS if "question" in columns else _TEXTS)
    guessed = ""
    if "text" not in columns:
        longest = max(((_mean(column, rows), column) for column in usable.values() if column not in taken),
                      default=(0.0, ""))
        if longest[0] >= _LEAST_TEXT:
            columns["text"] = longest[1]
            taken.add(longest[1])
            guessed = f"no column has a usual name for the text; {longest[1]!r} has the longest values"
    for field in ("patient", "title", "external_id", "group", "language", "evidence_date", "url", "licence",
                  "specialty", "audience", "question_type"):
        if field == "group" and "patient" in columns:
            continue  # rows of one patient are kept together already
        take(field, _NAMES[field])
    ordered = {field: columns[field] for field in ("text", "question", *columns) if field in columns}
    patients = tuple(column for name, column in folded.items() if name in _ABOUT_PATIENTS)
    return Mapped(ordered, guessed, patients)


def _fold(column: str) -> str:
    """`Patient ID`, `patientId` and `patient-id` are one name."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _fits(field: str, column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the values that were seen can be what the name says."""
    values = [row.get(column) for row in rows]
    there = [value for value in values if value is not None and str(value).strip()]
    if any(isinstance(value, list | dict | bool) for value in there):
        return False
    if field in {"text", "question"}:
        return bool(there) and all(isinstance(value, str) for value in there)
    if field == "external_id":
        return len(there) == len(values) and len({str(value) for value in there}) == len(values)
    return True


def _mean(column: str, rows: Sequence[Mapping[str, Any]]) -> float:
    values = [row.get(column) for row in rows]
    texts = [value for value in values if isinstance(value, str)]
    return sum(map(len, texts)) / len(texts) if texts and len(texts) >= len(values) / 2 else 0.0
