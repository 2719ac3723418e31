"""Numbers that the output states and nothing supports.

An invented dose or percentage is the most dangerous thing a model adds to a true passage. A number counts as
supported when evidence or input holds the same value; where both write a unit, the units must agree, too (5 mg does
not support 5 g). Thousands separators, trailing zeros, spelled-out units and `percent` are one (`text.words`).

Numbers written as words, two to twelve, count like digits; `one` is mostly a pronoun, so it supports and is never
asked for. Numbers of list items at the start of a line are no claims. Codes such as B12 or E11.9 are claims as whole
words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from itd_pipeline.text.words import numbers_with_units, words

_SPELLED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}
_NUMBERING = re.compile(r"^[ \t]*\(?\d{1,2}[.)](?=\s)", re.MULTILINE)
_HAS_DIGIT = re.compile(r"\d")
_WORD = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b", re.IGNORECASE)
_CODE = re.compile(r"[^\W\d_]+\d[\w.,]*")


@dataclass(frozen=True)
class Numbers:
    """What a text states: (value, unit) pairs, unit empty where none follows, and codes."""

    quantities: frozenset[tuple[str, str]]
    codes: frozenset[str]


def numbers_in(text: str) -> Numbers:
    """Every number and code of `text`, in the widest sense: what it may support."""
    spelled = {(_SPELLED[match.group().lower()], "") for match in _WORD.finditer(text)}
    if not _HAS_DIGIT.search(text):
        return Numbers(frozenset(spelled), frozenset())
    codes = (word.replace("-", "") for word in words(text))
    return Numbers(_quantities(text) | spelled, frozenset(code for code in codes if _CODE.fullmatch(code)))


def claims_in(output: str) -> Numbers:
    """Numbers that an output claims: without the numbering of lists, the word `one` and hyphenated words such as
    `type-2` or `COVID-19`, whose number counts alone."""
    spelled = {(_SPELLED[word], "") for match in _WORD.finditer(output) if (word := match.group().lower()) != "one"}
    if not _HAS_DIGIT.search(output):
        return Numbers(frozenset(spelled), frozenset())
    text = _NUMBERING.sub(" ", output)
    return Numbers(_quantities(text) | spelled, frozenset(word for word in words(text) if _CODE.fullmatch(word)))


def _quantities(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((found.value, found.unit) for found in numbers_with_units(text))


def unsupported(claims: Numbers, support: Iterable[Numbers]) -> int:
    """How many distinct claims no text of `support` holds."""
    units: dict[str, set[str]] = {}
    codes: set[str] = set()
    for numbers in support:
        for value, unit in numbers.quantities:
            units.setdefault(value, set()).add(unit)
        codes |= numbers.codes
    missing = 0
    for value, unit in claims.quantities:
        held = units.get(value)
        missing += held is None or (unit != "" and "" not in held and unit not in held)
    return missing + len(claims.codes - codes)
