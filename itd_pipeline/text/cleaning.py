"""Documents to clean passages: cut, normalise, de-identify, tag the language, turn away what is no use.

Belongs here: the order of the steps and the accounting. Each step has its own module. The unit is the passage;
a document that gives none is a unit of its own, so that every document ends in the passages or in the rejects.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline import ports, settings
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.text.canaries import Canary, canaries
from itd_pipeline.text.cutting import Span, cut, stays_whole, whole
from itd_pipeline.text.deidentify import DeidentifiedText, Deidentifier
from itd_pipeline.text.language import UNDETERMINED, identify
from itd_pipeline.text.normalise import normalise
from itd_pipeline.text.patients import attribute_lines, deidentify_attributes, own_keys, year_of
from itd_pipeline.text.scan import scan_identifiers
from itd_pipeline.text.words import words

STAGE = "cleaned_text"
_COPIED = ("document_id", "source", "group_id", "question_type", "specialty", "audience", "licence", "url",
           "evidence_date", "patient_data")
_LEAST_KEY_LENGTH = 5
Row = dict[str, Any]


def clean(
    documents: Iterable[pa.Table], source_name: str, cleaning: settings.Cleaning, canary_count: int = 0
) -> Iterator[ports.Batch]:
    """One batch of passages per batch of documents, in order.

    Memory is bounded by one batch, apart from 26 bytes of payload per kept passage for exact duplicates. Names found
    in one document of a patient are searched for in all documents of that patient in the same and later batches, and
    so are the keys that the source gives document and patient, where they hold a digit and are no short numbers.
    Of a patient's document no address is kept, no file name as title, and of its date only the year.

    Args:
        documents: tables in the schema of `tables.documents.DOCUMENTS`.
        source_name: partition that rejects are booked under.
        cleaning: limits and languages.
        canary_count: invented notes to plant among the first documents; the facts `canaries` and `canary_hits` tell
            how many there were, and how many of their identifiers survived. They give no rows and no rejects.

    Rejects: `empty_after_cleaning`, `too_short`, `wrong_language`, `exact_duplicate` (the first one stays).
    """
    cleaner = _Cleaner(source_name, cleaning)
    planted = list(canaries(source_name, canary_count))
    for table in documents:
        yield cleaner.batch(table, planted)
        planted = []


class _Cleaner:
    def __init__(self, source_name: str, cleaning: settings.Cleaning) -> None:
        self._source_name = source_name
        self._cleaning = cleaning
        self._kept: dict[bytes, bytes] = {}
        self._deidentifier = Deidentifier()
        self._cut: dict[str, list[Span]] = {}

    def batch(self, table: pa.Table, planted: Sequence[Canary] = ()) -> ports.Batch:
        documents: list[Row] = table.to_pylist()
        self._cut.clear()
        invented = [_canary_document(canary, self._source_name) for canary in planted]
        for document in invented:
            self._learn(document)
        for document in documents:
            if document["patient_data"]:
                self._learn(document)
        rows: list[Row] = []
        rejects: list[Row] = []
        units_in = 0
        for document in documents:
            passages = self._passages(document)
            units_in += max(1, len(passages))
            if not passages:
                rejects.append(self._reject(self._harmless(document), document["document_id"],
                                            document["document_id"], "empty_after_cleaning", "no passage"))
            for passage in passages:
                verdict = self._verdict(passage, document)
                if verdict is None:
                    rows.append(passage)
                else:
                    rejects.append(self._reject(passage, passage["passage_id"], document["document_id"], *verdict))
        return ports.Batch(
            rows=PASSAGES.from_rows(rows), rejects=REJECTS.from_rows(rejects), units_in=units_in,
            facts={"documents": len(documents), "passages": len(rows), **self._canary_facts(planted, invented)},
        )

    def _canary_facts(self, planted: Sequence[Canary], invented: Sequence[Row]) -> dict[str, int]:
        """What became of the canaries, after the memory has seen the real patients of the batch as well."""
        if not planted:
            return {}
        hits = 0
        for canary, document in zip(planted, invented, strict=True):
            left = json.dumps(self._passages(document), ensure_ascii=False, default=sorted)
            hits += sum(value in left for value in canary.identifiers)
        return {"canaries": len(planted), "canary_identifiers": sum(len(canary.identifiers) for canary in planted),
                "canary_hits": hits}

    def _passages(self, document: Row) -> list[Row]:
        shared = self._shared(document)
        return [self._passage(document, shared, span, ordinal) for ordinal, span in enumerate(self._spans(document))]

    def _spans(self, document: Row) -> list[Span]:
        """Where the document is cut; asked twice of patients' documents, so the batch remembers."""
        known = self._cut.get(document["document_id"])
        if known is None:
            known = self._cut[document["document_id"]] = self._cut_up(document)
        return known

    def _cut_up(self, document: Row) -> list[Span]:
        if stays_whole(document["question"], document["attributes"]):
            return whole(document["text"])
        sections = [(section["title"], section["start"], section["end"], section["level"])
                    for section in document["sections"] or ()]
        return cut(document["text"], self._cleaning.max_words, sections)

    def _shared(self, document: Row) -> Row:
        """What all passages of a document have in common."""
        shared: Row = {name: document[name] for name in _COPIED}
        if not document["patient_data"]:
            shared["title"] = normalise(document["title"])
            shared["question"] = None if document["question"] is None else normalise(document["question"])
            shared["attributes"] = document["attributes"]
            shared["classes"] = frozenset()
            return shared
        key = document["group_id"]
        # A reader takes the file name where a document has no title.
        named = document["title"].strip() in _own_keys(document)
        title = self._private("" if named else document["title"], key)
        question = self._private(document["question"] or "", key)
        question_type = self._private(document["question_type"] or "", key)
        attributes, attribute_classes = deidentify_attributes(
            document["attributes"], lambda value: self._private(value, key))
        shared["title"] = title.text
        shared["question"] = None if document["question"] is None else question.text
        shared["question_type"] = None if document["question_type"] is None else question_type.text
        shared["url"] = None
        shared["evidence_date"] = year_of(document["evidence_date"])
        shared["attributes"] = attributes
        shared["classes"] = attribute_classes | ({"url"} if document["url"] else set()) | {
            finding.identifier_class for part in (title, question, question_type) for finding in part.findings}
        return shared

    def _passage(self, document: Row, shared: Mapping[str, Any], span: Span, ordinal: int) -> Row:
        text = normalise(document["text"][span.start : span.end])
        section = normalise(span.section)
        classes = shared["classes"]
        status = "no_patient_data"
        if document["patient_data"]:
            clean_text = self._private(text, document["group_id"])
            clean_section = self._private(section, document["group_id"])
            text, section = clean_text.text, clean_section.text
            classes = classes | {f.identifier_class for f in (*clean_text.findings, *clean_section.findings)}
            seen = "\n".join([shared["title"], section, shared["question"] or "", text, shared["attributes"]])
            status = "residual_identifiers" if scan_identifiers(seen) else "de_identified"
        row = {name: value for name, value in shared.items() if name != "classes"}
        row.update(
            passage_id=ports.content_id("passage", document["document_id"], str(span.start), str(span.end), text),
            ordinal=ordinal, section=section, text=text, start=span.start, end=span.end,
            word_count=len(words(text)), language=self._language(document, text),
            privacy_status=status, identifier_classes=sorted(classes),
        )
        return row

    def _language(self, document: Row, text: str) -> str:
        """The language found; structured entries are lists of terms, not prose, so what the source declares counts."""
        declared = _declared(document)
        if declared and document["question"] is None and stays_whole(None, document["attributes"]):
            return declared
        return identify(text, self._cleaning.language_min_words)

    def _verdict(self, passage: Row, document: Row) -> tuple[str, str] | None:
        """(reason, detail) where the passage is turned away; otherwise it is remembered and None comes back."""
        count = passage["word_count"]
        if count == 0:
            return "empty_after_cleaning", "words=0"
        if count < self._cleaning.min_words:
            return "too_short", f"words={count}, min_words={self._cleaning.min_words}"
        found = passage["language"]
        allowed = self._cleaning.languages
        declared = _declared(document)
        if found not in allowed and (found != UNDETERMINED or (declared and declared not in allowed)):
            which = f"declared={declared}" if found == UNDETERMINED else f"language={found}"
            return "wrong_language", f"{which}, allowed={','.join(allowed)}"
        content = (passage["text"], passage["question"] or "", passage["attributes"])
        digest = hashlib.blake2b(json.dumps(content).encode(), digest_size=16).digest()
        kept = self._kept.get(digest)
        if kept is not None:
            return "exact_duplicate", f"kept=passage-{kept.hex()}"
        self._kept[digest] = bytes.fromhex(passage["passage_id"].removeprefix("passage-"))
        return None

    def _reject(self, row: Row, row_id: str, parent_id: str, reason: str, detail: str) -> Row:
        return ports.reject(STAGE, self._source_name, row_id, reason, detail, row, parent_id)

    def _learn(self, document: Row) -> None:
        # Passage by passage, as they will be replaced: what was found once is not looked for again.
        spans = self._spans(document)
        parts = (document["title"], document["question"] or "", "\n".join(attribute_lines(document["attributes"])),
                 *(document["text"][span.start : span.end] for span in spans), *(span.section for span in spans))
        for part in parts:
            if part:
                self._deidentifier.learn(normalise(part), document["group_id"])
        for known in document["identifiers"] or ():
            self._deidentifier.remember(known["identifier_class"], normalise(known["value"]), document["group_id"])
        for key in sorted(_own_keys(document)):
            if len(key) >= _LEAST_KEY_LENGTH and any(character.isdigit() for character in key):
                self._deidentifier.remember("id", normalise(key), document["group_id"])

    def _private(self, text: str, patient_key: str) -> DeidentifiedText:
        return self._deidentifier.replace(normalise(text), patient_key)

    def _harmless(self, document: Row) -> Row:
        """The document for the rejects, without identifiers where it is about a patient."""
        if not document["patient_data"]:
            return document
        shared = self._shared(document)
        text = self._private(document["text"], document["group_id"]).text
        return {**document, **{k: v for k, v in shared.items() if k != "classes"}, "text": text, "external_id": "",
                "origin": ""}


def _canary_document(canary: Canary, source_name: str) -> Row:
    row: Row = dict.fromkeys(DOCUMENTS.schema.names)
    row.update(document_id=canary.key, source=source_name, external_id=canary.key, group_id=canary.key, title="",
               text=canary.note, specialty="unspecified", audience="unspecified", licence="CC0-1.0", origin=canary.key,
               patient_data=True, attributes="{}", sections=[], identifiers=[])
    return row


def _own_keys(document: Row) -> frozenset[str]:
    return own_keys(document["external_id"], document["origin"], document["attributes"])


def _declared(document: Row) -> str:
    """ISO 639-1 code that the source declares, empty where it declares none."""
    return (document["language"] or "").strip().lower()[:2]
