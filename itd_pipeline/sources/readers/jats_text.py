"""The text of a JATS article: abstract, body with its section tree, captions and tables; no references, no formulae.

Belongs here: elements as paragraphs, lists and tables. Does not belong here: which articles are taken (`jats.py`).

In-text citation marks such as `[12]` stay: they are part of the sentence, and the sentence must lead back to the
article. A superscript that follows a number or a unit is written as such (10⁶, m²), because 106 is another number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from itd_pipeline.sources.files.safe_xml import local_name
from itd_pipeline.sources.outline import Outline, fold

_FORMULAE = frozenset({"inline-formula", "disp-formula", "math", "tex-math", "chem-struct", "chem-struct-wrap"})
_DROPPED = frozenset({"ref-list", "ref", "object-id", "graphic", "inline-graphic", "private-char", "fn-group",
                      "attrib", "permissions", "alt-text", "long-desc", "inline-supplementary-material", "index-term"})
_BLOCKS = frozenset({
    "p", "sec", "list", "def-list", "table-wrap", "table-wrap-group", "fig", "fig-group", "boxed-text", "disp-quote",
    "supplementary-material", "disp-formula-group", "array", "table", "verse-group", "statement", "speech",
    "preformat", "caption", "alternatives", "table-wrap-foot", "question-wrap", "question", "answer",
})
_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212\u2013n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿ")
_UNITS = ("m", "cm", "mm", "µm", "μm", "nm", "km", "s", "h", "kg", "L", "l", "ml", "mL", "min", "d")


def article_outline(article: Any) -> Outline:
    """Everything that is said: abstracts, body, and appendices."""
    outline = Outline()
    for meta in article.iterchildren("{*}front", "{*}front-stub"):
        for abstract in meta.iter("{*}abstract", "{*}trans-abstract"):
            if abstract.get("abstract-type") in {"graphical", "toc", "teaser"}:
                continue
            outline.heading(_title(abstract) or "Abstract", 1)
            _children(abstract, outline, 2)
            outline.close(1)
    for body in article.iterchildren("{*}body"):
        _children(body, outline, 1)
        outline.close(1)
    for back in article.iterchildren("{*}back"):
        for appendix in back.iter("{*}app"):
            outline.heading(_title(appendix) or "Appendix", 1)
            _children(appendix, outline, 2)
    return outline


def inline(element: Any) -> str:
    """The words of an element in one line, formulae replaced; blank for None. Blocks inside are read as words."""
    return "" if element is None else "".join(_words(element))


def _words(element: Any) -> Iterator[str]:
    name = local_name(element)
    if name in _FORMULAE:
        yield "[formula]"
        return
    if name in _DROPPED:
        return
    if name == "break":
        yield " "
    yield element.text or ""
    so_far = element.text or ""
    for child in element.iterchildren():
        piece = "".join(_words(child))
        if local_name(child) == "sup":
            piece = _superscript(so_far, piece)
        if local_name(child) in _BLOCKS:
            piece = f" {piece} "
        yield piece
        tail = child.tail or ""
        yield tail
        so_far = tail or so_far[-8:] + piece


def _superscript(before: str, text: str) -> str:
    raised = text.strip()
    if not raised or len(raised) > 4 or not set(raised) <= set("0123456789+-\u2212\u2013n"):
        return text
    last = before.rstrip().rpartition(" ")[2].rpartition("/")[2]
    follows = before[-1:].isdigit() or before[-1:] in ")×" or (last in _UNITS and before[-1:].isalpha())
    return raised.translate(_SUPERSCRIPTS) if follows else text


def _title(element: Any) -> str:
    return "" if element is None else fold(inline(next(element.iterchildren("{*}title"), None)))


def _children(element: Any, outline: Outline, level: int) -> None:
    for child in element.iterchildren():
        _block(child, outline, level)


def _block(element: Any, outline: Outline, level: int) -> None:
    name = local_name(element)
    if name in _DROPPED or name in {"title", "label", "sec-meta", "kwd-group"}:
        return
    if name == "sec" or name in {"boxed-text", "statement", "app"}:
        title = _title(element) or _title(_only(element, "caption"))
        outline.heading(title, level)
        _children(element, outline, level + 1)
        outline.close(level)
    elif name in {"fig", "supplementary-material", "table-wrap", "array", "table"}:
        _float(element, outline, level)
    elif name == "list":
        _list(element, outline, level)
    elif name == "def-list":
        pairs = [(inline(_only(item, "term")), inline(_only(item, "def")))
                 for item in element.iterchildren("{*}def-item")]
        outline.items([f"{fold(term)}: {fold(meaning)}" for term, meaning in pairs])
    elif name in _FORMULAE or name == "disp-formula-group":
        outline.paragraph("[formula]")
    elif name == "p" or not any(local_name(child) in _BLOCKS for child in element.iterchildren()):
        _paragraph(element, outline, level)
    else:
        _children(element, outline, level)


def _paragraph(element: Any, outline: Outline, level: int) -> None:
    """A paragraph; blocks inside it stand between its parts, in order."""
    pieces = [element.text or ""]
    so_far = pieces[0]
    for child in element.iterchildren():
        name = local_name(child)
        if name in _BLOCKS:
            outline.paragraph("".join(pieces))
            pieces = []
            _block(child, outline, level)
        elif name == "sup":
            pieces.append(_superscript(so_far, "".join(_words(child))))
        else:
            pieces.append("".join(_words(child)))
        pieces.append(child.tail or "")
        so_far = "".join(pieces)[-16:]
    outline.paragraph("".join(pieces))


def _list(element: Any, outline: Outline, level: int) -> None:
    items: list[str] = []
    for item in element.iterchildren("{*}list-item"):
        inner = [child for child in item.iterchildren() if local_name(child) in {"list", "table-wrap", "fig"}]
        if not inner:
            items.append(inline(item))
            continue
        items.append(" ".join(inline(child) for child in item.iterchildren() if child not in inner))
        outline.items(items)
        items = []
        for child in inner:
            _block(child, outline, level)
    title = _title(element)
    if title:
        outline.paragraph(title)
    outline.items(items)


def _float(element: Any, outline: Outline, level: int) -> None:
    """A figure's or table's label and caption, rows, notes."""
    caption = _only(element, "caption")
    parts = [inline(_only(element, "label"))]
    if caption is not None:
        parts += [inline(child) for child in caption.iterchildren() if local_name(child) not in _DROPPED]
    heading = " ".join(part for part in map(fold, parts) if part)
    tables = [element] if local_name(element) == "table" else list(element.iter("{*}table"))
    if tables:
        for number, table in enumerate(tables):
            header, rows = table_rows(table)
            outline.table(rows, header, heading if number == 0 else "")
    else:
        outline.paragraph(heading)
    for child in element.iterchildren():
        if local_name(child) in {"p", "table-wrap-foot", "list", "disp-quote"}:
            for note in child.iter("{*}fn"):
                outline.paragraph(inline(note))
            if next(child.iter("{*}fn"), None) is None:
                _block(child, outline, level)


def table_rows(table: Any) -> tuple[list[str], list[list[str]]]:
    """(header, rows) of an XHTML-like table; a cell over several columns stands in each of them, once in words."""
    heads = [row for part in table.iter("{*}thead") for row in part.iter("{*}tr")]
    taken = set(heads)
    header: list[str] = []
    for row in heads:
        for position, cell in enumerate(_cells(row, repeat=True)):
            if position >= len(header):
                header.append(cell)
            elif cell and cell not in header[position]:
                header[position] = f"{header[position]} {cell}".strip()
    return header, [_cells(row, repeat=False) for row in table.iter("{*}tr") if row not in taken]


def _cells(row: Any, repeat: bool) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren("{*}td", "{*}th"):
        text = fold(inline(cell))
        span = cell.get("colspan") or "1"
        width = min(int(span), 50) if span.isdigit() else 1
        cells += [text] + [text if repeat else ""] * (width - 1)
    return cells


def _only(element: Any, name: str) -> Any:
    return None if element is None else next(element.iterchildren(f"{{*}}{name}"), None)
