"""XML from strangers: no entities of its own, no external parts, no network, bounded depth.

Belongs here: the one place where XML is parsed. Does not belong here: any element's meaning.

A document type declaration stands before the root element, so it is looked for there. One that only names an external
part (JATS and PubMed files do) is cut out and never loaded; one that declares anything itself is refused: expanding
entities ("billion laughs") and external entities ("XXE") both need that. Characters that such a part would have
defined (`&alpha;`, `&nbsp;`) are those of HTML and are put in by name. The parser refuses entities as well.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from typing import Any

from lxml import etree

from itd_pipeline.sources.files.streams import FileProblem

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_QUOTED = r"(?:\"[^\"]*\"|'[^']*')"
_DTD = r"(?:\"(?:https?://)?[\w./~-]+\"|'(?:https?://)?[\w./~-]+')"
_PLAIN_DOCTYPE = re.compile(rf"<!DOCTYPE\s+[^\s\[\]<>\"']+(?:\s+SYSTEM\s+{_DTD}|\s+PUBLIC\s+{_QUOTED}"
                            rf"(?:\s+{_DTD})?)?\s*(?:\[\s*\]\s*)?>")
_DECLARED = re.compile(rb"^<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"^<\?xml.*?\?>", re.DOTALL)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DEEPEST = 250
_TAG = re.compile(rb"<(/?)[A-Za-z_][^<>]*?(/?)>")


def parse_xml(data: bytes) -> Any:
    """Root element (lxml), without comments and processing instructions.

    Raises:
        FileProblem: `invalid_utf8` or `invalid_encoding` (bytes that are not in the encoding declared),
            `forbidden_xml` (a document type that declares something), `too_deep` (more than 250 levels) or
            `malformed_xml` (detail: line and column).
    """
    encoded = _without_doctype(_decoded(data)).encode("utf-8")
    _check_depth(encoded)
    parser = _parser()
    try:
        return etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError as error:
        # The parser's own log: that of the exception may hold what earlier files left.
        found = [entry.domain_name for entry in parser.error_log]
        if found and set(found) == {"NAMESPACE"}:
            # A prefix that nobody declared: pieces cut out of larger files have that, and their text is whole.
            root = etree.fromstring(encoded, _parser(recover=True))
            if root is not None:
                return root
        line, column = error.position
        raise FileProblem("malformed_xml", f"line {line} column {column}") from error


def _parser(recover: bool = False) -> Any:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=True, remove_comments=True, remove_pis=True, recover=recover,
    )


def local_name(element: Any) -> str:
    """Name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _decoded(data: bytes) -> str:
    """Text of the file without byte order mark. Raises FileProblem."""
    encoding = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not data.startswith(codecs.BOM_UTF8) and (declared := _DECLARED.match(data.lstrip()[:300])):
        encoding = declared[1].decode("ascii").lower()
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
        text.encode("utf-8")
    except UnicodeDecodeError as error:
        reason = "invalid_utf8" if encoding in {"utf-8", "utf8"} else "invalid_encoding"
        raise FileProblem(reason, f"byte offset {error.start}") from error
    except (LookupError, UnicodeError) as error:
        raise FileProblem("invalid_encoding", "the encoding that the file declares is not known") from error
    return _DECLARATION.sub("", text.lstrip(), count=1)


def _without_doctype(text: str) -> str:
    """The text without a document type that declares nothing; its named characters put in."""
    start = _PROLOG.match(text)
    at = start.end() if start else 0
    if not text.startswith("<!DOCTYPE", at):
        return text
    plain = _PLAIN_DOCTYPE.match(text, at)
    if plain is None:
        raise FileProblem("forbidden_xml", f"document type declaration at character {at}")
    # Blanks in its place: positions in messages stay those of the file.
    text = text[:at] + re.sub(r"[^\n]", " ", plain.group()) + text[plain.end() :]
    return _NAMED.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match.group() if name in _PREDEFINED else html.entities.html5.get(f"{name};", match.group())


def _check_depth(encoded: bytes) -> None:
    """Raises FileProblem `too_deep`: code that walks a tree must not be led down without end."""
    if encoded.count(b"<") <= _DEEPEST:
        return
    depth = 0
    for match in _TAG.finditer(encoded):
        if match[1]:
            depth -= 1
        elif not match[2]:
            depth += 1
            if depth > _DEEPEST:
                raise FileProblem("too_deep", f"more than {_DEEPEST} levels at byte {match.start()}")
