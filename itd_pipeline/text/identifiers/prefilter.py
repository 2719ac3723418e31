"""Which of many patterns can match a text at all, told in one pass over its bytes.

Belongs here: turning patterns of `re` into wider ones that an automaton can run side by side. Does not belong here:
any particular pattern. Most rules match nothing in most texts; trying each of a hundred costs a hundred passes.

A pattern is widened until an automaton (RE2's set, package `google-re2`) can run it: what looks ahead or behind goes,
counts beyond a few have no end, each character outside of ASCII may be any other. So the wide pattern matches wherever
the narrow one does, and what it lets through is tried in full: the prefilter never changes what is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeVar

import re2

Rule = TypeVar("Rule")
_HIGH = r"[\x80-\xff]+"
_ANY = rf"(?:[\x00-\x7f]|{_HIGH})"
_MOST_COUNTED = 4
_WORTH_CHARACTERS = 100_000
_MEMORY = 96 << 20  # of the automaton, which forgets and goes on where it would need more
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit, codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    codes.CATEGORY_NOT_DIGIT: lambda character: not character.isdigit(),
    codes.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    codes.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
_ASCII = [chr(number) for number in range(128)]


class Sieve:
    """A prefilter that is made once enough text has been seen to be worth the third of a second that it takes.

    Args:
        patterns: compiled by `re`.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._seen = 0
        self._prefilter: Prefilter | None = None

    def chosen(self, rules: Sequence[Rule], text: str) -> Sequence[Rule]:
        """Those of the rules, one for each pattern and in their order, that may match; all of them at first."""
        if self._prefilter is None:
            self._seen += len(text)
            if self._seen < _WORTH_CHARACTERS:
                return rules
            self._prefilter = Prefilter(self._patterns)
        return [rules[number] for number in sorted(self._prefilter.possible(text))]


class Prefilter:
    """Patterns that are looked for together.

    Args:
        patterns: compiled by `re`, in any number.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = _MEMORY
        options.log_errors = False
        self._all = frozenset(range(len(patterns)))
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(widened(pattern))
        self._set.Add("")  # matches everything, unless the automaton has failed
        self._set.Compile()

    def possible(self, text: str) -> frozenset[int]:
        """Numbers of the patterns that may match; those left out do not."""
        found = self._set.Match(text.encode("utf-8", "surrogatepass"))
        if not found or len(self._all) not in found:
            return self._all
        return frozenset(found) - {len(self._all)}


def widened(pattern: re.Pattern[str]) -> str:
    """A pattern for the UTF-8 bytes that matches wherever `pattern` does."""
    return _sequence(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), pattern.flags)


def _sequence(nodes: Any, flags: int) -> str:
    return "".join(_node(operation, argument, flags) for operation, argument in nodes)


def _node(operation: Any, argument: Any, flags: int) -> str:
    if operation in (codes.LITERAL, codes.NOT_LITERAL):
        return _class(((codes.LITERAL, argument),), operation is codes.NOT_LITERAL, bool(flags & re.IGNORECASE))
    if operation is codes.IN:
        negated = bool(argument) and argument[0][0] is codes.NEGATE
        return _class(tuple(argument[1:] if negated else argument), negated, bool(flags & re.IGNORECASE))
    if operation is codes.ANY:
        return _ANY
    if operation is codes.BRANCH:
        return "(?:" + "|".join(_sequence(branch, flags) for branch in argument[1]) + ")"
    if operation is codes.SUBPATTERN:
        _, added, removed, inner = argument
        return f"(?:{_sequence(inner, (flags | added) & ~removed)})"
    if operation is codes.ATOMIC_GROUP:
        return f"(?:{_sequence(argument, flags)})"
    if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = argument
        return f"(?:{_sequence(inner, flags)}){_count(int(least), most)}"
    if operation in (codes.ASSERT, codes.ASSERT_NOT, codes.AT):
        return ""
    return r"(?s:.*)"  # a reference to a group, and whatever a later version of `re` may bring


def _count(least: int, most: Any) -> str:
    low = min(least, _MOST_COUNTED)
    endless = most is codes.MAXREPEAT or int(most) > _MOST_COUNTED or low != least
    if endless:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return "?" if (low, int(most)) == (0, 1) else f"{{{low},{int(most)}}}"


@cache
def _class(items: tuple[tuple[Any, Any], ...], negated: bool, insensitive: bool) -> str:
    """The ASCII characters of a class, and any run of others where it may hold one of these."""

    def within(character: str) -> bool:
        number = ord(character)
        return any(
            number == value if kind is codes.LITERAL else
            value[0] <= number <= value[1] if kind is codes.RANGE else
            _CATEGORIES[value](character) for kind, value in items)

    held = [c for c in _ASCII if (within(c) or (insensitive and (within(c.lower()) or within(c.upper())))) != negated]
    if insensitive and negated:
        held = _ASCII  # rare: as wide as can be
    high = negated or any(
        kind is codes.CATEGORY or (kind is codes.LITERAL and value > 127) or (kind is codes.RANGE and value[1] > 127)
        for kind, value in items) or (insensitive and bool({"k", "s", "K", "S"} & set(held)))
    narrow = "[" + "".join(f"\\x{ord(c):02x}" for c in held) + "]" if held else ""
    if not high:
        return narrow or r"[^\x00-\xff]"
    return f"(?:{narrow}|{_HIGH})" if narrow else f"(?:{_HIGH})"
