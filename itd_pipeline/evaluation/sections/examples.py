"""Examples of what was turned away: per stage and reason, with the rule and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Details, Grid, Ledger, PageSection, word

ID = "examples"


def examples(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """One folded block per reason: its count, its rule with source, rows by id, and text where it may be shown."""
    title = "Why rows were turned away, with examples"
    counts: dict[tuple[str, str], int] = {}
    for entry in inputs.funnel:
        for reason, count in entry["rejected"].items():
            counts[entry["stage"], reason] = counts.get((entry["stage"], reason), 0) + count
    if not counts:
        return PageSection(ID, title, "No stage turned anything away.")
    shown: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in inputs.examples:
        shown.setdefault((row["stage"], row["reason"]), []).append(row)
    blocks: list[Block] = []
    for (stage, reason), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        rows: list[list[Cell]] = [[row["row_id"], row["source"], row["detail"], row["text"] or row["withheld"]]
                                  for row in shown.get((stage, reason), ())]
        turned = ledger.add(ID, "rejected_at_stage", count, group=f"{stage} / {reason}")
        says = inputs.rules.get((stage, reason), "")
        blocks.append(Details(
            f"{stage}: {word(reason)}", turned, says,
            Grid(f"{stage}: {reason}", ("Row", "Source", "Detail", "Beginning of the text"), rows) if rows else None,
            "" if rows else "No example can be shown: all of its rows are from patient data."))
    return PageSection(ID, title, "Three rows for each reason, drawn by a hash of their id. None is from a source of "
                       "patient data; text stands only where the licence lets it be passed on.", blocks)
