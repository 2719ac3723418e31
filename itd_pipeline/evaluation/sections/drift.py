"""Whether records have drifted: from the experts' seeds, and from the last release.

Per vocabulary the total variation distance: the share of records that would have to move for the two to be spread
alike. Its interval is by percentile bootstrap of both sides. A distance is never below 0, so small sets differ by
chance alone: what two draws of their sizes from one and the same spread would show stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline.evaluation.columns import tally
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection, word

ID = "drift"
VOCABULARIES = ("specialty", "task_type", "question_type", "audience", "difficulty", "severity", "level_of_care",
                "age_group", "sex", "jurisdiction", "route", "language")
_DRAWS, _SEED, _MOVED = 1000, 7, 3


def drift(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Seeds against accepted records, and this set against the last release."""
    blocks: list[Block] = []
    for group, name, before, missing in (
            ("seeds", "Experts' seeds against the records kept", inputs.seeds, "there are no seeds"),
            ("last_release", "The last release against the records kept",
             None if inputs.last is None else inputs.last["records"],
             "the profile names no last release (`evaluation.last_release`)")):
        if before is None or not before.num_rows or not inputs.filtered.num_rows:
            for column in VOCABULARIES:
                ledger.add(ID, "distance", None, "share", group=f"{group} / {column}", note=missing)
            blocks.append(Lines([f"{name}: not measured, {missing}."]))
            continue
        blocks.append(_grid(name, group, before, inputs.filtered, ledger))
    return PageSection(ID, "Drift", "How far the spread of each vocabulary has moved: 0 % is the same spread, 100 % is "
                       "nothing in common.", blocks)


def _grid(name: str, group: str, before: pa.Table, now: pa.Table, ledger: Ledger) -> Grid:
    rows: list[list[Cell]] = []
    for column in VOCABULARIES:
        if column not in before.column_names:
            ledger.add(ID, "distance", None, "share", group=f"{group} / {column}", note="not a column there")
            continue
        first, second = tally(before, column), tally(now, column)
        found = distance(first, second)
        interval = f"{100 * found.low:.1f} to {100 * found.high:.1f} %"
        rows.append([
            word(column), ledger.add(ID, "distance", found.value, "share", group=f"{group} / {column}", note=interval),
            interval, ledger.add(ID, "distance_by_chance", found.by_chance, "share", group=f"{group} / {column}"),
            _moved(first, second)])
    return Grid(name, ("Vocabulary", "Distance", "95 % interval", "By chance alone", "What moved most"), rows)


class Distance:
    """A distance, its interval, and what chance alone would show."""

    def __init__(self, value: float, low: float, high: float, by_chance: float) -> None:
        self.value, self.low, self.high, self.by_chance = value, low, high, by_chance


def distance(first: Mapping[str, int], second: Mapping[str, int]) -> Distance:
    """Total variation distance between two tallies."""
    terms = sorted(set(first) | set(second))
    a, b = (np.array([side.get(term, 0) for term in terms], np.float64) for side in (first, second))
    random = np.random.Generator(np.random.PCG64(_SEED))
    pooled = (a + b) / (a.sum() + b.sum())
    draws = _apart(_shares(random, a, a / a.sum()), _shares(random, b, b / b.sum()))
    chance = _apart(_shares(random, a, pooled), _shares(random, b, pooled))
    low, high = np.quantile(draws, [0.025, 0.975])
    value = float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)
    return Distance(value, min(float(low), value), max(float(high), value), float(chance.mean()))


def _shares(random: np.random.Generator, counts: np.ndarray[Any, Any], spread: np.ndarray[Any, Any]) -> Any:
    whole = int(counts.sum())
    return random.multinomial(whole, spread, _DRAWS) / whole


def _apart(first: Any, second: Any) -> Any:
    return np.abs(first - second).sum(axis=1) / 2


def _moved(first: Mapping[str, int], second: Mapping[str, int]) -> str:
    whole = (sum(first.values()), sum(second.values()))
    steps: Sequence[tuple[float, str]] = sorted(
        ((second.get(term, 0) / whole[1] - first.get(term, 0) / whole[0], term) for term in {*first, *second}),
        key=lambda step: (-abs(step[0]), step[1]))[:_MOVED]
    return ", ".join(f"{word(term)} {100 * step:+.0f} %" for step, term in steps if abs(step) >= 0.005)
