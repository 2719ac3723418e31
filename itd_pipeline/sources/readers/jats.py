"""JATS full-text articles (PLOS, PubMed Central): one document per article.

Belongs here: which articles become documents, and their metadata. Does not belong here: the text (`jats_text.py`).
Format: ANSI/NISO Z39.96, Journal Article Tag Suite.

A correction, retraction or expression of concern is no evidence of its own and is turned away under that name; so is
an article that has been retracted (`retracted`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from itd_pipeline.licensing.statements import from_statement
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import fold
from itd_pipeline.sources.readers.jats_text import article_outline, inline

NOTICES = {
    "correction": "correction", "corrected-article": "correction", "erratum": "correction", "addendum": "correction",
    "retraction": "retraction", "partial-retraction": "retraction", "removal": "retraction",
    "expression-of-concern": "expression_of_concern",
}
"""article-type or related-article-type -> reason."""
_TITLES = (
    (re.compile(r"(?i)^\W*retracted(?:\s+article)?\b\s*[:.\]-]"), "retracted"),
    (re.compile(r"(?i)^\W*(?:notice of |partial )?(?:retraction|withdrawal)\b(?:\s+notice|\s+note)?"
                r"\s*(?:[:.\]-]|to\b|of\b|$)"), "retraction"),
    (re.compile(r"(?i)^\W*(?:author(?:'s|s)? |publisher'?s? )?(?:correction|corrigendum|erratum|errata)\b"
                r"\s*(?:[:.\]-]|to\b|for\b|$)"), "correction"),
    (re.compile(r"(?i)^\W*(?:editorial )?expression of concern\b"), "expression_of_concern"),
)
_LINKS = {"retracted-article": "retraction", "corrected-article": "correction",
          "object-of-concern": "expression_of_concern"}
"""What an article that points at such an article is."""
_XLINK = "{http://www.w3.org/1999/xlink}href"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def notice_in_title(title: str) -> str | None:
    """`retracted`, `retraction`, `correction` or `expression_of_concern` where a title begins so, else None."""
    return next((reason for pattern, reason in _TITLES if pattern.match(title)), None)


class JatsReader(FileReader):
    """See the module."""

    name = "jats"
    description = "JATS full-text articles (PLOS, PubMed Central), .xml or .nxml: one document per article."
    suffixes = (".xml", ".nxml")

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        articles = [root] if local_name(root) == "article" else [e for e in root.iter() if local_name(e) == "article"]
        if not articles:
            raise FileProblem("other_layout", f"no article element; the root is {local_name(root)}")
        for position, article in enumerate(articles, start=1):
            yield _article(article, file.origin if len(articles) == 1 else f"{file.origin}#{position}")


def _article(article: Any, origin: str) -> Draft | TurnedAway:
    meta = _first(article, "article-meta")
    title = fold(inline(_first(meta, "article-title")))
    ids = {e.get("pub-id-type") or "other": fold("".join(e.itertext()))
           for e in (meta.iterchildren("{*}article-id") if meta is not None else ())}
    external_id = ids.get("doi") or ids.get("pmcid") or ids.get("pmc") or ids.get("pmid") or origin
    attributes = _attributes(article, meta, ids)
    reason = _notice(article, meta, title)
    outline = None if reason else article_outline(article)
    if outline is None or not outline.text.strip():
        whole = "".join(article.itertext())
        row = {"external_id": external_id, "title": title, "attributes": attributes, "characters": len(whole),
               "sha256": hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()}
        kind = article.get("article-type") or "none"
        detail = f"article-type {kind[:40]}" if reason else "neither abstract nor body"
        return TurnedAway(origin, reason or "no_text", detail, row)
    sections = outline.sections
    return Draft(
        external_id=external_id, text=outline.text, origin=origin, title=title, language=article.get(_LANG),
        url=f"https://doi.org/{ids['doi']}" if "doi" in ids else None, licence=_licence(meta),
        evidence_date=_date(meta), attributes=attributes, sections=sections,
    )


def _first(element: Any, name: str) -> Any:
    return None if element is None else next(element.iter(f"{{*}}{name}"), None)


def _notice(article: Any, meta: Any, title: str) -> str | None:
    kind = (article.get("article-type") or "").lower()
    if kind in NOTICES:
        return NOTICES[kind]
    if meta is None:
        return notice_in_title(title)
    headings = [fold("".join(e.itertext())) for e in meta.iter("{*}subject")]
    found = notice_in_title(title) or next(
        (reason for heading in headings if (reason := notice_in_title(heading)) in set(NOTICES.values())), None)
    if found:
        return found
    for related in meta.iter("{*}related-article"):
        link = (related.get("related-article-type") or "").lower()
        if link in {"retraction-forward", "retraction"} and kind != "retraction":
            return "retracted"
        # An article with a body of its own that corrects another one in passing is still an article.
        if link in _LINKS and _first(article, "body") is None:
            return _LINKS[link]
    return None


def _attributes(article: Any, meta: Any, ids: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "article_type": article.get("article-type") or "",
        "ids": ids,
        "journal": fold(inline(_first(article, "journal-title"))),
        "publisher": fold(inline(_first(article, "publisher-name"))),
        "authors": [] if meta is None else _authors(meta),
        "subjects": sorted(_each(meta, "subject")),
        "keywords": sorted(_each(meta, "kwd")),
    }
    for name in ("copyright-statement", "copyright-holder", "copyright-year"):
        found[name.replace("-", "_")] = fold(inline(_first(meta, name)))
    found["licence_statement"] = fold(inline(_first(meta, "license")))[:2000]
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def _each(meta: Any, name: str) -> set[str]:
    return set() if meta is None else {fold("".join(e.itertext())) for e in meta.iter(f"{{*}}{name}")} - {""}


def _authors(meta: Any) -> list[str]:
    names = []
    for contributor in meta.iter("{*}contrib"):
        if contributor.get("contrib-type") not in (None, "author"):
            continue
        parts = [fold(inline(_first(contributor, part))) for part in ("given-names", "surname")]
        name = " ".join(part for part in parts if part) or fold(inline(_first(contributor, "collab")))
        if name:
            names.append(name)
    return names


def _licence(meta: Any) -> str | None:
    """SPDX where the article says it clearly, its own words otherwise, None where it says nothing."""
    if meta is None:
        return None
    said: list[str] = []
    for element in meta.iter("{*}license"):
        said += [element.get(_XLINK) or ""]
        said += [fold("".join(e.itertext())) for e in element.iter("{*}license_ref")]
        said += [e.get(_XLINK) or "" for e in element.iter("{*}ext-link")]
        said += [fold("".join(element.itertext())), element.get("license-type") or ""]
    said += [fold("".join(e.itertext())) for e in meta.iter("{*}license_ref")]
    said = [statement for statement in said if statement]
    if not said:
        statement = fold(inline(_first(meta, "copyright-statement")))
        known = from_statement(statement)
        return known or (f"LicenseRef-unstated: {statement[:200]}" if statement else None)
    known = next((found for statement in said if (found := from_statement(statement))), None)
    return known or max(said, key=len)[:300]


def _date(meta: Any) -> str | None:
    if meta is None:
        return None
    dates = sorted(_iso(e) for e in meta.iterchildren("{*}pub-date") if _iso(e))
    return dates[0] if dates else None


def _iso(element: Any) -> str:
    """`2016-03-05`, as far as the element says it."""
    parts = [fold(inline(_first(element, name))) for name in ("year", "month", "day")]
    if not re.fullmatch(r"\d{4}", parts[0]):
        return ""
    written = parts[0]
    for part in parts[1:]:
        if not re.fullmatch(r"\d{1,2}", part) or not 1 <= int(part) <= 31:
            break
        written += f"-{int(part):02d}"
    return written
