"""What a text is made of, counted: words, pieces between white space, their letters.

Belongs here: numbers that a limit can be held against. Not here: the limits (`quality`), or the words themselves
(`words`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from itd_pipeline.text.pieces import PUNCTUATION, Pieces, split
from itd_pipeline.text.words import words

_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Those of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1)."""
_STOP_BITS = {word: 1 << place for place, word in enumerate(_STOP_WORDS)}
_MOST_PIECES, _LONGEST_PIECE = 200_000, 40
_WORDS_AT, _NAMED_AT, _LETTERED_AT, _STOPS_AT = 28, 52, 53, 54
_MOST_CHARACTERS, _MOST_WORDS = (1 << 28) - 1, (1 << 24) - 1


class Shape(NamedTuple):
    """Counts of a text.

    Args:
        words: as `words.words` lists them.
        named: pieces between white space that hold more than punctuation.
        length: characters of those pieces, without punctuation at their ends.
        lettered: pieces that hold a letter.
        stop_words: how many of Gopher's eight English stop words occur.
    """

    words: int
    named: int
    length: int
    lettered: int
    stop_words: int


def shape(text: str) -> Shape:
    """The counts of one text; several are counted faster together."""
    return shapes(split([text]))[0]


def shapes(pieces: Pieces) -> list[Shape]:
    """The counts of each text. No word goes beyond white space, so each distinct piece is measured once."""
    packed = np.array(list(map(_MEASURES.__getitem__, pieces.distinct)), np.int64)
    stops = map(int.bit_count, pieces.united(packed >> _STOPS_AT))
    counts, lengths = pieces.totals(packed >> _WORDS_AT & _MOST_WORDS, packed & _MOST_CHARACTERS)
    named, lettered = pieces.totals(packed >> _NAMED_AT & 1, packed >> _LETTERED_AT & 1)
    return list(map(Shape, counts, named, lengths, lettered, stops))


def count_words(text: str) -> int:
    """How many `words.words` a text holds, several times faster than listing them."""
    return sum(map(_WORD_COUNTS.__getitem__, text.split()))


def _measured(piece: str) -> int:
    """The counts of a piece, packed into one integer: a look-up for each, and an array of them is quickly made."""
    stripped = piece.strip(PUNCTUATION)
    if stripped.isascii() and stripped.isalpha():
        count, letters = 1, True
    else:
        count, letters = len(words(piece)), any(map(str.isalpha, piece))
    return (len(stripped) | count << _WORDS_AT | bool(stripped) << _NAMED_AT | letters << _LETTERED_AT
            | _STOP_BITS.get(stripped.lower(), 0) << _STOPS_AT)


class _Measures(dict[str, int]):
    """The counts of each piece; a long one is rarely seen again and not kept."""

    def __missing__(self, piece: str) -> int:
        found = _measured(piece)
        if len(self) >= _MOST_PIECES:
            self.clear()
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = found
        return found


class _WordCounts(dict[str, int]):
    """The number of words of each piece."""

    def __missing__(self, piece: str) -> int:
        count = len(words(piece))
        if len(self) >= _MOST_PIECES:
            self.clear()
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = count
        return count


_MEASURES = _Measures()
_WORD_COUNTS = _WordCounts()
