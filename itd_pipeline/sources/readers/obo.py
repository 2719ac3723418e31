"""The OBO 1.2 format as far as the Human Phenotype Ontology uses it: stanzas of tag-value lines.

Belongs here: splitting and unescaping. Does not belong here: what a tag means in medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "W": " "}


@dataclass(frozen=True)
class Stanza:
    """`[Term]` or `[Typedef]` with its lines; `line` is that of the bracket, from 1."""

    kind: str
    line: int
    lines: tuple[str, ...]

    def all(self, tag: str) -> list[str]:
        """Raw values of a tag, in file order."""
        start = f"{tag}: "
        return [line[len(start):].strip() for line in self.lines if line.startswith(start)]

    def first(self, tag: str) -> str:
        """First value of an unquoted tag, unescaped; empty where there is none."""
        values = self.all(tag)
        return unescape(values[0]) if values else ""


def header_and_stanzas(text: str) -> tuple[tuple[str, ...], Iterator[Stanza]]:
    """Lines before the first stanza, and the stanzas."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if line.startswith("[") and line.rstrip().endswith("]")]
    ends = [*starts[1:], len(lines)][: len(starts)]
    header = tuple(lines[: starts[0]] if starts else lines)
    return header, (
        Stanza(lines[start].strip()[1:-1], start + 1, tuple(line.rstrip() for line in lines[start + 1 : end]))
        for start, end in zip(starts, ends, strict=True)
    )


def quoted(value: str) -> tuple[str, str] | None:
    """(text in quotes, rest) of a value such as `"text" EXACT layperson []`; None where the quotes are not closed."""
    match = _QUOTED.match(value)
    return (unescape(match[1]), match[2]) if match else None


def unescape(text: str) -> str:
    r"""`\"` -> `"`, `\n` -> line break, and so on."""
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)
