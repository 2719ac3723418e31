"""Which of many patterns can match a text at all, told in one pass over its bytes.

Belongs here: asking an automaton (RE2's set, package `google-re2`) for many patterns at once. Does not belong here: any
particular pattern, or how one is widened (`widening`). Most rules match nothing in most texts; trying each of a hundred
costs a hundred passes. What the prefilter lets through is tried in full: it never changes what is found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeVar

import re2

from itd_pipeline.text.identifiers.widening import octets, options, telling_stretch

Rule = TypeVar("Rule")
_WORTH_CHARACTERS = 100_000
_MEMORY = 96 << 20  # of the automaton, which forgets and goes on where it would need more


class Joint:
    """One prefilter for several recognisers that look at the same texts one after another: seven automata would read a
    text seven times, each from memory that the others have pushed out of the cache.

    It is made once enough text has been seen to be worth the third of a second that it takes, and made anew when
    somebody joins later.
    """

    def __init__(self) -> None:
        self._patterns: list[re.Pattern[str]] = []
        self._seen = 0
        self._prefilter: Prefilter | None = None
        self._last: tuple[str | None, list[int]] = (None, [])

    def join(self, patterns: Sequence[re.Pattern[str]]) -> int:
        """Take the patterns in; gives the number of the first."""
        first = len(self._patterns)
        self._patterns += patterns
        self._prefilter = None
        return first

    def possible(self, text: str) -> list[int] | None:
        """Numbers of the patterns that may match, ascending; None as long as there is no prefilter."""
        if self._prefilter is None:
            self._seen += len(text)
            if self._seen < _WORTH_CHARACTERS:
                return None
            self._prefilter = Prefilter(self._patterns)
            self._last = (text, sorted(self._prefilter.possible(text)))
        elif self._last[0] is not text:
            self._last = (text, sorted(self._prefilter.possible(text)))
        return self._last[1]


class Sieve:
    """Chooses the rules whose patterns may match.

    Args:
        patterns: compiled by `re`.
        joint: with whom the prefilter is shared; nobody without one.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]], joint: Joint | None = None) -> None:
        self._joint = joint or Joint()
        self._first = self._joint.join(patterns)
        self._end = self._first + len(patterns)

    def chosen(self, rules: Sequence[Rule], text: str) -> Sequence[Rule]:
        """Those of the rules, one for each pattern and in their order, that may match; all of them at first."""
        possible = self._joint.possible(text)
        if possible is None:
            return rules
        first = self._first
        return [rules[number - first] for number in possible[bisect_left(possible, first):
                                                             bisect_left(possible, self._end)]]


class Prefilter:
    """Patterns that are looked for together.

    Args:
        patterns: compiled by `re`, in any number.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._all = frozenset(range(len(patterns)))
        self._set = re2.Set.SearchSet(options(_MEMORY))
        for pattern in patterns:
            self._set.Add(telling_stretch(pattern))
        self._set.Add("")  # matches everything, unless the automaton has failed
        self._set.Compile()

    def possible(self, text: str) -> frozenset[int]:
        """Numbers of the patterns that may match; those left out do not."""
        found = self._set.Match(octets(text))
        if not found or len(self._all) not in found:
            return self._all
        return frozenset(found) - {len(self._all)}
