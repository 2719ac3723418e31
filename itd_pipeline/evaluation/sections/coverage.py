"""What the kept records are about: specialty by task, audience, difficulty, route, source and licence."""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.evaluation.columns import tally, tally_pairs
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, PageSection, shares, word

ID = "coverage"
_SIDES = (("audience", "Audience"), ("difficulty", "Difficulty, 1 everyday to 5 expert"), ("route", "Route"),
          ("source", "Source"), ("licence", "Licence"), ("question_type", "Kind of question"),
          ("level_of_care", "Level of care"), ("age_group", "Age group"), ("sex", "Sex"),
          ("jurisdiction", "Jurisdiction"), ("language", "Language"))


def coverage(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Counts of kept records; `unspecified` is shown like any other value."""
    filtered = inputs.filtered
    if not filtered.num_rows:
        return PageSection(ID, "Coverage", "No record was kept, so there is nothing to cover.")
    blocks: list[Block] = [_specialty_by_task(filtered, ledger)]
    for column, title in _SIDES:
        say = str if column in {"source", "licence"} else word
        rows = shares(ledger, ID, f"records_by_{column}", tally(filtered, column), say)
        blocks.append(Grid(title, ("", "Records", "Share"), rows))
    return PageSection(ID, "Coverage", "What the kept records are about. Empty cells are gaps.", blocks)


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
