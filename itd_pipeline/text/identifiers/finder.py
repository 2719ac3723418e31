"""Matches of one pattern, found by an automaton and judged by `re`.

Belongs here: where to try a pattern. Does not belong here: which patterns there are, or which can match at all
(`prefilter`). `re` tries a pattern at every character, which costs 25 to 200 nanoseconds for each; RE2 finds where the
widened pattern (`widening`) begins at three. Only there the pattern itself is tried, so what is found is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from weakref import WeakSet

from re2 import _re2

from itd_pipeline.text.identifiers.widening import octets, options, widened

_WORTH_CHARACTERS = 20_000
_MEMORY = 4 << 20
_PASSES = 8
"""Times the length of a text that the automaton may read before `re` goes on alone: a text in which the wide pattern
begins everywhere and the narrow one never would take the square of its length."""
_UNANCHORED = _re2.RE2.Anchor.UNANCHORED


class Finder:
    """Looks for one pattern. The automaton is made once enough text has been seen to be worth the millisecond.

    Args:
        pattern: compiled by `re`; matches at least one character.
        overlapping: whether matches may begin inside of others.
    """

    def __init__(self, pattern: re.Pattern[str], overlapping: bool = False) -> None:
        self.pattern = pattern
        self._overlapping = overlapping
        self._seen = 0
        self._automaton: _re2.RE2 | None = None
        _FINDERS.add(self)

    def find(self, text: str, start: int = 0, stop: int | None = None) -> Iterable[re.Match[str]]:
        """Matches in order, each from the end of the one before or, where they may overlap, from its second character.

        Args:
            start: where the first may begin.
            stop: where the text ends for the pattern.
        """
        stop = len(text) if stop is None else stop
        if self._automaton is None and not self._made(stop - start):
            return self._tried(text, start, stop) if self._overlapping else self.pattern.finditer(text, start, stop)
        raw = octets(text)
        first, end = self._automaton.Match(_UNANCHORED, raw, start, stop)[0]  # type: ignore[union-attr]
        return () if first < 0 else self._judged(text, raw, first, end, start, stop)

    def shows(self, text: str) -> bool:
        """Whether the pattern matches anywhere."""
        return next(iter(self.find(text)), None) is not None

    def make(self) -> None:
        """Make the automaton now."""
        if self._automaton is None:
            self._made(_WORTH_CHARACTERS)

    def _made(self, length: int) -> bool:
        self._seen += length
        if self._seen >= _WORTH_CHARACTERS:
            made = _re2.RE2(widened(self.pattern).encode("latin-1"), options(_MEMORY))
            self._automaton = made if made.ok else None  # it would take too much memory
            self._seen = 0
        return self._automaton is not None

    def _judged(
        self, text: str, raw: bytes, first: int, end: int, start: int, stop: int
    ) -> Iterator[re.Match[str]]:
        look, match = self._automaton.Match, self.pattern.match  # type: ignore[union-attr]
        left = _PASSES * (stop - start) + _WORTH_CHARACTERS
        position = start
        while first >= 0:
            left -= end - position
            found = match(text, first, stop)
            position = first + 1
            if found is not None:
                yield found
                if not self._overlapping:
                    position = max(position, found.end())
            if left < 0:
                yield from self._tried(text, position, stop)
                return
            first, end = look(_UNANCHORED, raw, position, stop)[0]

    def _tried(self, text: str, start: int, stop: int) -> Iterator[re.Match[str]]:
        """The same without the automaton."""
        if not self._overlapping:
            yield from self.pattern.finditer(text, start, stop)
            return
        found = self.pattern.search(text, start, stop)
        while found is not None:
            yield found
            found = self.pattern.search(text, found.start() + 1, stop)


_FINDERS: WeakSet[Finder] = WeakSet()


def make_all() -> None:
    """Make the automata of all finders: for a process of which others are forked, which would each make their own."""
    for finder in list(_FINDERS):
        finder.make()
