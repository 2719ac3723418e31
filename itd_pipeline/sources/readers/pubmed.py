"""PubMed records in XML (`efetch`, the yearly baseline): one document per record with an abstract.

Belongs here: a record as a document. Format: NLM's PubMed DTD. Records that are notices about others, or that have been
retracted, are turned away under that name, records without an abstract as `no_abstract`.

A file of the baseline holds 30,000 records; each is made a document on its own, so that only the file itself and one
record are in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from itd_pipeline.licensing.statements import from_statement
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.jats import notice_in_title

_RECORDS = frozenset({"PubmedArticle", "PubmedBookArticle", "MedlineCitation"})
_TYPES = {
    "retracted publication": "retracted", "retraction of publication": "retraction",
    "retraction notice": "retraction", "published erratum": "correction", "corrected and republished article": None,
    "expression of concern": "expression_of_concern",
}
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}
_LANGUAGES = {"eng": "en", "fre": "fr", "ger": "de", "spa": "es", "ita": "it", "jpn": "ja", "chi": "zh", "por": "pt",
              "rus": "ru", "dut": "nl", "pol": "pl", "kor": "ko", "tur": "tr", "cze": "cs", "swe": "sv", "dan": "da",
              "nor": "no", "fin": "fi", "hun": "hu", "gre": "el", "ara": "ar", "heb": "he", "ukr": "uk", "rum": "ro"}
_NOT_SAID = "LicenseRef-pubmed-abstract"
"""PubMed names no licence of an abstract; most belong to their publishers."""


class PubmedReader(FileReader):
    """See the module."""

    name = "pubmed"
    description = "PubMed records in XML, .xml or .xml.gz: one document per record with an abstract."
    suffixes = (".xml", ".xml.gz")
    largest = 1024 * 1024 * 1024

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        top = local_name(root)
        if top not in _RECORDS | {"PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet"}:
            raise FileProblem("other_layout", f"the root is {top}")
        records = [root] if top in _RECORDS else [e for e in root.iterchildren() if local_name(e) in _RECORDS]
        for position, record in enumerate(records, start=1):
            yield _record(record, f"{file.origin}#{position}")
            record.clear()
        for deleted in root.iter("DeleteCitation"):
            for pmid in deleted.iter("PMID"):
                where = f"{file.origin}#deleted-{_text(pmid)}"
                yield TurnedAway(where, "deleted", "the record was deleted from PubMed", {"pmid": _text(pmid)})


def _record(record: Any, origin: str) -> Draft | TurnedAway:
    article = next(record.iter("Article", "BookDocument"), record)
    pmid = _text(next(record.iter("PMID"), None))
    title = _text(next(article.iter("ArticleTitle"), None)) or _text(next(article.iter("BookTitle"), None))
    types = [_text(e) for e in article.iter("PublicationType")]
    outline, copyright_line = _abstract(article, record)
    attributes = _attributes(record, article, types, copyright_line)
    reason = _notice(record, types, title)
    if reason is None and not outline.text:
        reason = "no_abstract"
    if reason is not None:
        row = {"pmid": pmid, "title": title, "abstract": outline.text, "attributes": attributes}
        return TurnedAway(origin, reason, f"pmid={pmid or 'none'}", row)
    language = _text(next(article.iter("Language"), None)).lower()
    return Draft(
        external_id=pmid or origin, text=outline.text, origin=origin, title=title,
        language=_LANGUAGES.get(language, language or None),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else None,
        licence=(from_statement(copyright_line) if copyright_line else None)
        or (f"{_NOT_SAID}: {copyright_line[:200]}" if copyright_line else None),
        evidence_date=_date(article, record), attributes=attributes, sections=outline.sections,
    )


def _text(element: Any) -> str:
    return "" if element is None else fold("".join(element.itertext()))


def _abstract(article: Any, record: Any) -> tuple[Outline, str]:
    """The abstract with its labelled parts as sections, and its copyright line."""
    outline = Outline()
    abstracts = list(article.iterchildren("Abstract"))
    others = [e for e in record.iter("OtherAbstract") if (e.get("Language") or "eng") == "eng"]
    copyright_line = ""
    for abstract in abstracts or others[:1]:
        for part in abstract.iterchildren():
            name = local_name(part)
            if name == "AbstractText":
                label = part.get("Label") or ""
                if label and label.upper() != "UNLABELLED" and _text(part):
                    outline.heading(label.capitalize() if label.isupper() else label, 1,
                                    code=(part.get("NlmCategory") or "").lower())
                outline.paragraph("".join(part.itertext()))
            elif name == "CopyrightInformation":
                copyright_line = _text(part)
    return outline, copyright_line


def _notice(record: Any, types: list[str], title: str) -> str | None:
    for kind in types:
        if reason := _TYPES.get(kind.lower()):
            return reason
    if any(e.get("RefType") in {"RetractionIn", "Retraction in"} for e in record.iter("CommentsCorrections")):
        return "retracted"
    return notice_in_title(title)


def _attributes(record: Any, article: Any, types: list[str], copyright_line: str) -> dict[str, Any]:
    mesh = [
        {"term": _text(heading.find("DescriptorName")), "id": heading.find("DescriptorName").get("UI") or "",
         "major": any(e.get("MajorTopicYN") == "Y" for e in heading.iterchildren()),
         "qualifiers": [_text(e) for e in heading.iterchildren("QualifierName")]}
        for heading in record.iter("MeshHeading") if heading.find("DescriptorName") is not None
    ]
    own = [e for e in record.iter("ArticleId", "ELocationID")
           if next(e.iterancestors("ReferenceList", "CommentsCorrectionsList"), None) is None]
    found: dict[str, Any] = {
        "ids": {(e.get("IdType") or e.get("EIdType") or "other"): _text(e) for e in own if _text(e)},
        "journal": _text(article.find("Journal/Title")) or _text(record.find(".//MedlineTA")),
        "publication_types": types,
        "mesh": mesh,
        "keywords": [k for e in record.iter("Keyword") if (k := _text(e))],
        "authors": [name for e in article.iter("Author") if (name := _author(e))],
        "copyright": copyright_line,
    }
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def _author(author: Any) -> str:
    names = [_text(author.find(part)) for part in ("ForeName", "LastName")]
    return " ".join(name for name in names if name) or _text(author.find("CollectiveName"))


def _date(article: Any, record: Any) -> str | None:
    for place in ("ArticleDate", "Journal/JournalIssue/PubDate", "Book/PubDate", "ContributionDate"):
        element = article.find(place)
        if element is not None and (found := _iso(element)):
            return found
    completed = record.find(".//DateCompleted")
    return (_iso(completed) or None) if completed is not None else None


def _iso(element: Any) -> str:
    year = _text(element.find("Year")) or (re.findall(r"\b(?:1[89]|20)\d\d\b", _text(element.find("MedlineDate")))
                                           or [""])[0]
    if not re.fullmatch(r"\d{4}", year):
        return ""
    month = _text(element.find("Month"))
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower(), 0)
    if not 1 <= number <= 12:
        return year
    day = _text(element.find("Day"))
    return f"{year}-{number:02d}" + (f"-{int(day):02d}" if day.isdigit() and 1 <= int(day) <= 31 else "")
