"""Every wrong cell of files of seeds, one by one, and the good seeds with their cells as written.

Belongs here: looking without reading into the dataset. Does not belong here: what a cell may hold (`columns.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.seeds.item import Fault
from itd_pipeline.seeds.read import Known, items_of, place_of
from itd_pipeline.seeds.record import Problems, seed_row


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong.

    Args:
        file, place: where, such as `ours.xlsx` and `sheet Seeds, row 7 (cardio-3)`.
        cell: name of the cell; empty where it concerns the row or the file.
        problem: what is wrong and what is allowed, without the text.
        reason: reason code of the reject that the row becomes.
    """

    file: str
    place: str
    cell: str
    problem: str
    reason: str


@dataclass(frozen=True)
class Good:
    """A seed that can be read: where it stands, its cells as text, and its row of `expert_seeds`."""

    file: str
    place: str
    cells: dict[str, str]
    row: dict[str, Any]


def check_files(files: Sequence[tuple[str, Path]]) -> tuple[list[Good], list[Wrong]]:
    """Read files as `seed_files` names them. Raises SourceError where one cannot be opened."""
    known = Known()
    good: list[Good] = []
    wrong: list[Wrong] = []
    for name, path in files:
        for item in items_of(name, path):
            if isinstance(item, Fault):
                wrong.append(Wrong(name, item.place, "", item.detail, item.reason))
                continue
            place, seed_id = place_of(item)
            row = seed_row(item.cells)
            if not isinstance(row, Problems):
                claim = known.claim(row, seed_id, f"{name}, {place}")
                if claim is None:
                    good.append(Good(name, place, {c: as_text(v) for c, v in item.cells.items() if v}, row))
                    continue
                row = Problems(claim.reason, claim.detail, (
                    claim.detail if claim.reason == "duplicate_id" else f"instruction: {claim.detail}",))
            for problem in row.each:
                cell, _, says = problem.partition(": ")
                wrong.append(Wrong(name, place, cell, says, row.reason))
    return good, wrong


def as_text(value: Any) -> str:
    """A cell as a spreadsheet holds it: lists with `|` between their entries."""
    return " | ".join(str(entry) for entry in value) if isinstance(value, list) else str(value)
