"""MedQuAD: question-answer pairs in XML, one file per topic, in a folder or a tar archive.

Belongs here: a pair as a document. Does not belong here: reading archives (`archives.py`) or parsing XML safely
(`safe_xml.py`). Format: Ben Abacha and Demner-Fushman, BMC Bioinformatics 2019;20:511.

A document's text is the answer as it came. Pairs without an answer (three collections came without them for
copyright) are rejected as `no_answer`. Four files of the published collection use another, lower-case layout
(`doc`, `pair`); they are rejected whole as `other_layout` unless the option `all_layouts` asks for them. A file
without any pair is rejected as `no_pairs`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, TurnedAway


@dataclass(frozen=True)
class _Layout:
    """Names of elements and attributes."""

    focus: str
    pair: str
    question: str
    answer: str
    document_id: str
    collection: str
    semantic_group: str
    lists: Mapping[str, str]


_USUAL = _Layout("Focus", "QAPair", "Question", "Answer", "id", "source", "SemanticGroup",
                 {"cuis": "CUI", "semantic_types": "SemanticType", "synonyms": "Synonym"})
_LOWER_CASE = _Layout("doctitle-focus", "pair", "question", "answer", "docid", "corpus", "semanticGroup",
                      {"cuis": "cui", "semantic_types": "semanticType", "synonyms": "synonym"})


class MedquadReader(FileReader):
    """See the module."""

    name = "medquad"
    description = "MedQuAD question-answer pairs: a folder of XML files or an archive of it; one document per answer."
    options: Mapping[str, str] = {
        **COMMON_OPTIONS,
        "all_layouts": "true also reads the four files in lower-case layout (16 pairs; default false)",
    }
    suffixes = (".xml",)

    def check(self, source: Source) -> None:
        _all_layouts(source)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        layouts = (_USUAL, _LOWER_CASE) if _all_layouts(source) else (_USUAL,)
        layout = next((x for x in layouts if root.find(f".//{x.pair}") is not None), None)
        if layout is None:
            other = root.find(f".//{_LOWER_CASE.pair}") is not None
            raise FileProblem("other_layout" if other else "no_pairs", f"no {' or '.join(x.pair for x in layouts)}")
        folder, name = posixpath.split(file.name)
        collection = posixpath.basename(folder)
        shared = _attributes(root, layout, collection)
        place = f"{collection}/{name.rpartition('.')[0]}"
        for position, pair in enumerate(root.iter(layout.pair), start=1):
            yield _pair(pair, position, root, layout, file.origin, place, shared)


def _all_layouts(source: Source) -> bool:
    value = source.options.get("all_layouts", False)
    if not isinstance(value, bool):
        raise ConfigError("The option all_layouts is neither true nor false.", "Leave it out for false.")
    return value


def _attributes(root: Any, layout: _Layout, collection: str) -> dict[str, Any]:
    """Annotations that all pairs of a file share."""
    return {
        "collection": collection,
        "collection_name": root.get(layout.collection) or "",
        "category": _words(root.findtext(".//Category")),
        "semantic_group": _words(root.findtext(f".//{layout.semantic_group}")),
        **{field: [w for e in root.iter(tag) if (w := _words(e.text))] for field, tag in layout.lists.items()},
    }


def _pair(
    pair: Any, position: int, root: Any, layout: _Layout, origin: str, place: str, attributes: Mapping[str, Any],
) -> Draft | TurnedAway:
    question, answer = pair.find(layout.question), pair.find(layout.answer)
    asked = "" if question is None else "".join(question.itertext()).strip()
    qid = "" if question is None else _words(question.get("qid"))
    kind = "" if question is None else _words(question.get("qtype"))
    text = "" if answer is None else "".join(answer.itertext())
    title = _words(root.findtext(layout.focus))
    # The document's own id is not unique: eight files of 1_CancerGov_QA share two ids. The file's name is.
    external_id = f"{place}:{root.get(layout.collection) or ''}:{qid or f'pair-{position}'}"
    where = f"{origin}#{position}"
    if not text.strip():
        row = {"external_id": external_id, "title": title, "question": asked, "question_type": kind, "text": text,
               "url": root.get("url"), "attributes": dict(attributes)}
        return TurnedAway(where, "no_answer", "no answer element" if answer is None else "empty answer", row)
    return Draft(
        external_id=external_id, text=text, origin=where, title=title, question=asked or None,
        question_type=kind or None, url=root.get("url"), group=place,
        attributes={**attributes, "original_id": root.get(layout.document_id) or ""},
    )


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
