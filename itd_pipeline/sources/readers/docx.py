"""Word documents (.docx), one document each: headings, paragraphs, lists, tables, footnotes.

Belongs here: the parts of the package that hold text. Text that was inserted under tracked changes is read, text that
was deleted is not; headers, footers and comments are no part of the document. Format: ECMA-376, WordprocessingML.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.files.zips import read_part
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.markup import words

_MAX_BYTES = 64 * 1024 * 1024
_HEADING = re.compile(r"(?i)(?:heading|titre|überschrift|título)\s*([1-9])")
_LEFT_OUT = frozenset({"del", "moveFrom", "delText", "instrText", "pict", "object", "drawing", "txbxContent",
                       "footnoteReference", "commentReference", "Fallback"})


class DocxReader(FileReader):
    """See the module."""

    name = "docx"
    description = "Word documents, .docx: one document per file, sections by heading, tables by row."
    options: Mapping[str, str] = {
        **COMMON_OPTIONS,
        "max_bytes": f"largest file in bytes; larger ones are rejected as too_large (default {_MAX_BYTES})",
    }
    suffixes = (".docx", ".docm")
    largest = _MAX_BYTES

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        try:
            package = zipfile.ZipFile(io.BytesIO(file.data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            locked = file.data.startswith(b"\xd0\xcf\x11\xe0")
            raise FileProblem("other_layout" if locked else "malformed_docx",
                              "an old .doc or an encrypted file; save it as .docx" if locked
                              else "not a Word package") from error
        with package:
            document = _part(package, "word/document.xml")
            if document is None:
                raise FileProblem("malformed_docx", "no word/document.xml")
            styles, core = _part(package, "word/styles.xml"), _part(package, "docProps/core.xml")
            notes = _part(package, "word/footnotes.xml")
        outline = Outline()
        body = next(document.iter("{*}body"), document)
        _blocks(body, outline, _levels(styles))
        if notes is not None:
            for note in notes.iter("{*}footnote"):
                outline.paragraph(_text(note))
        outline.close()
        properties = {name: words(next(core.iter(f"{{*}}{name}"), None)) for name in (
            "title", "creator", "modified", "language")} if core is not None else {}
        if not outline.text:
            yield TurnedAway(file.origin, "no_text", "no paragraph with text", {"file": file.origin,
                                                                                "bytes": len(file.data)})
            return
        sections = outline.sections
        date = re.match(r"\d{4}-\d\d-\d\d", properties.get("modified", ""))
        yield Draft(external_id=file.origin, text=outline.text, origin=file.origin,
                    title=properties.get("title") or (sections[0].title if sections else file.stem),
                    language=properties.get("language") or None, evidence_date=date[0] if date else None,
                    sections=sections)


def _part(package: zipfile.ZipFile, name: str) -> Any:
    """Root element of a part, None where the package has no such part. Raises FileProblem."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    return parse_xml(read_part(package, info, _MAX_BYTES))


def _levels(styles: Any) -> dict[str, int]:
    """Id of a style -> level of heading."""
    found = {"Title": 1, **{f"Heading{n}": n for n in range(1, 10)}}
    for style in styles.iter("{*}style") if styles is not None else ():
        identity = _attribute(style, "styleId")
        name = _attribute(next(style.iterchildren("{*}name"), None), "val")
        outline_level = _attribute(next(style.iter("{*}outlineLvl"), None), "val")
        if heading := _HEADING.match(name):
            found[identity] = int(heading[1])
        elif outline_level.isdigit() and int(outline_level) < 9:
            found[identity] = int(outline_level) + 1
    return found


def _blocks(body: Any, outline: Outline, levels: Mapping[str, int]) -> None:
    items: list[str] = []
    stack = list(reversed(list(body.iterchildren())))
    while stack:
        element = stack.pop()
        name = local_name(element)
        if name in {"sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml"}:
            stack.extend(reversed(list(element.iterchildren())))
            continue
        text = _text(element) if name == "p" else ""
        listed = name == "p" and next(element.iter("{*}numPr"), None) is not None
        style = _attribute(next(element.iter("{*}pStyle"), None), "val") if name == "p" else ""
        if items and (name == "tbl" or (name == "p" and text and not (listed and style not in levels))):
            outline.items(items)
            items = []
        if name == "tbl":
            _table(element, outline)
        elif text and style in levels:
            outline.heading(text, levels[style])
        elif text and listed:
            items.append(text)
        elif text:
            outline.paragraph(text)
    outline.items(items)


def _table(table: Any, outline: Outline) -> None:
    rows = [[fold(_text(cell)) for cell in row.iterchildren("{*}tc")] for row in table.iter("{*}tr")
            if next(row.iterancestors("{*}tbl"), None) is table]
    marked = next(table.iter("{*}tblHeader"), None) is not None
    outline.table(rows[1:] if marked and len(rows) > 1 else rows, rows[0] if marked and len(rows) > 1 else ())


def _text(element: Any) -> str:
    """Words of a paragraph or cell: runs in order, tabs and breaks as spaces."""
    pieces: list[str] = []
    stack = [element]
    while stack:
        current = stack.pop()
        name = local_name(current)
        if name in _LEFT_OUT:
            continue
        if name == "t":
            pieces.append(current.text or "")
        elif name in {"tab", "br", "cr", "ptab"}:
            pieces.append(" ")
        elif name == "noBreakHyphen":
            pieces.append("-")
        elif name == "oMath":
            pieces.append("[formula]")
            continue
        elif name == "p" and pieces:
            pieces.append(" ")
        stack.extend(reversed(list(current.iterchildren())))
    return fold("".join(pieces))


def _attribute(element: Any, name: str) -> str:
    if element is None:
        return ""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
