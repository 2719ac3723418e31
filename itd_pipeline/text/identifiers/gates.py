"""Cheap questions that a text must pass before a pattern is tried on it.

A pattern costs some 25 microseconds per thousand characters whether it matches or not, and there are more than a
hundred. Most texts hold no fax number: asking for the three letters costs a hundredth. A gate may only be closed where
its pattern cannot match; a test compares the findings with and without gates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from itd_pipeline.text.identifiers.finder import Finder

_NUMERIC = re.compile(r"\d[A-Za-z\d.,/:()+'-]*(?:[ \t\n][\d(][A-Za-z\d.,/:()+'-]*)*")
_RIGHT_BEFORE = re.compile(r"[A-Za-z+(-]{0,5}$")


@dataclass(frozen=True)
class Views:
    """A text as gates look at it; what no gate asks for is not made."""

    text: str

    @cached_property
    def lowered(self) -> str:
        """In lower case, of the same length."""
        return lower_case(self.text)

    @cached_property
    def pieces(self) -> frozenset[str]:
        """What stands between white space, each once."""
        return frozenset(self.text.split())

    @cached_property
    def month(self) -> bool:
        """Whether a month may be named in it."""
        return _MONTH.shows(self.text)

    @cached_property
    def numerics(self) -> str:
        """Everything in it that holds a digit, with the letters right before, one a line."""
        return "\n".join(_numerics(self.text))


Gate = Callable[[Views], bool]


def lower_case(text: str) -> str:
    """`text` in lower case, of the same length: the few letters that would grow stay as they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


@lru_cache(maxsize=8)
def views(text: str) -> Views:
    """The views of a text; the last few are kept, because every recogniser asks for them."""
    return Views(text)


def _numerics(text: str) -> Iterator[str]:
    """What holds a digit, with up to five letters or signs right before. Looking for the digit first and for letters
    backwards is four times cheaper than one pattern that begins with letters."""
    for match in _NUMERIC.finditer(text):
        start = match.start()
        before = _RIGHT_BEFORE.search(text, max(0, start - 5), start)
        yield (before.group() if before else "") + match.group()


def has(*pieces: str) -> Gate:
    """Open where one of the pieces stands in the text in lower case."""
    return lambda seen: any(piece in seen.lowered for piece in pieces)


def shaped(pattern: str) -> Gate:
    """Open where the pattern is found in what holds digits."""
    search = re.compile(pattern).search
    return lambda seen: bool(seen.numerics) and search(seen.numerics) is not None


def shows(pattern: str) -> Gate:
    """Open where the pattern is found in the text; for patterns much cheaper than the rule's."""
    finder = Finder(re.compile(pattern))
    return lambda seen: finder.shows(seen.text)


def months(seen: Views) -> bool:
    """Open where a month may be named."""
    return seen.month


def numbered_months(seen: Views) -> bool:
    """Open where a month may be named and a digit stands."""
    return bool(seen.numerics) and seen.month


_MONTH = Finder(re.compile(r"(?i)(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"))
