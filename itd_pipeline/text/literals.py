"""Fixed strings looked for as whole words, without compiling a pattern for them.

Belongs here: what `re.compile(r"(?<!\\w)(?:a|b|c)(?!\\w)").finditer` finds, for strings that one patient has and the
next has not. Compiling such a pattern takes longer than all searches of a short note.
"""

from __future__ import annotations

from collections.abc import Sequence


def whole_words(text: str, forms: Sequence[str]) -> list[tuple[int, int]]:
    """(start, end) of each form that stands in `text` as a whole word, in order and without overlap.

    Args:
        forms: where two begin at the same character, the earlier one in this order stands.
    """
    found: list[tuple[int, int, int]] = []
    for rank, form in enumerate(forms):
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            if not (at and _in_word(text[at - 1])) and not (end < len(text) and _in_word(text[end])):
                found.append((at, rank, end))
            at = text.find(form, at + 1)
    found.sort()
    spans: list[tuple[int, int]] = []
    position = 0
    for start, _, end in found:
        if start >= position:
            spans.append((start, end))
            position = end
    return spans


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
