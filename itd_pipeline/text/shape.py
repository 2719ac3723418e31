"""What a text is made of, counted in one pass: words, pieces between white space, their letters.

Belongs here: numbers that a limit can be held against. Not here: the limits (`quality`), or the words themselves
(`words`).
"""

from __future__ import annotations

from typing import NamedTuple

from itd_pipeline.text.words import words

PUNCTUATION = ".,;:!?()[]{}\"'`*#-\u2013\u2014/\\|<>=+~_%&@$^"
"""What is taken off the ends of a piece before it is measured."""

_MOST_PIECES, _LONGEST_PIECE = 200_000, 40
# Five counts in one integer, so that one sum counts them all: a piece holds at most 40 characters and so at most 40
# words, and 800 pieces fill no field. Python adds integers below 2**63 without making objects.
_SLICE = 800
_FIELD, _SMALL = (1 << 15) - 1, (1 << 10) - 1
_WORDS_AT, _NAMED_AT, _LETTERED_AT, _LONG_AT = 15, 30, 40, 50


class Shape(NamedTuple):
    """Counts of a text.

    Args:
        words: as `words.words` lists them.
        named: pieces between white space that hold more than punctuation.
        length: characters of those pieces, without punctuation at their ends.
        lettered: pieces that hold a letter.
        pieces: all pieces, in order.
    """

    words: int
    named: int
    length: int
    lettered: int
    pieces: list[str]


def shape(text: str) -> Shape:
    """The counts of `text`. No word goes beyond white space, and few pieces make up most of a text (Zipf), so each
    distinct piece is measured once."""
    pieces = text.split()
    if len(pieces) <= _SLICE:
        return _counted(pieces, pieces)
    counts = [_counted(pieces[at : at + _SLICE], pieces) for at in range(0, len(pieces), _SLICE)]
    return Shape(sum(count.words for count in counts), sum(count.named for count in counts),
                 sum(count.length for count in counts), sum(count.lettered for count in counts), pieces)


def _counted(part: list[str], pieces: list[str]) -> Shape:
    total = sum(map(_SHAPES.__getitem__, part))
    found = Shape(total >> _WORDS_AT & _FIELD, total >> _NAMED_AT & _SMALL, total & _FIELD,
                  total >> _LETTERED_AT & _SMALL, pieces)
    if not total >> _LONG_AT:
        return found
    long = [_measured(piece) for piece in part if len(piece) > _LONGEST_PIECE]
    words_of, lengths, letters = zip(*long, strict=True)
    return Shape(found.words + sum(words_of), found.named + sum(map(bool, lengths)), found.length + sum(lengths),
                 found.lettered + sum(letters), pieces)


def count_words(text: str) -> int:
    """How many `words.words` a text holds, several times faster than listing them."""
    return shape(text).words


def _measured(piece: str) -> tuple[int, int, bool]:
    """(words, length without punctuation at the ends, whether it holds a letter)."""
    stripped = piece.strip(PUNCTUATION)
    if stripped.isascii() and stripped.isalpha():
        return 1, len(stripped), True
    return len(words(piece)), len(stripped), any(map(str.isalpha, piece))


class _Shapes(dict[str, int]):
    """The counts of each piece, packed; a long piece is only marked, for it would fill memory and field."""

    def __missing__(self, piece: str) -> int:
        if len(piece) > _LONGEST_PIECE:
            return 1 << _LONG_AT
        if len(self) >= _MOST_PIECES:
            self.clear()
        count, length, letters = _measured(piece)
        packed = length | count << _WORDS_AT | (length > 0) << _NAMED_AT | letters << _LETTERED_AT
        self[piece] = packed
        return packed


_SHAPES = _Shapes()
