"""Marks in a text: numbers and medical terms of an output that nothing given supports, spans that are cited.

A mark helps the eye; it is no verdict. A number is supported where evidence, input or instruction holds the same
value, with the same unit where both write one. A term is a word of medicine (`text.medical_terms`) that none of them
holds, singular and plural counting as one. Belongs here: where marks stand. Does not belong here: how they look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itd_pipeline.text.medical_terms import is_medical
from itd_pipeline.text.words import numbers_with_units

NUMBER, TERM, CITED = "number", "term", "cited"
_WORD = re.compile(r"[^\W\d_]{4,}")
_EVERYDAY = frozenset(re.findall(r"\S+", """
    adult adults also although around because become becomes begin beginning begins beyond could does doing done ends
    enough evening even false given goes half however instead itself might much must numbers ought patient patients
    perhaps quick rather really seldom should soon still than that their them themselves then therefore these they this
    those though thus unless until usual were what when whenever where whether which while whole whom whose would wrong
"""))
"""Words that names of diseases hold, too, and that tell a reader nothing; so do adverbs (`slowly`)."""
_NUMBERING = re.compile(r"^[ \t]*\(?\d{1,2}[.)](?=\s)", re.MULTILINE)


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (exclusive) of a text, and why they are marked."""

    start: int
    end: int
    kind: str


def unsupported_spans(output: str, given: Iterable[str]) -> list[Span]:
    """Numbers and medical terms of `output` that no text of `given` holds, in order, without overlap."""
    units: dict[str, set[str]] = {}
    held: set[str] = set()
    for text in given:
        for quantity in numbers_with_units(text):
            units.setdefault(quantity.value, set()).add(quantity.unit)
        held.update(_stem(word) for word in _WORD.findall(text.lower()))
    numbering = [match.span() for match in _NUMBERING.finditer(output)]
    found = [
        Span(q.start, q.end, NUMBER) for q in numbers_with_units(output)
        if not _is_held(units.get(q.value), q.unit) and not any(a <= q.start < b for a, b in numbering)
    ]
    taken = [(span.start, span.end) for span in found]
    for match in _WORD.finditer(output):
        word = match.group().lower()
        inside = any(a < match.end() and match.start() < b for a, b in taken)
        everyday = word in _EVERYDAY or word.endswith("ly")
        if not inside and not everyday and _stem(word) not in held and is_medical(word):
            found.append(Span(match.start(), match.end(), TERM))
    return sorted(found, key=lambda span: span.start)


def pieces(text: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """A text cut at its spans: (piece, kind of mark or empty). Joined, the pieces are the text again.

    Spans beyond the text or inside an earlier one are cut to what is left of them.
    """
    cut: list[tuple[str, str]] = []
    at = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        start, end = max(span.start, at), min(span.end, len(text))
        if start >= end:
            continue
        if start > at:
            cut.append((text[at:start], ""))
        cut.append((text[start:end], span.kind))
        at = end
    if at < len(text):
        cut.append((text[at:], ""))
    return cut


def _is_held(units: set[str] | None, unit: str) -> bool:
    return units is not None and (not unit or "" in units or unit in units)


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
