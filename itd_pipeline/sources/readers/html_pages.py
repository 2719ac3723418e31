"""Web pages: the main text, not the navigation.

Belongs here: telling text from furniture, and a page's metadata. Does not belong here: how marked-up text is written
(`markup.py`).

A page that marks its main text (`main`, or a single `article`) is taken at its word. For the others trafilatura decides
(Barbaresi, ACL 2021); where it finds little, or less than a third of what the body holds outside of navigation, header
and footer, that body is taken: short pages and fragments are all text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from itd_pipeline.licensing.statements import from_statement
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.markup import flow, words

_MAX_BYTES = 32 * 1024 * 1024
_ELEMENT = re.compile(r"(?i)<(?:html|body|p|div|h[1-6]|ul|ol|table|article|section|main)\b")
_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([a-z0-9_-]{2,30})")
_FURNITURE = ("nav", "header", "footer", "aside", "form", "button", "script", "style", "noscript", "template", "iframe",
              "svg", "head")
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"})
_DEEPEST = 200
_LEAST_SHARE = 1 / 3
_LONG = 600
"""Characters from which a page is long enough to tell its text from its furniture."""


class HtmlReader(FileReader):
    """See the module."""

    name = "html"
    description = "Web pages, .html, .htm, .xhtml or .xml with HTML in it: one document per page, its main text."
    options: Mapping[str, str] = {
        **COMMON_OPTIONS,
        "max_bytes": f"largest page in bytes; larger ones are rejected as too_large (default {_MAX_BYTES})",
    }
    suffixes = (".html", ".htm", ".xhtml", ".xml")
    largest = _MAX_BYTES

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        html = _decoded(file.data)
        if not _ELEMENT.search(html):
            raise FileProblem("other_layout", "no HTML element")
        page = fragment(html)
        metadata = _metadata(page)
        title = metadata.get("og:title") or words(next(page.iter("title"), None)) or words(next(page.iter("h1"), None))
        language = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        stated = next((e.get("href") or words(e) for e in page.iter("a", "link") if e.get("rel") == "license"), "")
        outline = _body(page)
        if _marked(page) is None and len(outline.text) >= _LONG:
            main = _main_text(html)
            outline = main if len(main.text) >= max(_LONG, _LEAST_SHARE * len(outline.text)) else outline
        if not outline.text:
            yield TurnedAway(file.origin, "no_text", "no text outside of navigation", {"file": file.origin,
                                                                                       "bytes": len(file.data)})
            return
        date = next((metadata[name] for name in ("article:modified_time", "article:published_time", "dc.date", "date")
                     if re.match(r"\d{4}", metadata.get(name, ""))), "")
        yield Draft(
            external_id=metadata.get("canonical") or file.origin, text=outline.text, origin=file.origin,
            title=title or file.stem, language=language or None, url=metadata.get("canonical"),
            licence=from_statement(stated) if stated else None,
            evidence_date=match[0] if (match := re.match(r"\d{4}(-\d\d(-\d\d)?)?", date)) else None,
            attributes={key: metadata[key] for key in ("description", "author") if metadata.get(key)},
            sections=outline.sections,
        )


def fragment(html: str) -> Any:
    """Root element (lxml) of a page or of a piece of one. Raises FileProblem `malformed_html` or `too_deep`."""
    from lxml import etree

    # The parser refuses characters that XML has no place for; they carry no text.
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", " ", html)
    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", clean)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<!DOCTYPE html>{clean}".encode(), parser)
    except etree.XMLSyntaxError as error:
        raise FileProblem("malformed_html", f"line {error.lineno or 0}") from error
    if root is None:
        raise FileProblem("malformed_html", "no element")
    _flatten(root)
    return root


def _flatten(root: Any) -> None:
    """Raises FileProblem `too_deep`: pages with thousands of levels are accidents or attacks."""
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise FileProblem("too_deep", f"more than {_DEEPEST} levels")


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    for encoding in ("utf-8", declared[1].decode("ascii") if declared else "", "windows-1252"):
        try:
            return data.decode(encoding or "utf-8").removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileProblem("invalid_encoding", "neither UTF-8 nor the encoding that the page declares")


def _metadata(page: Any) -> dict[str, str]:
    found = {(e.get("property") or e.get("name") or "").lower(): fold(e.get("content") or "")
             for e in page.iter("meta")}
    canonical = next((e.get("href") for e in page.iter("link") if e.get("rel") == "canonical"), None)
    return {key: value for key, value in {**found, "canonical": canonical or ""}.items() if key and value}


def _marked(page: Any) -> Any:
    """The element that the page itself calls its main text, or None."""
    for element in page.iter("main", "div", "section"):
        if element.tag == "main" or (element.get("role") or "").lower() == "main":
            return element
    articles = list(page.iter("article"))
    return articles[0] if len(articles) == 1 else None


def _body(page: Any) -> Outline:
    """Everything outside of navigation, header and footer."""
    from lxml import etree

    outline = Outline()
    marked = _marked(page)
    body = next(page.iter("body"), page) if marked is None else marked
    for element in [e for e in body.iter() if e is not body and isinstance(e.tag, str) and (
            e.tag in _FURNITURE or (e.get("role") or "").lower() in _ROLES or e.get("hidden") is not None)]:
        parent = element.getparent()
        if parent is not None:
            element.clear(keep_tail=True)
            element.tag = "img"  # dropped by the flow, its tail kept
    etree.strip_tags(body, "span", "a", "font")
    flow(body, outline)
    outline.close()
    return outline


@cache
def _extractor() -> Any:
    import logging

    import trafilatura

    # It logs what it could not extract; a reject or the whole body says that here.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura.bare_extraction


def _main_text(html: str) -> Outline:
    """What trafilatura takes for the main text; empty where it finds none."""
    outline = Outline()
    try:
        found = _extractor()(html, include_comments=False, include_tables=True, favor_recall=True,
                             with_metadata=False, deduplicate=False)
    except (ValueError, TypeError, AttributeError, RecursionError, AssertionError):
        return outline  # a page that it stumbles over is read whole
    body = getattr(found, "body", None)
    if body is None:
        return outline
    for element in body.iterchildren():
        _written(element, outline)
    outline.close()
    return outline


def _written(element: Any, outline: Outline) -> None:
    """An element of trafilatura's own vocabulary."""
    name = element.tag
    if name == "head":
        rank = (element.get("rend") or "h2")[1:]
        outline.heading(words(element), int(rank) if rank.isdigit() else 2)
    elif name == "list":
        outline.items([words(item) for item in element.iter("item")])
    elif name == "table":
        rows = [[words(cell) for cell in row.iterchildren("cell")] for row in element.iter("row")]
        first = next(element.iter("row"), None)
        header = first is not None and all(cell.get("role") == "head" for cell in first) and len(rows) > 1
        outline.table(rows[1:] if header else rows, rows[0] if header else ())
    else:
        outline.paragraph(words(element))
