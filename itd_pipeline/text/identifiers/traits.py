"""What kinds of words stand in a text, told by its distinct pieces, so that a recogniser need not read a text in vain.

Belongs here: asking many questions about each piece once. Does not belong here: the questions; recognisers bring them.
Few pieces make up most of a text (Zipf), so the answers are remembered, and pieces that answer no question are taken
out of a text by one difference of sets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from itd_pipeline.text.identifiers.gates import views

_MOST_PIECES, _LONGEST_PIECE = 200_000, 40


class Trait:
    """A question about pieces: texts of which no piece passes are of no interest.

    Args:
        test: of what stands between white space, looked at by itself.
    """

    def __init__(self, test: Callable[[str], bool]) -> None:
        self._bit = 1 << len(_TESTS)
        _TESTS.append(test)
        _PLAIN.clear()
        _ANSWERS.clear()
        _traits.cache_clear()

    def stands_in(self, text: str) -> bool:
        """Whether any piece of the text passes."""
        return bool(_traits(text) & self._bit)


class _Answers(dict[str, int]):
    """The answers about each piece, one bit for each question."""

    def __missing__(self, piece: str) -> int:
        found = sum(1 << place for place, test in enumerate(_TESTS) if test(piece))
        if len(self) + len(_PLAIN) >= _MOST_PIECES:
            self.clear()
            _PLAIN.clear()
        if len(piece) <= _LONGEST_PIECE:
            if found:
                self[piece] = found
            else:
                _PLAIN.add(piece)
        return found


_TESTS: list[Callable[[str], bool]] = []
_PLAIN: set[str] = set()
_ANSWERS = _Answers()


@lru_cache(maxsize=8)
def _traits(text: str) -> int:
    found = 0
    for piece in views(text).pieces - _PLAIN:
        found |= _ANSWERS[piece]
    return found
