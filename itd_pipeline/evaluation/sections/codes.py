"""Which chapters of ICD-10-CM and which branches of the Human Phenotype Ontology kept records cover; empty ones are
named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from itd_pipeline.evaluation.chapters import CHAPTERS, chapter_of
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, Tile

ID = "coverage"


def codes(inputs: ReportInputs, ledger: Ledger) -> list[Block]:
    """Records per chapter and branch. A record counts once in each that it touches."""
    held = inputs.filtered.column("codes").to_pylist()
    branch_of = inputs.hpo_branches
    branches = sorted({name for names in branch_of.values() for name in names})
    return [
        *_system(held, "icd10_chapter", "ICD-10-CM chapters", [name for *_, name in CHAPTERS],
                 lambda code: [c] if (c := chapter_of(code)) else [], ledger),
        *(_system(held, "hpo_branch", "Branches of the Human Phenotype Ontology", branches,
                  lambda code: branch_of.get(code, ()), ledger) if branches else []),
    ]


def _system(held: Sequence[Sequence[str]], metric: str, title: str, names: Sequence[str],
            groups: Callable[[str], Iterable[str]], ledger: Ledger) -> list[Block]:
    counts = dict.fromkeys(names, 0)
    for record in held:
        for name in sorted({group for code in record for group in groups(code)}):
            counts[name] += 1
    empty = [name for name, count in counts.items() if not count]
    rows: list[list[Cell]] = [[name, ledger.add(ID, f"records_by_{metric}", count, group=name)]
                              for name, count in counts.items()]
    said = f"Empty: {'; '.join(empty)}." if empty else "None is empty."
    return [Tile(f"{title} without a record", ledger.add(ID, f"{metric}_empty", len(empty)), f"of {len(names)}",
                 "warn" if empty else "plain"),
            Grid(title, ("", "Records"), rows), Lines([f"{title}. {said}"])]
