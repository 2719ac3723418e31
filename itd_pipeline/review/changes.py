"""What a correction changes, word by word: the original and the corrected text as one row of pieces.

Longest common runs of words by `difflib`. Belongs here: where two texts differ. Does not belong here: how it looks.
"""

from __future__ import annotations

import difflib
import re

ADDED, REMOVED = "added", "removed"
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
_MOST_TOKENS = 1_500
"""Above this many differing words and marks of one text, all of it counts as replaced: comparing takes too long."""


def changes(original: str, corrected: str) -> list[tuple[str, str]]:
    """(piece, `added`, `removed` or empty), in order.

    Pieces that were not added make up the original; pieces that were not removed make up the corrected text.
    """
    if original == corrected:
        return [(original, "")] if original else []
    a, b = _TOKEN.findall(original), _TOKEN.findall(corrected)
    shortest = min(len(a), len(b))
    head = next((i for i in range(shortest) if a[i] != b[i]), shortest)
    tail = next((i for i in range(shortest - head) if a[-1 - i] != b[-1 - i]), shortest - head)
    middle_a, middle_b = a[head:len(a) - tail], b[head:len(b) - tail]
    pieces = [("".join(a[:head]), "")]
    if max(len(middle_a), len(middle_b)) > _MOST_TOKENS:
        pieces += [("".join(middle_a), REMOVED), ("".join(middle_b), ADDED)]
    else:
        for what, a0, a1, b0, b1 in difflib.SequenceMatcher(None, middle_a, middle_b, autojunk=False).get_opcodes():
            same = "".join(middle_a[a0:a1])
            # A blank alone that two changes have in common would tear them into confetti.
            if what == "equal" and not (same.isspace() and a1 < len(middle_a) and b1 < len(middle_b)):
                pieces.append((same, ""))
            else:
                pieces += [(same, REMOVED), ("".join(middle_b[b0:b1]), ADDED)]
    return _joined([*pieces, ("".join(a[len(a) - tail:]), "")])


def _joined(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring changes as one removal and one addition; empty pieces left out."""
    found: list[tuple[str, str]] = []
    removed = added = ""
    for text, kind in [*pieces, ("", "end")]:
        if kind == REMOVED:
            removed += text
        elif kind == ADDED:
            added += text
        elif text or kind == "end":
            found += [(removed, REMOVED), (added, ADDED), (text, "")]
            removed = added = ""
    return [(text, kind) for text, kind in found if text]
