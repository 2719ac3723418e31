"""XML from strangers: no entities, no document type with content, no network, UTF-8 only.

Belongs here: the one place where XML is parsed. Does not belong here: any element's meaning.

A document type declaration stands before the root element, so it is looked for there and refused before any
parser sees it: expanding entities ("billion laughs") and external entities ("XXE") both need one. The parser is
configured to refuse them as well.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from itd_pipeline.sources.files.streams import FileProblem, decode

_PLAIN_DOCTYPE = re.compile(rb"<!DOCTYPE\s+[^\s\[\]<>\"']+\s*>")
_SPACE = b" \t\r\n"


def parse_xml(data: bytes) -> Any:
    """Root element (lxml), without comments and processing instructions.

    Raises:
        FileProblem: `invalid_utf8`, `forbidden_xml` (a document type with entities or an external part) or
            `malformed_xml` (detail: line and column).
    """
    decode(data)
    _refuse_doctype(data)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise FileProblem("malformed_xml", f"line {line} column {column}") from error


def _refuse_doctype(data: bytes) -> None:
    at = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else 0
    while at < len(data):
        if data[at] in _SPACE:
            at += 1
            continue
        closing = b"?>" if data.startswith(b"<?", at) else b"-->" if data.startswith(b"<!--", at) else b""
        if not closing:
            break
        found = data.find(closing, at)
        if found < 0:
            return
        at = found + len(closing)
    if data.startswith(b"<!DOCTYPE", at) and not _PLAIN_DOCTYPE.match(data, at):
        raise FileProblem("forbidden_xml", f"document type declaration at byte {at}")
