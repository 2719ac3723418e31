"""Which kinds of seeds there are and which are missing: specialty x task x audience x difficulty.

What is wanted: so many seeds for each combination of specialty, task and audience that occurs among the seeds or that
somebody asks for, spread over the difficulties. Belongs here: counting. Does not belong here: sheets or pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.tables.vocabularies import UNSPECIFIED

AXES = ("specialty", "task_type", "audience", "difficulty")
LEVELS = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Cell:
    """One combination: what is wanted, what is there, what is missing."""

    specialty: str
    task_type: str
    audience: str
    difficulty: str
    wanted: int
    have: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.have)


def coverage(seeds: Iterable[Mapping[str, Any]], wanted: int = 1,
             asked_for: Mapping[tuple[str, str, str, str], int] | None = None) -> list[Cell]:
    """The grid, in order of its four axes.

    Args:
        seeds: rows with the four columns; a missing one counts as unspecified.
        wanted: how many of each combination, where nobody asked for another number.
        asked_for: combination -> how many; also of those that no seed has yet.
    """
    asked_for = asked_for or {}
    have = Counter(combination(seed) for seed in seeds)
    every = set(asked_for)
    for specialty, task, audience, _ in have:
        every |= {(specialty, task, audience, level) for level in LEVELS}
    every |= set(have)
    return [Cell(*key, asked_for.get(key, wanted if key[3] in LEVELS else 0), have[key]) for key in sorted(every)]


def combination(seed: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Specialty, task, audience and difficulty of a seed."""
    specialty, task, audience, difficulty = (seed.get(axis) for axis in AXES)
    return (str(specialty or UNSPECIFIED), str(task or UNSPECIFIED), str(audience or UNSPECIFIED),
            str(difficulty or UNSPECIFIED))
