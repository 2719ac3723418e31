"""Marked-up text as an outline: XHTML, the narrative blocks of HL7 (SPL, C-CDA, FHIR) and CNXML.

Belongs here: paragraphs, lists, tables, breaks and superscripts by the names that these vocabularies share. Does not
belong here: which part of a file is text, or pages of the open web (`html_pages.py`).
"""

from __future__ import annotations

import re
from typing import Any

from itd_pipeline.sources.files.safe_xml import local_name
from itd_pipeline.sources.outline import Outline, fold

_PARAGRAPHS = frozenset({"p", "paragraph", "para", "pre", "blockquote", "address", "quote", "caption", "figcaption",
                         "footnote", "dd", "dt", "meaning", "code-block"})
_LISTS = frozenset({"ul", "ol", "list", "dir", "menu"})
_ITEMS = frozenset({"li", "item"})
_CONTAINERS = frozenset({"div", "section", "article", "main", "body", "note", "example", "exercise", "problem",
                         "solution", "figure", "content-block", "glossary", "definition", "dl", "center", "form",
                         "fieldset", "header", "subfigure", "injected-question", "commentary", "rule", "proof",
                         "statement"})
_DROPPED = frozenset({"script", "style", "noscript", "template", "head", "img", "image", "media", "iframe", "object",
                      "svg", "rendermultimedia", "observationmedia", "metadata", "button", "input", "select", "audio",
                      "video", "map", "colgroup", "col", "colspec"})
_FORMULAE = frozenset({"math", "equation"})
_HEADING = re.compile(r"h[1-6]")
_BLOCKS = _PARAGRAPHS | _LISTS | _CONTAINERS | {"table", "hr", *(f"h{n}" for n in range(1, 7))}
_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")


def flow(element: Any, outline: Outline, level: int = 1) -> None:
    """Everything in an element, in order: text that stands bare between blocks becomes paragraphs of its own.

    Args:
        level: of the headings `h1` or `title` that stand directly in it.
    """
    pieces: list[str] = [element.text or ""]
    for child in element.iterchildren():
        name = _name(child)
        if name in _BLOCKS or (name == "title" and not _only_inline(element)):
            _write(pieces, outline)
            pieces = []
            _block(child, name, outline, level)
        else:
            pieces.append(_inline(child, pieces))
        pieces.append(child.tail or "")
    _write(pieces, outline)


def words(element: Any) -> str:
    """All words of an element in one line; blank for None."""
    return "" if element is None else fold(_inside(element))


def rows_of(table: Any) -> tuple[list[str], list[list[str]]]:
    """(header, rows) of a table: rows of `thead`, else a first row of `th` alone, are the header."""
    rows = [row for row in table.iter("{*}tr", "{*}row") if next(row.iterancestors("{*}table"), None) is table]
    heads = [row for row in rows if _name(row.getparent()) == "thead"]
    if not heads and len(rows) > 1 and all(_name(cell) == "th" for cell in rows[0].iterchildren()):
        heads = rows[:1]
    header: list[str] = []
    for row in heads:
        for position, cell in enumerate(_cells(row, repeat=True)):
            if position >= len(header):
                header.append(cell)
            elif cell and cell not in header[position]:
                header[position] = f"{header[position]} {cell}".strip()
    return header, [_cells(row, repeat=False) for row in rows if row not in heads]


def _name(element: Any) -> str:
    return local_name(element).lower()


def _only_inline(element: Any) -> bool:
    return _name(element) in _PARAGRAPHS | _ITEMS


def _write(pieces: list[str], outline: Outline) -> None:
    for part in "".join(pieces).split("\v"):
        outline.paragraph(part)


def _block(element: Any, name: str, outline: Outline, level: int) -> None:
    if _HEADING.fullmatch(name):
        outline.heading(words(element), level + int(name[1]) - 1)
    elif name == "title":
        outline.heading(words(element), level)
    elif name in _LISTS:
        _list(element, outline, level)
    elif name == "table":
        header, rows = rows_of(element)
        titles = [words(child) for child in element.iterchildren() if _name(child) in {"caption", "title"}]
        outline.table(rows, header, " ".join(titles))
    elif name == "section":
        title = next((child for child in element.iterchildren() if _name(child) == "title"), None)
        if title is None:
            flow(element, outline, level)
        else:
            _section(element, title, outline, level)
    elif name == "definition":
        term = next((child for child in element.iterchildren() if _name(child) == "term"), None)
        meanings = [words(child) for child in element.iterchildren() if _name(child) == "meaning"]
        outline.paragraph(f"{words(term)}: {' '.join(meanings)}")
    elif name != "hr":
        flow(element, outline, level)


def _section(element: Any, title: Any, outline: Outline, level: int) -> None:
    outline.heading(words(title), level)
    tail = title.tail or ""
    element.remove(title)
    element.text = (element.text or "") + tail
    flow(element, outline, level + 1)
    outline.close(level)


def _list(element: Any, outline: Outline, level: int) -> None:
    items: list[str] = []
    for child in element.iterchildren():
        inner = [e for e in child.iterchildren() if _name(e) in _LISTS | {"table"}]
        if _name(child) in {"caption", "title"} and words(child):
            outline.paragraph(words(child))
        elif not inner:
            items.append(words(child))
        else:
            before = fold(_inside(child, without=frozenset(inner)))
            items.append(before)
            outline.items(items)
            items = []
            for block in inner:
                _block(block, _name(block), outline, level)
    outline.items(items, numbered=_name(element) == "ol" or (element.get("listType") or "").lower() == "ordered"
                  or element.get("list-type") == "enumerated")


def _cells(row: Any, repeat: bool) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren("{*}td", "{*}th", "{*}entry"):
        text = words(cell)
        span = cell.get("colspan") or "1"
        width = min(int(span), 50) if span.isascii() and span.isdigit() else 1
        cells += [text] + [text if repeat else ""] * (width - 1)
    return cells


def _inline(element: Any, before: list[str]) -> str:
    """An inline element as text; a line break becomes a mark that ends the paragraph."""
    name = _name(element)
    if name in _DROPPED:
        return ""
    if name in _FORMULAE:
        return "[formula]"
    if name in {"br", "newline"}:
        return "\v"
    inside = _inside(element)
    last = "".join(before[-2:])[-1:] if before else ""
    raised = inside.strip()
    if name == "sup" and last.isdigit() and 0 < len(raised) <= 4 and set(raised) <= set("0123456789+-\u2212n"):
        return raised.translate(_SUPERSCRIPTS)
    return inside


def _inside(element: Any, without: frozenset[Any] = frozenset()) -> str:
    """All words inside, blocks and breaks as spaces."""
    pieces = [element.text or ""]
    for child in element.iterchildren():
        if child not in without:
            name = _name(child)
            piece = _inline(child, pieces).replace("\v", " ")
            pieces.append(f" {piece} " if name in _BLOCKS | _ITEMS | {"td", "th", "entry", "tr", "row", "title"}
                          else piece)
        pieces.append(child.tail or "")
    return "".join(pieces)
