"""What the automatic judge said, and how far it may be believed: against the panel of experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, quantiles, tally, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection, word

ID = "judge"


def judge(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Scores, verdicts and calibration; or that nobody was asked."""
    title = "Automatic judge"
    scores = inputs.signals.column("judge_score")
    measured = len(scores) - scores.null_count
    asked = inputs.signals.num_rows - inputs.signals.column("judge_status").null_count
    counted = ledger.add(ID, "candidates_asked_about", asked, note="" if asked else "the profile names no judge")
    if not asked:
        return PageSection(ID, title, "Not measured: the profile names no judge (`signals.judge`).",
                           [Grid("Judge", ("", "Candidates"), [["Asked about", counted]])])
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    rows: list[list[Cell]] = [["Scored"], ["Score, lower quartile"], ["Score, median"], ["Score below 3"]]
    for group, table in (("candidates", inputs.signals), ("kept", kept)):
        column = table.column("judge_score")
        lower, median = quantiles(column, [0.25, 0.5])
        for row, cell in zip(rows, (
                ledger.add(ID, "scored", len(column) - column.null_count, group=group),
                ledger.add(ID, "score_lower_quartile", lower, "score", group=group),
                ledger.add(ID, "score_median", median, "score", group=group),
                ledger.add(ID, "score_below_3", true_count(pc.less(column, 3)), group=group)), strict=True):
            row.append(cell)
    statuses = tally(inputs.signals.filter(pc.is_valid(inputs.signals.column("judge_status"))), "judge_status")
    verdicts: list[list[Cell]] = [["asked about", counted]]
    verdicts += [[word(status), ledger.add(ID, "verdicts", n, group=status)] for status, n in statuses.items()]
    blocks: list[Block] = [
        Grid("Scores, 1 to 5", ("", "Candidates", "Kept"), rows),
        Grid("Verdicts", ("", "Candidates"), verdicts),
        *calibration(inputs, ledger)]
    return PageSection(ID, title, f"A model scored {measured:,} candidates by a rubric, in both orders. It does not "
                       "replace experts.", blocks)


def calibration(inputs: ReportInputs, ledger: Ledger) -> list[Block]:
    """The judge against the panel, as a whole and per axis, beside what an expert reaches; whether it counts."""
    facts = inputs.human.get("judge") or {}
    compared = {"overall": facts.get("overall") or {}, **facts.get("axes", {})}
    rows: list[list[Cell]] = []
    for axis, found in compared.items():
        why = found.get("why") or "no expert has judged"
        group = "" if axis == "overall" else axis
        row: list[Cell] = [word(axis), ledger.add(ID, "calibration_records", found.get("records", 0), group=group)]
        for metric, interval in (("judge_agreement", "judge_interval"), ("expert_agreement", "expert_interval"),
                                 ("judge_with_others", None), ("difference", "difference_interval")):
            row.append(ledger.add(ID, metric, found.get(metric), "score", group=group,
                                  note=_note(found, metric, interval, why)))
        rows.append([*row, f"{'yes' if found.get('used') else 'no'}: {why}"])
    blocks: list[Block] = [Grid(
        "Judge against the panel of experts, ICC(2,1) with 95 % interval",
        ("Axis", "Records", "Judge with the panel", "An expert with the others", "Judge with the others", "Difference",
         "Used"), rows, notes=True)]
    said = ["A judge that agrees with the others less than an expert does is reported and not used: no rule of the "
            "policy turns a record away by its score, and no defect rate is estimated with it."]
    if facts.get("axes_not_asked"):
        said.append(f"Not asked about: {', '.join(map(word, facts['axes_not_asked']))}. A criterion of the judge is "
                    "compared with the axis of the same name.")
    steps = (facts.get("overall") or {}).get("correction") or []
    if steps:
        blocks.append(Grid("What the panel says where the judge gives a score", ("Judge", "Panel"), [
            [f"{score:.2f}", ledger.add(ID, "corrected_score", panel, "score", group=f"{score:.2f}",
                                        note="isotonic regression")] for score, panel in steps]))
    return [*blocks, Lines(said)]


def _note(found: Mapping[str, Any], metric: str, interval: str | None, why: str) -> str:
    if found.get(metric) is None:
        return why
    held = found.get(interval) if interval else None
    return f"95 % interval {held[0]:.2f} to {held[1]:.2f}" if held else ""
