"""Quality of a passage by its shape: the rules of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1).

Belongs here: measuring one text against limits. Does not belong here: which limits (`settings.Quality`).
The rules were made for web pages. Clinical notes are short, numeric and full of lists, and a glossary entry holds
one sentence; so the default limits are wide, and answers, structured entries and patients' notes are not judged.
"""

from __future__ import annotations

from itd_pipeline.settings import Quality
from itd_pipeline.text.shape import Shape, shape

_SYMBOLS = ("#", "...", "\u2026")
_BULLETS = frozenset("-*•\u2013")
_ELLIPSES = ("...", "\u2026")


def shortcoming(text: str, limits: Quality, measured: Shape | None = None) -> str | None:
    """The first rule that `text` breaks, as `rule=value, limit=value`; None where it keeps all of them.

    Words are runs between white space, without punctuation at their ends; those without a letter or digit are no words.
    Lines are separated by line feeds.

    Args:
        measured: `shape(text)`, where the caller has it.
    """
    measured = measured or shape(text)
    count = measured.named
    if count < limits.min_words:
        return f"quality_words={count}, min_words={limits.min_words}"
    if not count:
        return None
    mean = measured.length / count
    if mean < limits.min_mean_word_length:
        return f"mean_word_length={mean:.2f}, min={limits.min_mean_word_length:g}"
    if mean > limits.max_mean_word_length:
        return f"mean_word_length={mean:.2f}, max={limits.max_mean_word_length:g}"
    symbols = sum(map(text.count, _SYMBOLS)) / count
    if symbols > limits.max_symbol_share:
        return f"symbol_share={symbols:.2f}, max={limits.max_symbol_share:g}"
    if "\n" in text:
        lines = text.split("\n")
        bullets = sum(line.lstrip(" \t")[:1] in _BULLETS for line in lines) / len(lines)
        if bullets > limits.max_bullet_share:
            return f"bullet_share={bullets:.2f}, max={limits.max_bullet_share:g}"
        ellipses = sum(line.rstrip().endswith(_ELLIPSES) for line in lines) / len(lines)
        if ellipses > limits.max_ellipsis_share:
            return f"ellipsis_share={ellipses:.2f}, max={limits.max_ellipsis_share:g}"
    lettered = measured.lettered / count
    if lettered < limits.min_lettered_share:
        return f"lettered_share={lettered:.2f}, min={limits.min_lettered_share:g}"
    if measured.stop_words < limits.min_stop_words:
        return f"stop_words={measured.stop_words}, min={limits.min_stop_words}"
    return None
