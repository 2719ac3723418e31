"""Multiple choice: four options, one right by construction. Belongs here: drawing and placing. Not here: who is near.

Case and Swanson (NBME item-writing guide) ask for options of one kind, of which one is clearly best: wrong options
are therefore near relatives of the right one, never its synonyms, ancestors or descendants, and never an option
whose name holds the other's. The letter of the right option is drawn from a hash of form and document, so that
letters balance over a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from itd_pipeline.expand.forms.form import draw

LETTERS = "ABCDEFGH"
T = TypeVar("T")


def distractors(
    key: str, pools: Iterable[Sequence[T]], allowed: Callable[[T], bool], name: Callable[[T], str], right: str,
) -> tuple[T, ...]:
    """Three wrong options, or none where three cannot be had.

    Args:
        key: decides the draw.
        pools: where to draw from, nearest first.
        allowed: whether an item is a wrong answer beyond doubt.
        name: the item as it will be shown.
        right: the right option as it will be shown.
    """
    chosen: list[T] = []
    shown = [_fold(right)]
    for pool in pools:
        for item in sorted(pool, key=lambda i: (draw(key, name(i)), name(i))):
            label = _fold(name(item))
            if not label or any(label in other or other in label for other in shown) or not allowed(item):
                continue
            chosen.append(item)
            shown.append(label)
            if len(chosen) == 3:
                return tuple(chosen)
    return ()


def place(key: str, right: str, wrong: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """(options, letter of the right one)."""
    at = draw("place", key) % (len(wrong) + 1)
    options = [*wrong[:at], right, *wrong[at:]]
    return tuple(options), LETTERS[at]


def lettered(options: Sequence[str]) -> str:
    """Options as they stand in a record's input, one a line."""
    return "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))


def _fold(label: str) -> str:
    return " ".join(label.casefold().split())
