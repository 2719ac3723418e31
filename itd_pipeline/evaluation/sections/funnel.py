"""From documents to kept records: every stage and source, what entered, what stayed, and every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.evaluation import figures
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Figure, Grid, Ledger, PageSection, word

ID = "funnel"


def funnel(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Stage by stage, source by source."""
    rows: list[list[Cell]] = []
    stayed: dict[str, int] = {}
    for entry in inputs.funnel:
        where = f"{entry['stage']} / {entry['partition']}" if entry["partition"] else entry["stage"]
        turned = sum(entry["rejected"].values())
        stayed[entry["stage"]] = stayed.get(entry["stage"], 0) + entry["rows_out"]
        rows.append([
            entry["stage"], entry["partition"] or "all", entry["unit"],
            ledger.add(ID, "units_in", entry["units_in"], group=where, note=entry["unit"]),
            ledger.add(ID, "rows_out", entry["rows_out"], group=where),
            ledger.add(ID, "rejected", turned, group=where),
        ])
    blocks: list[Block] = [Grid("What entered, stayed and was turned away",
                                ("Stage", "Source", "Unit", "In", "Stayed", "Turned away"), rows)]
    if stayed:
        listed = ", ".join(f"{stage} {count:,}" for stage, count in stayed.items())
        drawn = figures.bars("funnel", list(stayed), list(stayed.values()), "rows that stayed")
        blocks.insert(0, Figure(drawn, f"Bar chart of rows that stayed at each stage: {listed}.",
                                "Rows that stayed, by stage"))
    return PageSection(ID, "From documents to records",
                       "Nothing is dropped in silence: what was turned away is stored whole, with its reason.", blocks)


def rejections(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Every reason, over all stages and at each."""
    section = "rejections"
    whole: dict[str, int] = {}
    rows: list[list[Cell]] = []
    for entry in inputs.funnel:
        where = f"{entry['stage']} / {entry['partition']}" if entry["partition"] else entry["stage"]
        for reason, count in _greatest_first(entry["rejected"]):
            whole[reason] = whole.get(reason, 0) + count
            rows.append([entry["stage"], entry["partition"] or "all", reason,
                         ledger.add(section, "rejected", count, group=f"{where} / {reason}")])
    if not whole:
        return PageSection(section, "Rejections by reason", "No stage turned anything away.")
    sums: list[list[Cell]] = [[reason, ledger.add(section, "rejected_in_all", count, group=reason)]
                              for reason, count in _greatest_first(whole)]
    top = _greatest_first(whole)[:15]
    alt = "; ".join(f"{word(reason)} {count:,}" for reason, count in top)
    return PageSection(section, "Rejections by reason", "Why rows were turned away, all stages together.", [
        Figure(figures.bars("rejections", [r for r, _ in top], [c for _, c in top], "rows turned away"),
               f"Bar chart of rows turned away by reason: {alt}.",
               "Rows turned away by reason" + (" (the 15 most frequent)" if len(whole) > 15 else "")),
        Grid("All reasons", ("Reason", "Turned away"), sums),
        Grid("Every reason at every stage and source", ("Stage", "Source", "Reason", "Turned away"), rows, folded=True),
    ])


def _greatest_first(tally: Mapping[str, Any]) -> list[tuple[str, int]]:
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))
