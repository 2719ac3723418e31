"""Text files, one document each: `markdown` (.md, .markdown, .txt) and `text` (.txt), with optional front matter.

Belongs here: a file as a document. Does not belong here: the syntax of front matter (`front_matter.py`).

Front matter keys: id, title, question, question_type, language, licence (or license), specialty, audience,
evidence_date, url, group, patient. `patient` keeps all notes of one patient together in a split. Every other key
goes to the attributes. The text is what follows the front matter, character for character.

A file is one document, so it may be no larger than 16 MiB unless `max_bytes` says otherwise (`too_large`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.streams import FileProblem, decode
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, TurnedAway
from itd_pipeline.sources.readers.front_matter import split_front_matter

_FIELDS: Mapping[str, str] = {
    "id": "external_id", "title": "title", "question": "question", "question_type": "question_type",
    "language": "language", "licence": "licence", "license": "licence", "specialty": "specialty",
    "audience": "audience", "evidence_date": "evidence_date", "url": "url", "group": "group",
}
"""Key -> document field"""
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*\r?$", re.MULTILINE)


_MAX_BYTES = 16 * 1024 * 1024
"""Longer than the complete works of any author. Cleaning takes about 20 bytes of memory per byte of one document."""


class ProseReader(FileReader):
    """See the module.

    Args:
        name: name in the profile.
        description: what it reads.
        suffixes: of the files that belong to a folder.
        headings: whether the first `# heading` is the title where the front matter names none.
    """

    options: Mapping[str, str] = {
        **COMMON_OPTIONS, "max_bytes": f"largest file in bytes; larger ones are rejected as too_large "
                                       f"(default {_MAX_BYTES}, which is 16 MiB)",
    }
    largest = _MAX_BYTES

    def __init__(self, name: str, description: str, suffixes: tuple[str, ...], headings: bool) -> None:
        self.name = name
        self.description = description
        self.suffixes = suffixes
        self._headings = headings

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        keys, text = split_front_matter(decode(file.data))
        known, attributes = _sort_out(keys)
        if not text.strip():
            row = {"file": file.origin, "bytes": len(file.data), "sha256": hashlib.sha256(file.data).hexdigest(),
                   "front_matter": keys}
            yield TurnedAway(file.origin, "missing_text", "nothing but white space after the front matter", row)
            return
        heading = _HEADING.search(text) if self._headings else None
        known.setdefault("title", heading[1] if heading else file.stem)
        known.setdefault("external_id", file.origin)
        yield Draft(text=text, origin=file.origin, attributes=attributes, patient=attributes.get("patient"), **known)


def _sort_out(keys: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(document fields, attributes). Raises FileProblem where a field, or `patient`, is no single value."""
    known: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for key, value in keys.items():
        if (key in _FIELDS or key == "patient") and not isinstance(value, str):
            raise FileProblem("malformed_front_matter", f"{key} is not a single value")
        if key in _FIELDS:
            if value.strip():
                known[_FIELDS[key]] = value.strip()
        elif key != "patient" or value.strip():
            attributes[key] = value.strip() if key == "patient" else value
    return known, attributes
