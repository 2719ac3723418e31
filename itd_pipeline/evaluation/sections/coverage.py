"""What the kept records are about: the grid that the profile asks for, then specialty by task, audience, difficulty,
route, source and licence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.evaluation.columns import tally, tally_pairs
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection, Tile, shares, word
from itd_pipeline.evaluation.sections.codes import codes
from itd_pipeline.tables import vocabularies as v

ID = "coverage"
_KEYS = ("specialty", "task_type", "audience", "difficulty")
_SIDES = (("audience", "Audience"), ("difficulty", "Difficulty, 1 everyday to 5 expert"), ("route", "Route"),
          ("source", "Source"), ("licence", "Licence"), ("question_type", "Kind of question"),
          ("level_of_care", "Level of care"), ("age_group", "Age group"), ("sex", "Sex"),
          ("severity", "Severity"), ("jurisdiction", "Jurisdiction"), ("language", "Language"))
_VOCABULARIES = {"audience": v.AUDIENCE, "difficulty": ("1", "2", "3", "4", "5"), "level_of_care": v.LEVEL_OF_CARE,
                 "age_group": v.AGE_GROUP, "sex": v.SEX, "severity": v.SEVERITY, "jurisdiction": v.JURISDICTION,
                 "specialty": v.SPECIALTY, "task_type": v.TASK_TYPE}
"""Vocabularies whose terms without a record are named."""


def coverage(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Counts of kept records; `unspecified` is shown like any other value."""
    filtered = inputs.filtered
    blocks: list[Block] = list(_wanted(filtered, inputs.coverage, ledger))
    if not filtered.num_rows:
        return PageSection(ID, "Coverage", "No record was kept, so there is nothing to cover.", blocks)
    blocks.append(_specialty_by_task(filtered, ledger))
    for column, title in _SIDES:
        say = str if column in {"source", "licence"} else word
        rows = shares(ledger, ID, f"records_by_{column}", tally(filtered, column), say)
        blocks.append(Grid(title, ("", "Records", "Share"), rows))
    blocks += codes(inputs, ledger)
    blocks.append(_empty(filtered, ledger))
    return PageSection(ID, "Coverage", "What the kept records are about. Empty cells are gaps.", blocks)


def _empty(filtered: pa.Table, ledger: Ledger) -> Grid:
    """Terms of each vocabulary that no kept record has."""
    rows: list[list[Cell]] = []
    for column, terms in _VOCABULARIES.items():
        there = tally(filtered, column)
        missing = [term for term in terms if term not in there and term != v.UNSPECIFIED]
        rows.append([word(column), ledger.add(ID, "terms_without_record", len(missing), group=column),
                     ", ".join(map(word, missing)) or "none"])
    return Grid("Terms without a record", ("Vocabulary", "Empty", "Which"), rows)


def _wanted(filtered: pa.Table, cells: Sequence[Mapping[str, Any]], ledger: Ledger) -> list[Block]:
    """The profile's grid: wanted, there, missing. A record counts in every cell that it fits."""
    if not cells:
        return []
    columns = [filtered.column(key).to_pylist() for key in _KEYS]
    records: dict[tuple[Any, ...], int] = {}
    for record in zip(*columns, strict=True):
        records[record] = records.get(record, 0) + 1
    rows: list[list[Cell]] = []
    filled = missing_in_all = 0
    empty: list[str] = []
    for number, cell in enumerate(cells, start=1):
        there = sum(count for record, count in records.items()
                    if all(cell[key] in (None, value) for key, value in zip(_KEYS, record, strict=True)))
        missing = max(0, cell["wanted"] - there)
        filled += not missing
        missing_in_all += missing
        said = [("any" if cell[key] is None else word(str(cell[key]))) for key in _KEYS]
        group = f"{number}: {' / '.join(said)}"
        if not there:
            empty.append(" / ".join(said))
        rows.append([*said, ledger.add(ID, "cell_wanted", cell["wanted"], group=group),
                     ledger.add(ID, "cell_there", there, group=group),
                     ledger.add(ID, "cell_missing", missing, group=group)])
    return [
        Tile("Cells filled", ledger.add(ID, "cells_filled", filled), f"of {len(cells):,} that the profile asks for",
             "plain" if filled == len(cells) else "warn"),
        Tile("Records missing", ledger.add(ID, "records_missing", missing_in_all), "over all cells of the grid",
             "warn" if missing_in_all else "plain"),
        Grid("The grid: wanted, there and missing", ("Specialty", "Task", "Audience", "Difficulty", "Wanted", "There",
                                                     "Missing"), rows),
        Lines([f"Empty cells of the grid: {'; '.join(empty) or 'none'}."]),
    ]


def _specialty_by_task(filtered: pa.Table, ledger: Ledger) -> Grid:
    pairs = tally_pairs(filtered, "specialty", "task_type")
    by_specialty, by_task = tally(filtered, "specialty"), tally(filtered, "task_type")
    tasks = sorted(by_task, key=lambda t: (-by_task[t], t))
    rows: list[list[Cell]] = []
    for specialty in sorted(by_specialty, key=lambda s: (-by_specialty[s], s)):
        row: list[Cell] = [word(specialty)]
        for task in tasks:
            count = pairs.get((specialty, task))
            row.append(ledger.add(ID, "records_by_specialty_and_task", count, group=f"{specialty} / {task}")
                       if count else "")
        rows.append(row)
    return Grid("Records by specialty and task", ("Specialty", *map(word, tasks)), rows, heat=True)
