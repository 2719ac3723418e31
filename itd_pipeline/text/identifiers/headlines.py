"""Headlines: where most words have capitals, a capital says nothing about a name."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]{4,}")
_BREAK = re.compile(r"[\n.?!;|]|: ")
_REACH = 160
_LEAST_WORDS, _LEAST_SHARE = 5, 0.7


def in_headline(text: str, start: int, end: int) -> bool:
    """Whether the line or sentence around `text[start:end]` is written in the capitals of a title: of its words of at
    least four letters, the span's own apart, seven in ten begin with one."""
    left = max((match.end() for match in _BREAK.finditer(text, max(0, start - _REACH), start)),
               default=max(0, start - _REACH))
    closing = _BREAK.search(text, end, min(len(text), end + _REACH))
    right = closing.start() if closing else min(len(text), end + _REACH)
    around = [word for a, b in ((left, start), (end, right)) for word in _WORD.findall(text, a, b)]
    return len(around) >= _LEAST_WORDS and sum(word[0].isupper() for word in around) >= _LEAST_SHARE * len(around)
