"""One batch of documents to passages: cut, normalise, flatten, de-identify, tag the language, judge each by itself.

Belongs here: the order of the steps for one document. Does not belong here: what documents have to do with each other
(`cleaning`). The documents of a patient stand in one batch, so a batch depends on nothing but itself: batches may be
prepared in any order, by any number of processes, or taken from an earlier run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from itd_pipeline import ports, settings
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.text.boilerplate import without_boilerplate
from itd_pipeline.text.cutting import Span, cut, stays_whole, whole
from itd_pipeline.text.deidentify import DeidentifiedText, Deidentifier
from itd_pipeline.text.furniture import flatten, is_reference_list
from itd_pipeline.text.identifiers.packs import LANGUAGES
from itd_pipeline.text.language import UNDETERMINED, identify, identify_all
from itd_pipeline.text.medical_terms import count_medical
from itd_pipeline.text.normalise import normalise
from itd_pipeline.text.patients import attribute_lines, deidentify_attributes, own_keys, year_of
from itd_pipeline.text.pieces import split
from itd_pipeline.text.quality import shortcoming
from itd_pipeline.text.recognisers import Plug
from itd_pipeline.text.scan import scan_identifiers
from itd_pipeline.text.shape import Shape, shapes
from itd_pipeline.text.twins import Marks, mark
from itd_pipeline.text.words import words

STAGE = "cleaned_text"
_COPIED = ("document_id", "source", "group_id", "question_type", "specialty", "audience", "licence", "url",
           "evidence_date", "patient_data")
_LEAST_KEY_LENGTH = 5
_NOTHING = DeidentifiedText("", ())
_SAMPLE_CHARACTERS = 2000
Row = dict[str, Any]
Index = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Recipe:
    """What decides how a document is prepared, beside the document.

    Args:
        source_name: partition that rejects are booked under.
        cleaning: limits and languages.
        boilerplate: keys of lines to leave out.
        key: secret that moves patients' dates; see `Deidentifier`.
        replacement: what stands in the place of identifiers; see `Deidentifier`.
        further: recognisers beside our own; see `Deidentifier`.
    """

    source_name: str
    cleaning: settings.Cleaning
    boilerplate: frozenset[str] = frozenset()
    key: bytes | None = field(default=None, repr=False)
    replacement: str = "tags"
    further: tuple[Plug, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """Passages of a batch that are fit by themselves, and what was turned away.

    Args:
        rows: in the schema of `tables.passages.PASSAGES`.
        documents: for each row, the place of its document in the batch.
        rejects: in the schema of `tables.rejects.REJECTS`.
        rejected_documents: for each reject, the place of its document.
        marks: for each row, to find twins.
        units_in: passages, and documents that gave none.
    """

    rows: pa.Table
    documents: Index
    rejects: pa.Table
    rejected_documents: list[int]
    marks: Marks
    units_in: int = 0
    cleaned: int = field(default=0, compare=False)


def prepare(batch: pa.Table, recipe: Recipe) -> Prepared:
    """Passages and rejects of the documents, in their order.

    Rejects: `empty_after_cleaning`, `boilerplate`, `reference_list`, `too_short`, `wrong_language`, `low_quality`,
    `not_medical`.
    """
    return Preparer(recipe).prepare(batch.to_pylist())


class Preparer:
    """Prepares the documents of one batch, with one memory per patient."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._cleaning = recipe.cleaning
        self._deidentifier = Deidentifier(key=recipe.key, replacement=recipe.replacement,
                                          further=recipe.further)
        self._cut: dict[str, list[Span]] = {}
        self._languages: dict[str, str] = {}
        self._clean_spans: dict[tuple[str, int, int], str] = {}

    def prepare(self, documents: Sequence[Row]) -> Prepared:
        for document in documents:
            if document["patient_data"]:
                self._learn(document)
        rows: list[Row] = []
        places: list[int] = []
        rejects: list[Row] = []
        rejected: list[int] = []
        units_in = 0
        cut_up = [self._passages(document) for document in documents]
        measured = iter(self._measured(documents, cut_up))
        for place, (document, passages) in enumerate(zip(documents, cut_up, strict=True)):
            units_in += max(1, len(passages))
            if not passages:
                rejects.append(self._reject(self._harmless(document), document["document_id"],
                                            document["document_id"], "empty_after_cleaning", "no passage"))
                rejected.append(place)
            for passage in passages:
                verdict = self._verdict(passage, next(measured), document)
                if verdict is None:
                    rows.append(passage)
                    places.append(place)
                else:
                    rejects.append(self._reject(passage, passage["passage_id"], document["document_id"], *verdict))
                    rejected.append(place)
        return Prepared(PASSAGES.from_rows(rows), np.array(places, np.int32), REJECTS.from_rows(rejects), rejected,
                        mark(rows, self._cleaning.near_duplicate_jaccard < 1), units_in, len(documents))

    def passages(self, document: Row) -> list[Row]:
        """Every passage of a document, before it is judged. Of a patient's document it must have been learnt."""
        passages = self._passages(document)
        self._measured([document], [passages])
        return passages

    def _passages(self, document: Row) -> list[Row]:
        """Passages without what `_measured` adds."""
        shared = self._shared(document)
        return [self._passage(document, shared, span, ordinal) for ordinal, span in enumerate(self._spans(document))]

    def _measured(self, documents: Sequence[Row], cut_up: Sequence[Sequence[Row]]) -> list[Shape]:
        """Word counts and languages of the passages of each document, written into them, and their shapes. All texts
        at once: that is several times faster than one by one."""
        passages = list(chain.from_iterable(cut_up))
        declared = [_declared_for_terms(document) for document, own in zip(documents, cut_up, strict=True) for _ in own]
        texts = [passage["text"] for passage in passages]
        pieces = split(texts)
        measured = shapes(pieces)
        found = identify_all(texts, pieces, self._cleaning.language_min_words, declared)
        for passage, counts, language in zip(passages, measured, found, strict=True):
            passage["word_count"], passage["language"] = counts.words, language
        return measured

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
        return cut(document["text"], self._cleaning.max_words, sections, self._cleaning.overlap_words)

    def _shared(self, document: Row) -> Row:
        """What all passages of a document have in common."""
        shared: Row = {name: document[name] for name in _COPIED}
        if not document["patient_data"]:
            shared["title"] = normalise(document["title"])
            shared["question"] = None if document["question"] is None else normalise(document["question"])
            shared["attributes"] = document["attributes"]
            shared["classes"] = frozenset()
            return shared
        # A reader takes the file name where a document has no title.
        named = document["title"].strip() in _own_keys(document)
        title = self._private("" if named else document["title"], document)
        question = self._private(document["question"] or "", document)
        question_type = self._private(document["question_type"] or "", document)
        attributes, attribute_classes = deidentify_attributes(
            document["attributes"], lambda value: self._private(value, document))
        shared["title"] = title.text
        shared["question"] = None if document["question"] is None else question.text
        shared["question_type"] = None if document["question_type"] is None else question_type.text
        shared["url"] = None
        shared["evidence_date"] = year_of(document["evidence_date"])
        shared["attributes"] = attributes
        shared["classes"] = attribute_classes | ({"url"} if document["url"] else set()) | {
            finding.identifier_class for part in (title, question, question_type) for finding in part.findings}
        return shared

    def _clean(self, document: Row, span: Span) -> str:
        """The text of a span, without what the page added to it. Patients' spans are first learnt and then replaced, so
        the batch remembers them in between."""
        if not document["patient_data"]:
            text = document["text"][span.start : span.end]
            if document["question"] is None:
                text = without_boilerplate(text, self._recipe.boilerplate)
            return flatten(normalise(text)).strip()
        key = (document["document_id"], span.start, span.end)
        known = self._clean_spans.pop(key, None)
        if known is None:
            text = document["text"][span.start : span.end]
            known = self._clean_spans[key] = flatten(normalise(text)).strip()
        return known

    def _passage(self, document: Row, shared: Mapping[str, Any], span: Span, ordinal: int) -> Row:
        text = self._clean(document, span)
        section = normalise(span.section)
        classes = shared["classes"]
        status = "no_patient_data"
        if document["patient_data"]:
            clean_text = self._private(text, document)
            clean_section = self._private(section, document)
            text, section = clean_text.text, clean_section.text
            classes = classes | {f.identifier_class for f in (*clean_text.findings, *clean_section.findings)}
            seen = "\n".join([shared["title"], section, shared["question"] or "", text, shared["attributes"]])
            status = "residual_identifiers" if scan_identifiers(seen) else "de_identified"
        row = {name: value for name, value in shared.items() if name != "classes"}
        row.update(
            passage_id=ports.content_id("passage", document["document_id"], str(span.start), str(span.end), text),
            ordinal=ordinal, section=section, text=text, start=span.start, end=span.end,
            privacy_status=status, identifier_classes=sorted(classes),
        )
        return row

    def _verdict(self, passage: Row, measured: Shape, document: Row) -> tuple[str, str] | None:
        """(reason, detail) where the passage is turned away by itself."""
        count = passage["word_count"]
        if count == 0:
            repeated = document["text"][passage["start"] : passage["end"]].strip() and self._recipe.boilerplate
            return ("boilerplate" if repeated else "empty_after_cleaning"), "words=0"
        if count < self._cleaning.min_words:
            return "too_short", f"words={count}, min_words={self._cleaning.min_words}"
        found = passage["language"]
        allowed = self._cleaning.languages
        declared = _declared(document)
        if found not in allowed and (found != UNDETERMINED or (declared and declared not in allowed)):
            which = f"declared={declared}" if found == UNDETERMINED else f"language={found}"
            return "wrong_language", f"{which}, allowed={','.join(allowed)}"
        if stays_whole(document["question"], document["attributes"]) or document["patient_data"]:
            return None
        if is_reference_list(passage["section"], passage["text"]):
            return "reference_list", "a list of literature"
        short = shortcoming(passage["text"], self._cleaning.quality, measured)
        return ("low_quality", short) if short else self._relevance(passage)

    def _relevance(self, passage: Row) -> tuple[str, str] | None:
        least, density = self._cleaning.min_medical_terms, self._cleaning.min_medical_density
        if not (least or density):
            return None
        tokens = words("\n".join([passage["title"], passage["section"], passage["text"]]))
        terms = count_medical(tokens)
        if terms < least or terms < density * len(tokens):
            return "not_medical", f"terms={terms}, words={len(tokens)}, min_terms={least}, min_density={density:g}"
        return None

    def _reject(self, row: Row, row_id: str, parent_id: str, reason: str, detail: str) -> Row:
        return ports.reject(STAGE, self._recipe.source_name, row_id, reason, detail, row, parent_id)

    def _learn(self, document: Row) -> None:
        # Passage by passage, as they will be replaced: what was found once is not looked for again.
        spans = self._spans(document)
        parts = [document["title"], document["question"] or "", "\n".join(attribute_lines(document["attributes"])),
                 *(span.section for span in spans)]
        texts = [*map(normalise, filter(None, parts)), *(self._clean(document, span) for span in spans)]
        self._deidentifier.look_ahead([text for text in texts if text], self._pack(document))
        for text in texts:
            if text:
                self._deidentifier.learn(text, document["group_id"], self._pack(document))
        for known in document["identifiers"] or ():
            self._deidentifier.remember(known["identifier_class"], normalise(known["value"]), document["group_id"])
        for key in sorted(_own_keys(document)):
            if len(key) >= _LEAST_KEY_LENGTH and any(character.isdigit() for character in key):
                self._deidentifier.remember("id", normalise(key), document["group_id"])

    def _private(self, text: str, document: Row) -> DeidentifiedText:
        if not text:  # three in five: documents without a title, a question, a heading
            return _NOTHING
        return self._deidentifier.replace(normalise(text), document["group_id"], self._pack(document))

    def _pack(self, document: Row) -> str:
        """The language whose recognisers read a patient's document: the declared one, else the one that it is in, else
        English."""
        known = self._languages.get(document["document_id"])
        if known is None:
            declared = _declared(document)
            found = declared or identify(document["text"][:_SAMPLE_CHARACTERS], self._cleaning.language_min_words)
            known = self._languages[document["document_id"]] = found if found in LANGUAGES else "en"
        return known

    def _harmless(self, document: Row) -> Row:
        """The document for the rejects, without identifiers where it is about a patient."""
        if not document["patient_data"]:
            return document
        shared = self._shared(document)
        text = self._private(document["text"], document).text
        return {**document, **{k: v for k, v in shared.items() if k != "classes"}, "text": text, "external_id": "",
                "origin": "", "patient_id": None, "identifiers": []}


def _own_keys(document: Row) -> frozenset[str]:
    return own_keys(document["external_id"], document["origin"], document["attributes"])


def _declared_for_terms(document: Row) -> str:
    """What a source declares of a structured entry, which is a list of terms and no prose; empty for others."""
    if document["question"] is None and stays_whole(None, document["attributes"]):
        return _declared(document)
    return ""


def _declared(document: Row) -> str:
    """ISO 639-1 code that the source declares, empty where it declares none."""
    return (document["language"] or "").strip().lower()[:2]
