"""The grid specialty x task x audience x difficulty: what is wanted, what is there, what this source is to add.

Belongs here: cells and counting. Does not belong here: which passages fill a cell (`planning.py`).

A cell that leaves a key out stands for any value of it. A record counts in every cell that it fits. Sources are built
apart from each other, so each takes an equal part of what the experts' seeds leave open, and counts its own records
made without a model against its part. What is still missing when all is filtered stands in the report.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.tables import vocabularies as v

KEYS = ("specialty", "task_type", "audience", "difficulty")
_ALLOWED: Mapping[str, Sequence[Any]] = {
    "specialty": v.SPECIALTY, "task_type": v.TASK_TYPE, "audience": v.AUDIENCE, "difficulty": (1, 2, 3, 4, 5)}


@dataclass(frozen=True)
class Cell:
    """One cell: a value, or None for any, of each key, and how many records are wanted."""

    specialty: str | None
    task_type: str | None
    audience: str | None
    difficulty: int | None
    wanted: int
    sources: tuple[str, ...] = ()

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether a record counts here."""
        return all(getattr(self, key) in (None, record.get(key)) for key in KEYS)


def grid(coverage: settings.Coverage, sources: Iterable[str] | None = None) -> tuple[Cell, ...]:
    """The cells of a profile, in its order.

    Raises:
        ConfigError: a value is not in its vocabulary, or a source is not in the profile.
    """
    known = None if sources is None else sorted(sources)
    cells: list[Cell] = []
    for number, said in enumerate(coverage.cells):
        axes: list[Sequence[Any]] = [said.specialty, said.task, said.audience, said.difficulty]
        for key, values in zip(KEYS, axes, strict=True):
            for value in values:
                if value not in _ALLOWED[key]:
                    raise ConfigError(
                        f"expansion.coverage.cells.{number}.{key.removesuffix('_type')}: {value!r} is not in the "
                        "vocabulary.", f"Allowed: {', '.join(map(str, _ALLOWED[key]))}.")
        for name in said.sources:
            if known is not None and name not in known:
                raise ConfigError(f"expansion.coverage.cells.{number}.sources: there is no source {name!r}.",
                                  f"Sources: {', '.join(known)}.")
        for specialty, task, audience, difficulty in product(*(values or [None] for values in axes)):
            cells.append(Cell(specialty, task, audience, difficulty, said.wanted, said.sources))
    return tuple(cells)


def to_plan(
    cells: Sequence[Cell], source: str, among: Sequence[str], seeds: Iterable[Mapping[str, Any]],
    overdraw: float,
) -> list[int]:
    """How many records this source plans for each cell, before its own records are counted.

    Args:
        cells: the grid.
        source: name of the source.
        among: names of all sources that ask a model.
        seeds: experts' records, which are part of the dataset.
        overdraw: records planned for each missing one.
    """
    there = count(cells, seeds)
    planned = []
    for cell, have in zip(cells, there, strict=True):
        fillers = sorted(set(cell.sources or among) & set(among))
        if source not in fillers:
            planned.append(0)
            continue
        left, place = max(0, cell.wanted - have), fillers.index(source)
        part = left * (place + 1) // len(fillers) - left * place // len(fillers)
        planned.append(math.ceil(part * overdraw))
    return planned


def count(cells: Sequence[Cell], records: Iterable[Mapping[str, Any]]) -> list[int]:
    """Records in each cell."""
    there = [0] * len(cells)
    if cells:
        for record in records:
            for number, cell in enumerate(cells):
                there[number] += cell.holds(record)
    return there


def within(planned: Sequence[int], budget: int) -> list[int]:
    """`planned` as it is where the budget allows, else scaled down: whole numbers that add up to the budget, by the
    largest remainders."""
    total = sum(planned)
    if total <= budget:
        return list(planned)
    exact = [want * budget / total for want in planned]
    kept = [math.floor(share) for share in exact]
    for number in sorted(range(len(exact)), key=lambda n: (kept[n] - exact[n], n))[: budget - sum(kept)]:
        kept[number] += 1
    return kept
