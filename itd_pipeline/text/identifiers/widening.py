"""Patterns of `re` made wider, until an automaton can run them over the bytes of a text.

Belongs here: turning a pattern into one for RE2 (package `google-re2`) that matches wherever the pattern does, and a
text into bytes, one for each character. Does not belong here: any particular pattern, or what is done with the hits.

What looks ahead or behind goes, counts beyond a few have no end, each character beyond ASCII may be any other. Whoever
looks for the wide pattern and tries the narrow one where it is found finds the same as the narrow one alone.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import re2

_HIGH = r"\x80-\xff"
_ANY = r"[\x00-\xff]"
_LAST_LATIN = b"\xff"
_ERRORS = "itd_pipeline.one_byte"
_MOST_COUNTED = 4
_NARROW_BITS = 3.0
"""A run of characters that tell at least so much, such as digits or blanks, is kept."""
_TELLING_BITS = 30.0
"""Five letters whose case does not matter. Runs after two already (12 bits) keep out no more texts and take three times
as many states, which then lie in memory instead of in a cache."""
_ENOUGH_BITS = 60.0
"""Ten letters: longer stretches leave hardly fewer texts and take more states."""
_FOLDED_BEYOND_ASCII = frozenset("iksIKS")
"""Letters that signs beyond ASCII are without regard to case: dotless i, the Kelvin sign, long s."""
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit, codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    codes.CATEGORY_NOT_DIGIT: lambda character: not character.isdigit(),
    codes.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    codes.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
_ASCII = [chr(number) for number in range(128)]


def _as_one_byte(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return _LAST_LATIN * (error.end - error.start), error.end


codecs.register_error(_ERRORS, _as_one_byte)


@lru_cache(maxsize=8)
def octets(text: str) -> bytes:
    """One byte for each character: ASCII as it is, all others 128 or more. The last few are kept, because everyone who
    looks at a text asks for them."""
    return text.encode("latin-1", _ERRORS)


def options(memory: int) -> re2.Options:
    """How RE2 reads widened patterns. An automaton that would need more memory (bytes) forgets and goes on."""
    made = re2.Options()
    made.encoding = re2.Options.Encoding.LATIN1
    made.max_mem = memory
    made.log_errors = False
    return made


def widened(pattern: re.Pattern[str]) -> str:
    """A pattern for `octets` that matches wherever `pattern` does, and begins where its match begins."""
    return _sequence(_parsed(pattern), pattern.flags)


def telling_stretch(pattern: re.Pattern[str]) -> str:
    """The stretch of the widened pattern that tells most: one that every match holds, and that few texts do.

    Runs of any letters are what an automaton for many patterns pays for: one that waits in many of them at once has a
    state for each combination, and meeting those for the first time costs more than all the looking.
    """
    return _best(_stretches(_parsed(pattern), pattern.flags)).pattern


def _parsed(pattern: re.Pattern[str]) -> Any:
    return parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring parts of a pattern that every match holds.

    Args:
        pattern: for RE2.
        bits: how much it tells: minus the logarithm of the share of places in random ASCII at which it matches.
        closed: whether parts that follow have been left out.
    """

    pattern: str = ""
    bits: float = 0.0
    closed: bool = False

    def then(self, pattern: str, bits: float = 0.0, closed: bool = False) -> _Stretch:
        if self.closed or self.bits >= _ENOUGH_BITS:
            return self if self.closed or not pattern else replace(self, closed=True)
        return _Stretch(self.pattern + pattern, self.bits + bits, closed)


def _best(stretches: Sequence[_Stretch]) -> _Stretch:
    return max(stretches, key=lambda stretch: stretch.bits)


def _stretches(nodes: Any, flags: int) -> list[_Stretch]:
    """The stretches of a sequence, in order; never empty. Neighbours of the sequence touch the first and the last."""
    found = [_Stretch()]
    for operation, argument in nodes:
        if operation in (codes.ASSERT, codes.ASSERT_NOT, codes.AT):
            continue
        if operation is codes.SUBPATTERN or operation is codes.ATOMIC_GROUP:
            _, added, removed, inner = argument if operation is codes.SUBPATTERN else (None, 0, 0, argument)
            first, *more = _stretches(inner, (flags | added) & ~removed)
            found[-1] = found[-1].then(first.pattern, first.bits, first.closed)
            found += more
        elif operation is codes.BRANCH:
            _add_branches(found, [_stretches(branch, flags) for branch in argument[1]])
        elif operation in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            _add_repeated(found, operation, argument, flags)
        elif operation is codes.GROUPREF or operation is codes.GROUPREF_EXISTS:
            found.append(_Stretch())
        else:
            found[-1] = found[-1].then(_node(operation, argument, flags), _bits(operation, argument, flags))
    return found


def _add_branches(found: list[_Stretch], branches: Sequence[Sequence[_Stretch]]) -> None:
    """One of several: whole where none of them has a gap, else a stretch of its own."""
    told = [_best(branch) for branch in branches]
    joined = "(?:" + "|".join(stretch.pattern for stretch in told) + ")"
    bits = max(0.0, min(stretch.bits for stretch in told) - math.log2(len(told)) / 2)
    if all(len(branch) == 1 for branch in branches):
        found[-1] = found[-1].then(joined, bits, any(stretch.closed for stretch in told))
    else:
        found += [_Stretch(joined, bits), _Stretch()]


def _add_repeated(found: list[_Stretch], operation: Any, argument: Any, flags: int) -> None:
    least, most, inner = argument
    one = _stretches(inner, flags)
    whole = len(one) == 1
    narrow = whole and (one[0].bits >= _NARROW_BITS or (least == 0 and most == 1))
    if narrow or found[-1].bits >= _TELLING_BITS:
        # A run that begins only after something rare is hardly ever waited in.
        found[-1] = found[-1].then(_node(operation, argument, flags), one[0].bits * int(least) if whole else 0.0)
    elif int(least):
        found[-1] = found[-1].then(one[0].pattern, one[0].bits, True)
        found += [*one[1:-1], one[-1] if not one[-1].closed else _Stretch()]
    else:
        found.append(_Stretch())


def _bits(operation: Any, argument: Any, flags: int) -> float:
    """What one character tells."""
    if operation is codes.ANY:
        return 0.0
    items, negated = ((codes.LITERAL, argument),), operation is codes.NOT_LITERAL
    if operation is codes.IN:
        negated = bool(argument) and argument[0][0] is codes.NEGATE
        items = tuple(argument[1:] if negated else argument)
    elif operation not in (codes.LITERAL, codes.NOT_LITERAL):
        return 0.0
    held = len(_held(items, negated, bool(flags & re.IGNORECASE)))
    return math.log2(len(_ASCII) / max(1, held))


def _sequence(nodes: Any, flags: int) -> str:
    return "".join(_node(operation, argument, flags) for operation, argument in nodes)


def _node(operation: Any, argument: Any, flags: int) -> str:
    if operation in (codes.LITERAL, codes.NOT_LITERAL):
        return _class(((codes.LITERAL, argument),), operation is codes.NOT_LITERAL, bool(flags & re.IGNORECASE))
    if operation is codes.IN:
        negated = bool(argument) and argument[0][0] is codes.NEGATE
        return _class(tuple(argument[1:] if negated else argument), negated, bool(flags & re.IGNORECASE))
    if operation is codes.ANY:
        return _ANY if flags & re.DOTALL else r"[^\n]"
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
def _held(items: tuple[tuple[Any, Any], ...], negated: bool, insensitive: bool) -> tuple[str, ...]:
    """The ASCII characters of a class."""

    def within(character: str) -> bool:
        number = ord(character)
        return any(
            number == value if kind is codes.LITERAL else
            value[0] <= number <= value[1] if kind is codes.RANGE else
            _CATEGORIES[value](character) for kind, value in items)

    if insensitive and negated:
        return tuple(_ASCII)  # rare: as wide as can be
    return tuple(c for c in _ASCII
                 if (within(c) or (insensitive and (within(c.lower()) or within(c.upper())))) != negated)


@cache
def _class(items: tuple[tuple[Any, Any], ...], negated: bool, insensitive: bool) -> str:
    """The ASCII characters of a class, and all others where it may hold one of these."""
    held = _held(items, negated, insensitive)
    high = negated or any(
        kind is codes.CATEGORY or (kind is codes.LITERAL and value > 127) or (kind is codes.RANGE and value[1] > 127)
        for kind, value in items) or (insensitive and not _FOLDED_BEYOND_ASCII.isdisjoint(held))
    within = "".join(f"\\x{ord(c):02x}" for c in held) + (_HIGH if high else "")
    return f"[{within}]" if within else r"[^\x00-\xff]"
