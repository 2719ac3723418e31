"""Documents as they came from a source, one row each."""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.tables.contract import Table, flag, records, text

DOCUMENTS = Table(
    name="raw_sources",
    description="Documents as they came, one row each. A question-answer pair of a source is one document: "
    "the answer is its text.",
    columns=(
        text("document_id", "Hash of source, external id and content."),
        text("source", "Name of the source in the profile."),
        text("external_id", "The source's own id of the document, unique within the source.",
             sensitivity="identifying"),
        text("group_id", "Hash shared by documents that must never be parted by a split (same file, same patient)."),
        text("title", "Title, focus or preferred term; may be empty.", sensitivity="text"),
        text("text", "The document's text as it came.", minimum=1, sensitivity="text"),
        records("sections", "Sections that the source declares: heading, code (such as LOINC), level from 1, first "
                "character and one past the last in `text`. A section holds its subsections.",
                {"title": pa.string(), "code": pa.string(), "level": pa.int64(), "start": pa.int64(),
                 "end": pa.int64()}, sensitivity="text"),
        text("question", "The question that the text answers, where the source has one.", nullable=True,
             sensitivity="text"),
        text("question_type", "The source's own word for the kind of question.", nullable=True),
        text("language", "Language that the source declares (ISO 639-1), if it does.", nullable=True),
        text("specialty", "Specialty that the source declares, from the vocabulary or `unspecified`."),
        text("audience", "Audience that the source declares, from the vocabulary or `unspecified`."),
        text("url", "Where the original stands, if it stands anywhere.", nullable=True),
        text("licence", "SPDX identifier or declared custom licence.", minimum=1),
        text("origin", "File inside the source, with row or element, that the document was read from.",
             sensitivity="identifying"),
        text("retrieved_on", "ISO date of retrieval as the profile states it; never the clock.", nullable=True),
        text("evidence_date", "ISO date (or year) of the evidence the document reports.", nullable=True),
        flag("patient_data", "Whether the source is marked as text about patients."),
        text("patient_id", "The source's own key of the patient whom the text is about.", nullable=True,
             sensitivity="identifying"),
        records("identifiers", "What the source itself knows about the patient: class and value, to be searched for "
                "in the patient's texts.", {"identifier_class": pa.string(), "value": pa.string()},
                sensitivity="identifying"),
        text("attributes", "Structured fields of the source as canonical JSON, `{}` where there are none.",
             sensitivity="text"),
        text("content_hash", "SHA-256 of title, question, text and attributes."),
    ),
    key=("document_id",),
)
