"""YAML front matter: the lines between `---` and `---` at the head of a text file.

Belongs here: parting it from the text and reading it as plain strings. Does not belong here: what a key means.

Every scalar stays a string, so `language: no` is Norwegian and `patient: 007` keeps its zeros. Anchors and aliases
are refused: a few lines of them expand to gigabytes.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from itd_pipeline.sources.files.streams import FileProblem

_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_REASON = "malformed_front_matter"
_LONGEST = 64 * 1024
_DEEPEST = 16


def split_front_matter(content: str) -> tuple[dict[str, Any], str]:
    """(keys, text exactly as it stands after the closing line); no keys where the file has no front matter.

    Raises:
        FileProblem: `malformed_front_matter`, detail with line and column.
    """
    opening = _OPENING.match(content)
    if opening is None:
        return {}, content
    closing = _CLOSING.search(content, opening.end())
    if closing is None:
        raise FileProblem(_REASON, "no closing line")
    head = content[opening.end() : closing.start()]
    try:
        _refuse_traps(head)
        keys = yaml.load(head, yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FileProblem(_REASON, f"line {mark.line + 2} column {mark.column + 1}" if mark else "no YAML") from error
    if keys is None or keys == "":
        keys = {}
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys):
        raise FileProblem(_REASON, "not a mapping of names to values")
    return keys, content[closing.end() :]


def _refuse_traps(head: str) -> None:
    """Raises FileProblem for what costs far more time or memory than its length: the parser is quadratic in depth."""
    if len(head) > _LONGEST:
        raise FileProblem(_REASON, f"longer than {_LONGEST} characters")
    depth = 0
    for event in yaml.parse(head, yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise FileProblem(_REASON, f"nested more than {_DEEPEST} deep")
        if isinstance(event, yaml.AliasEvent):
            raise FileProblem(_REASON, "aliases are not allowed")
