"""Which records each model is trained on, and which are held out.

Belongs here: choosing. Does not belong here: training.

Held out are records of the test split. No model is trained on a record of a group (document, patient, cluster of
near-duplicates) that stands in the test split: not from the release, not from the candidates, not from the last
release. All arms see the same number of records: where there are fewer in one, in all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Example:
    """What is asked and what is to be answered."""

    record_id: str
    prompt: str
    completion: str


@dataclass(frozen=True)
class ProbeRecords:
    """Records by arm, and those that are held out."""

    arms: Mapping[str, Sequence[Example]]
    held_out: Sequence[Example]
    notes: Mapping[str, str] = field(default_factory=dict)


def arms_of(released: Sequence[Mapping[str, Any]], candidates: Sequence[Mapping[str, Any]],
            last: Sequence[Mapping[str, Any]] | None, most: int, held_out: int, seed: int) -> ProbeRecords:
    """Draw every arm.

    Args:
        released: records of the release with `split`.
        candidates: all records before the policy, kept or not; none that rests on patient data.
        last: records of the last release with `split`; None where there is none.
        most: most records that a model sees in its steps.
        held_out: most records held out.
        seed: decides the draw.
    """
    test = _drawn([row for row in released if row["split"] == "test"], seed)
    out = {row["group_id"] for row in test} | {row["record_id"] for row in test}
    draws = {"release": [row for row in released if row["split"] == "train"], "random_draw": candidates}
    if last is not None:
        draws["last_release"] = [row for row in last if row["split"] == "train"]
    clean = {arm: _drawn([r for r in rows if r["group_id"] not in out and r["record_id"] not in out], seed)
             for arm, rows in draws.items()}
    least = min(most, *(len(rows) for rows in clean.values()))
    unnamed = {"last_release": "the profile names no last release (`evaluation.last_release`)"}
    return ProbeRecords({arm: [example_of(row) for row in rows[:least]] for arm, rows in clean.items()},
                        [example_of(row) for row in test[:held_out]], unnamed if last is None else {})


def example_of(row: Mapping[str, Any]) -> Example:
    """A record as a prompt and its completion: instruction, input and lettered options, parted by blank lines."""
    options = "\n".join(f"{letter}. {option}" for letter, option in zip(_LETTERS, row.get("options") or (),
                                                                      strict=False))
    asked = [row["instruction"], row.get("input") or "", options]
    return Example(row["record_id"], "\n\n".join(part for part in asked if part), row["output"])


def _drawn(rows: Sequence[Mapping[str, Any]], seed: int) -> list[Mapping[str, Any]]:
    """In an order that depends on ids and seed alone."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"{seed}\0{row['record_id']}".encode()).digest())
