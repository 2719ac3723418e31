"""Quality of a passage by its shape: the rules of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1).

Belongs here: measuring one text against limits. Does not belong here: which limits (`settings.Quality`).
The rules were made for web pages. Clinical notes are short, numeric and full of lists, and a glossary entry holds
one sentence; so the default limits are wide, and answers, structured entries and patients' notes are not judged.
"""

from __future__ import annotations

from collections.abc import Callable

from itd_pipeline.settings import Quality

_MOST_PIECES, _LONGEST_PIECE = 200_000, 40
_STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
_SYMBOLS = ("#", "...", "\u2026")
_BULLETS = frozenset("-*•\u2013")
_ELLIPSES = ("...", "\u2026")
_PUNCTUATION = ".,;:!?()[]{}\"'`*#-\u2013\u2014/\\|<>=+~_%&@$^"


def shortcoming(text: str, limits: Quality) -> str | None:
    """The first rule that `text` breaks, as `rule=value, limit=value`; None where it keeps all of them.

    Words are runs between white space, without punctuation at their ends; those without a letter or digit are no words.
    Lines are separated by line feeds.
    """
    pieces = text.split()
    lengths = list(map(_LENGTHS.__getitem__, pieces))
    count = len(lengths) - lengths.count(0)
    if count < limits.min_words:
        return f"quality_words={count}, min_words={limits.min_words}"
    if not count:
        return None
    mean = sum(lengths) / count
    if mean < limits.min_mean_word_length:
        return f"mean_word_length={mean:.2f}, min={limits.min_mean_word_length:g}"
    if mean > limits.max_mean_word_length:
        return f"mean_word_length={mean:.2f}, max={limits.max_mean_word_length:g}"
    symbols = sum(map(text.count, _SYMBOLS)) / count
    if symbols > limits.max_symbol_share:
        return f"symbol_share={symbols:.2f}, max={limits.max_symbol_share:g}"
    lines = text.split("\n")
    if len(lines) > 1:
        bullets = sum(line.lstrip(" \t")[:1] in _BULLETS for line in lines) / len(lines)
        if bullets > limits.max_bullet_share:
            return f"bullet_share={bullets:.2f}, max={limits.max_bullet_share:g}"
        ellipses = sum(line.rstrip().endswith(_ELLIPSES) for line in lines) / len(lines)
        if ellipses > limits.max_ellipsis_share:
            return f"ellipsis_share={ellipses:.2f}, max={limits.max_ellipsis_share:g}"
    lettered = sum(map(_LETTERED.__getitem__, pieces)) / count
    if lettered < limits.min_lettered_share:
        return f"lettered_share={lettered:.2f}, min={limits.min_lettered_share:g}"
    if limits.min_stop_words and len(_STOP_WORDS.intersection(pieces)) < limits.min_stop_words:
        stops = len(_STOP_WORDS.intersection(piece.strip(_PUNCTUATION).lower() for piece in pieces))
        if stops < limits.min_stop_words:
            return f"stop_words={stops}, min={limits.min_stop_words}"
    return None


class _Cache(dict[str, int]):
    """A number for each piece of text between white space; few pieces make up most of a text."""

    def __init__(self, measure: Callable[[str], int]) -> None:
        super().__init__()
        self._measure = measure

    def __missing__(self, piece: str) -> int:
        value = self._measure(piece)
        if len(self) >= _MOST_PIECES:
            self.clear()
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = value
        return value


_LENGTHS = _Cache(lambda piece: len(piece.strip(_PUNCTUATION)))
_LETTERED = _Cache(lambda piece: int(any(map(str.isalpha, piece))))
