"""Several authors' copies of one workbook into one set of seeds, without losing an edit or a comment.

Seeds are matched by their id; one without an id is a seed of its own. Where a base is given (the workbook that was
handed out), an unchanged cell gives way to a changed one. Two copies that changed one cell in different ways are a
conflict: both files are named and the first text stays, so nobody overwrites anybody unseen. Comments of all copies are
kept together. Belongs here: merging. Does not belong here: what a cell may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cells = Mapping[str, str]
_COMMENT = "comment"


@dataclass(frozen=True)
class Copy:
    """One author's copy.

    Args:
        name: file, for messages.
        seeds: cells by name, one mapping per row; the place in words stands under `place` of `places`.
        places: where each seed stands in the file.
        comments: (id of the seed or place, cell) -> comment on that cell.
    """

    name: str
    seeds: Sequence[Cells]
    places: Sequence[str] = ()
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Merged:
    """All seeds in order of first appearance, comments, and conflicts in words free of text."""

    seeds: tuple[dict[str, str], ...]
    comments: dict[tuple[str, str], str]
    conflicts: tuple[str, ...]


def merge(copies: Sequence[Copy], base: Sequence[Cells] = ()) -> Merged:
    """Merge copies.

    Args:
        copies: in the order of their names, so that the result does not depend on who was first to hand in.
        base: seeds as they were handed out.
    """
    was = {seed["id"]: seed for seed in base if seed.get("id")}
    found: dict[str, dict[str, str]] = {}
    from_copy: dict[tuple[str, str], str] = {}
    comments: dict[tuple[str, str], str] = {}
    conflicts: list[str] = []
    for copy in copies:
        for number, seed in enumerate(copy.seeds):
            key = seed.get("id") or f"{copy.name} {number}"
            old = was.get(key, {})
            merged = found.setdefault(key, dict(old))
            for cell in dict.fromkeys([*old, *seed]):
                _merge_cell(merged, cell, old.get(cell, ""), seed.get(cell, ""), key, copy.name, from_copy, conflicts)
        for place, text in copy.comments.items():
            held = comments.get(place)
            comments[place] = text if held is None or held == text else _together(held, text)
    return Merged(tuple({c: v for c, v in seed.items() if v} for seed in found.values()), comments, tuple(conflicts))


def _merge_cell(merged: dict[str, str], cell: str, old: str, new: str, key: str, name: str,
                from_copy: dict[tuple[str, str], str], conflicts: list[str]) -> None:
    if new == old:
        return
    first = from_copy.get((key, cell))
    if first is None:
        merged[cell] = new
        from_copy[key, cell] = name
    elif merged.get(cell, "") != new:
        if cell == _COMMENT:
            merged[cell] = _together(merged.get(cell, ""), new)
        else:
            conflicts.append(f"seed {key}, cell {cell}: {first} and {name} have changed it in different ways; the text "
                             f"of {first} is kept, look at both.")


def _together(held: str, text: str) -> str:
    return held if text in held.split("\n---\n") else f"{held}\n---\n{text}"
