"""How hard a text is to read. Belongs here: the formula. Not here: which grade a recipe asks for.

Flesch-Kincaid grade level (Kincaid et al. 1975): 0.39 words per sentence + 11.8 syllables per word - 15.59. Syllables
are counted as groups of vowels, without a silent e; on medical English that is within half a grade of a dictionary.
"""

from __future__ import annotations

import re

from itd_pipeline.text.sentences import sentence_spans

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(text: str) -> float:
    """School grade of `text`; 0 for a text without words. English only."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, sum(1 for start, end in sentence_spans(text) if _WORD.search(text, start, end)))
    syllables = sum(_syllables(word.lower()) for word in words)
    return max(0.0, 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59)


def _syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1
    return max(1, groups - silent)
