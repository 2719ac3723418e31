"""Where a quote stands in a passage: exactly, else with shapes put aside, else mended within narrow bounds.

Belongs here: the search. Does not belong here: whether a quote supports an answer. What is stored is the passage's own
text at the offsets found, so `passage.text[start:end] == quote` always holds.

1. *exact*: the characters stand there.
2. *normalised*: white space, case, quotation marks, apostrophes, hyphens and dashes, soft hyphens, ligatures and a
   hyphen at the end of a line may differ. Marks that a model puts around a quote are left out where it fails with them.
3. *repaired*: few letters differ (an edit distance of at most 6 % of the quote's length, Levenshtein 1966), in a quote
   of at least 24 characters, at one place only; and every number, every negation and both ends are the same, because
   `not` and `5 mg` are short words that turn a meaning round. What fits two places is ambiguous and not found.

A quote with dots of omission is looked for in its parts, which must follow each other in the passage.

A quote begins and ends at the border of a word and of a number: `5 mg` does not stand in `25 mg` or in `2.5 mg`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

How = Literal["exact", "normalised", "repaired"]
REPAIR_SHARE = 0.06
REPAIR_LEAST = 24
PART_LEAST = 8
_SHAPES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`\u2032"), "'") | dict.fromkeys(
    map(ord, "\u201c\u201d\u201e\u00ab\u00bb\u2033"), '"') | dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\ufeff")
_OMISSION = re.compile(r"\s*(?:\[\s*(?:\.{3}|\u2026)\s*\]|\.{3,}|\u2026)\s*")
_AROUND = " \t\r\n\"'\u201c\u201d\u2018\u2019\u00ab\u00bb\u2026"
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])-[ \t]*\n[ \t]*(?=[^\W\d_])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TURNS_ROUND = re.compile(
    r"\b(?:no|not|never|none|nor|neither|without|cannot|\w+n't|avoid|stop|except|unless|less|more|below|above|before|"
    r"after|increase[sd]?|decrease[sd]?|hyper\w*|hypo\w*|left|right)\b")


@dataclass(frozen=True)
class Found:
    """A stretch of the passage, and how it was found."""

    start: int
    end: int
    how: How


@dataclass(frozen=True)
class Missing:
    """Why a quote was not found: `quote_not_found` or `quote_ambiguous`, with lengths, never text."""

    reason: str
    detail: str


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of `quote` in `text`, exactly or normalised, whole words or not; None where it does not stand
    there."""
    found = _stands(quote.strip(), text, whole=False)
    return None if found is None else (found.start, found.end)


def find_quote(quote: str, text: str) -> list[Found] | Missing:
    """Where a quote stands, as one stretch or, with dots of omission, as several in order.

    Args:
        quote: words that a model calls a quote.
        text: the passage.
    """
    wanted = quote.strip()
    if not any(c.isalnum() for c in wanted):
        return Missing("quote_not_found", "the quote holds no word")
    whole = _stands(wanted, text)
    if whole is not None:
        return [whole]
    parts = [part for part in _OMISSION.split(wanted.strip(_AROUND)) if part]
    if len(parts) > 1:
        return _in_order(parts, text)
    return _repaired(wanted.strip(_AROUND), text)


def _stands(wanted: str, text: str, whole: bool = True) -> Found | None:
    if not wanted:
        return None
    for attempt in dict.fromkeys((wanted, wanted.strip(_AROUND).removesuffix("...").strip())):
        if not attempt:
            continue
        at = _place(attempt, text, whole)
        if at >= 0:
            return Found(at, at + len(attempt), "exact")
        plain, _ = _normalised(attempt)
        plain = plain.strip()
        if not plain:
            continue
        passage, places = _normalised(text)
        at = _place(plain, passage, whole)
        if at >= 0:
            return Found(places[at], _end(places, at + len(plain)), "normalised")
    return None


def _place(wanted: str, text: str, whole: bool) -> int:
    """The first place of `wanted`, with `whole` the first that cuts neither word nor number; -1 for none."""
    at = text.find(wanted)
    while whole and at >= 0 and (_cuts(text, at) or _cuts(text, at + len(wanted))):
        at = text.find(wanted, at + 1)
    return at


def _cuts(text: str, at: int) -> bool:
    """Whether a border lies inside a word or a number."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return True
    if after in ".,":
        return before.isdigit() and text[at + 1 : at + 2].isdigit()
    return before in ".," and after.isdigit() and text[max(0, at - 2) : at - 1].isdigit()


def _in_order(parts: list[str], text: str) -> list[Found] | Missing:
    found: list[Found] = []
    at = 0
    for part in parts:
        piece = _stands(part, text[at:]) if len(part) >= PART_LEAST else None
        if piece is None:
            return Missing("quote_not_found", f"part {len(found) + 1} of {len(parts)}")
        found.append(Found(at + piece.start, at + piece.end, piece.how))
        at += piece.end
    return found


def _repaired(wanted: str, text: str) -> list[Found] | Missing:
    plain = _normalised(wanted)[0].strip()
    passage, places = _normalised(text)
    missing = Missing("quote_not_found", f"quote of {len(wanted)} characters")
    if len(plain) < REPAIR_LEAST or len(plain) > len(passage):
        return missing
    most = int(len(plain) * REPAIR_SHARE)
    first = _nearest(plain, passage, most)
    if first is None:
        return missing
    start, end = first
    # What was found is blotted out: a second place as near makes the quote ambiguous.
    blotted = passage[:start] + "\x00" * (end - start) + passage[end:]
    if _nearest(plain, blotted, most) is not None:
        return Missing("quote_ambiguous", f"quote of {len(wanted)} characters fits two places")
    there = passage[start:end]
    if _NUMBER.findall(there) != _NUMBER.findall(plain) or _TURNS_ROUND.findall(there) != _TURNS_ROUND.findall(plain):
        return missing
    return [Found(places[start], _end(places, end), "repaired")]


def _nearest(plain: str, passage: str, most: int) -> tuple[int, int] | None:
    """The stretch of whole words within the edit distance, or None."""
    if most < 1:
        return None
    aligned = partial_ratio_alignment(plain, passage, score_cutoff=100 * (1 - 3 * REPAIR_SHARE))
    if aligned is None or aligned.dest_end <= aligned.dest_start:
        return None
    best: tuple[int, int, int] | None = None
    starts = _edges(passage, aligned.dest_start, most, opening=True)
    ends = _edges(passage, aligned.dest_end, most, opening=False)
    for start in starts:
        for end in ends:
            if end <= start:
                continue
            distance = Levenshtein.distance(plain, passage[start:end], score_cutoff=most)
            if distance <= most and (best is None or (distance, start, end) < best):
                best = (distance, start, end)
    return None if best is None else best[1:]


def _edges(passage: str, near: int, most: int, opening: bool) -> list[int]:
    """Word boundaries around a place: beginnings of words or ends of words."""
    found = []
    for at in range(max(0, near - most - 4), min(len(passage), near + most + 4) + 1):
        before, after = passage[at - 1 : at], passage[at : at + 1]
        if not _cuts(passage, at) and (after.strip() if opening else before.strip()):
            found.append(at)
    return found


def _end(places: tuple[int, ...], at: int) -> int:
    """One past the last original character of a normalised stretch."""
    return places[at - 1] + 1


@lru_cache(maxsize=64)
def _normalised(text: str) -> tuple[str, tuple[int, ...]]:
    """(text with shapes put aside, place of each of its characters in the original)."""
    joined = {at for match in _LINE_HYPHEN.finditer(text) for at in range(*match.span())}
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if char in _DROPPED or at in joined:
            continue
        if char.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                places.append(at)
            continue
        plain = _SHAPES.get(ord(char)) or unicodedata.normalize("NFKC", char).casefold()
        for letter in plain:
            letters.append(letter)
            places.append(at)
    return "".join(letters), tuple(places)
