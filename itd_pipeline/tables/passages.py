"""Passages: clean stretches of documents that records cite as evidence."""

from __future__ import annotations

from itd_pipeline.tables.contract import Table, flag, integer, term, text, texts
from itd_pipeline.tables.vocabularies import PRIVACY_STATUS

PASSAGES = Table(
    name="cleaned_text",
    description="Passages: normalised, de-identified where the source holds patient data, cut by section, "
    "with offsets back to the document.",
    columns=(
        text("passage_id", "Hash of document id, offsets and clean text."),
        text("document_id", "Document that the passage was cut from."),
        text("source", "Name of the source."),
        text("group_id", "Group of the document; splits never part a group."),
        integer("ordinal", "Position of the passage in its document, from 0.", minimum=0),
        text("title", "Title of the document, cleaned; de-identified where the source holds patient data.",
             sensitivity="text"),
        text("section", "Heading above the passage; empty where there is none.", sensitivity="text"),
        text("text", "Clean text.", minimum=1, sensitivity="text"),
        integer("start", "First character of the passage's origin in the document's text.", minimum=0),
        integer("end", "One past the last character of the passage's origin in the document's text.", minimum=1),
        integer("word_count", "Words in the clean text.", minimum=1),
        text("question", "Clean question that the text answers, where the source has one.", nullable=True,
             sensitivity="text"),
        text("question_type", "The source's own word for the kind of question.", nullable=True),
        text("language", "Language found (ISO 639-1), `und` where the text is too short to tell."),
        text("specialty", "From the document."),
        text("audience", "From the document."),
        text("licence", "From the document."),
        text("url", "From the document.", nullable=True),
        text("evidence_date", "From the document.", nullable=True),
        flag("patient_data", "From the document."),
        term("privacy_status", "What is known about identifiers in the clean text.", PRIVACY_STATUS),
        texts("identifier_classes", "Classes of identifiers that de-identification replaced here."),
        text("attributes", "Structured fields of the document as canonical JSON.", sensitivity="text"),
    ),
    key=("passage_id",),
    references={"document_id": "raw_sources.document_id"},
)

CLEANED_DOCUMENTS = Table(
    name="cleaned_documents",
    description="Every document that was cleaned, in order: from which input, and how many passages came of it.",
    columns=(
        text("document_id", "Document."),
        text("input_hash", "Hash of everything about the document, and about the patient's others, that decides its "
             "passages. As long as it stays, the passages are kept and not made again."),
        integer("passages", "Passages kept.", minimum=0),
        integer("rejected", "Passages turned away, or the document itself.", minimum=0),
    ),
    key=("document_id",),
)
