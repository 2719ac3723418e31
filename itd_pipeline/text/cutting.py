"""From a document's text to the spans that become passages. Belongs here: where to cut. Not here: what is kept.

A section begins at a heading. A section longer than the limit is cut between paragraphs, a longer paragraph between
sentences, and a longer sentence at white space, though never between a number and its unit. Answers to questions and
structured entries stay whole, whatever their length: half an answer is a wrong answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from itd_pipeline.text.headings import headings
from itd_pipeline.text.sentences import sentence_spans
from itd_pipeline.text.shape import count_words

_BLANK_LINES = re.compile(r"(?:\r\n?|\n)[^\S\n]*(?:(?:\r\n?|\n)[^\S\n]*)+")
_CLAUSE_ENDS = re.compile(r"(?<=[;:,])\s+|\s+(?=[-*•\u2013] )|\n+")
_WHITE = re.compile(r"\s+")
_KEEP_TOGETHER = re.compile(r"[\d.,/≥≤<>±~+-]$")
_STRUCTURED_KEYS = ("name", "code")


@dataclass(frozen=True)
class Span:
    """A stretch of a document's text.

    Args:
        start: first character.
        end: one past the last character.
        section: heading above it as written; empty where there is none.
    """

    start: int
    end: int
    section: str


def stays_whole(question: str | None, attributes: str) -> bool:
    """Whether a document is one passage: it answers a question, or its attributes hold `name` or `code`."""
    if question is not None:
        return True
    if attributes in ("", "{}"):
        return False
    try:
        fields = json.loads(attributes)
    except json.JSONDecodeError:
        return False
    return isinstance(fields, dict) and any(key in fields for key in _STRUCTURED_KEYS)


def cut(text: str, max_words: int, sections: Sequence[tuple[str, int, int, int]] = (),
        overlap_words: int = 0) -> list[Span]:
    """Spans of `text` in order, each of at most `max_words` words where white space allows it.

    Args:
        overlap_words: where a section is cut, the next span begins with the last sentences of the one before,
            at most so many words and half of `max_words`.
        sections: (title, start, end, level) that the source declares, in order of their start, outer before inner.
            Where there are any, headings are not looked for; what lies outside of all of them is cut as well.
    """
    spans: list[Span] = []
    for start, end, title in _declared(text, sections) if sections else _detected(text):
        spans.extend(Span(first, last, title) for first, last in _pack(text, start, end, max_words, overlap_words))
    if not spans:
        # A document of headings alone: their words are all it says.
        spans.extend(Span(start, stop, "") for start, stop in _pack(text, 0, len(text), max_words, overlap_words))
    return spans


def _detected(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, heading) between the headings that the text itself shows."""
    marks = headings(text)
    edges = [(0, 0, "")] + [(mark.start, mark.body, mark.title) for mark in marks]
    for i, (_, body, title) in enumerate(edges):
        yield body, edges[i + 1][0] if i + 1 < len(edges) else len(text), title


def _declared(text: str, sections: Sequence[tuple[str, int, int, int]]) -> Iterator[tuple[int, int, str]]:
    """(start, end, heading) between the edges of declared sections; a subsection is named after its parents."""
    open_: list[tuple[str, int]] = []
    at = 0
    for title, start, end, _ in [*sections, ("", len(text), len(text), 1)]:
        while open_ and open_[-1][1] <= start:
            name, until = " > ".join(part for part, _ in open_ if part), open_[-1][1]
            if at < until:
                yield at, until, name
                at = until
            open_.pop()
        if at < start:
            name = " > ".join(part for part, _ in open_ if part)
            until = start
            # The line of the heading itself is not part of the section before it.
            before = text[at:start].rstrip()
            if title and before.endswith(title):
                until = at + len(before) - len(title)
            yield at, until, name
        at = max(at, start)
        open_.append((title, min(end, open_[-1][1]) if open_ else end))


def whole(text: str) -> list[Span]:
    """The document as one span, without the white space at its ends; none where it is blank."""
    start, end = _trim(text, 0, len(text))
    return [Span(start, end, "")] if start < end else []


def _pack(text: str, start: int, end: int, max_words: int, overlap_words: int) -> Iterator[tuple[int, int]]:
    """Neighbouring pieces joined as long as they fit."""
    start, end = _trim(text, start, end)
    if start >= end:
        return
    if (end - start) // 2 < max_words or count_words(text[start:end]) <= max_words:  # a word takes two characters
        yield start, end
        return
    current: tuple[int, int] | None = None
    count = 0
    ends: list[tuple[int, int]] = []  # of the current span: where pieces begin, and its words up to there
    for piece_start, piece_end, piece_words in _pieces(text, start, end, max_words):
        first = piece_start
        if current is not None and count + piece_words > max_words:
            yield current
            budget = min(overlap_words, max_words // 2, max_words - piece_words)
            # Sentences that fit into the budget lie behind the last piece before which too many words follow.
            behind = next((at for at, before in reversed(ends) if count - before > budget), current[0])
            first, count = _repeated(text, behind, current[1], budget, piece_start)
            current = None
            ends.clear()
        current = (current[0] if current else first, piece_end)
        ends.append((piece_start, count))
        count += piece_words
    if current is not None:
        yield current


def _repeated(text: str, start: int, end: int, budget: int, following: int) -> tuple[int, int]:
    """(first character, words) of the last sentences of a span that fit into the budget; `following` without any."""
    first, total = following, 0
    if budget > 0:
        for sentence_start, sentence_end in reversed(sentence_spans(text[start:end])[1:]):
            count = count_words(text[start + sentence_start : start + sentence_end])
            if total + count > budget:
                break
            first, total = start + sentence_start, total + count
    return first, total


def _pieces(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int, int]]:
    for paragraph_start, paragraph_end in _split(text, start, end, _BLANK_LINES):
        count = count_words(text[paragraph_start:paragraph_end])
        if count <= max_words:
            yield paragraph_start, paragraph_end, count
            continue
        for first, last in sentence_spans(text[paragraph_start:paragraph_end]):
            yield from _sentence(text, paragraph_start + first, paragraph_start + last, max_words)


def _sentence(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int, int]]:
    count = count_words(text[start:end])
    if count <= max_words:
        yield start, end, count
        return
    clauses = list(_split(text, start, end, _CLAUSE_ENDS))
    if len(clauses) > 1:
        for first, last in clauses:
            yield from _sentence(text, first, last, max_words)
        return
    piece_start, piece_words = start, 0
    previous_end = start
    for first, last in _split(text, start, end, _WHITE):
        here = count_words(text[first:last])
        if piece_words and piece_words + here > max_words and not _KEEP_TOGETHER.search(text[piece_start:previous_end]):
            yield piece_start, previous_end, piece_words
            piece_start, piece_words = first, 0
        piece_words += here
        previous_end = last
    yield piece_start, end, piece_words


def _split(text: str, start: int, end: int, separator: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    position = start
    for match in separator.finditer(text, start, end):
        if match.start() > position:
            yield position, match.start()
        position = match.end()
    if position < end:
        yield position, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
