"""What the automatic judge said, and how far it may be believed: against the panel of experts."""

from __future__ import annotations

import json

import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, quantiles, tally, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.judge_calibration import judge_against_panel
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, PageSection, word

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
        calibration(inputs, ledger)]
    return PageSection(ID, title, f"A model scored {measured:,} candidates by a rubric, in both orders. It does not "
                       "replace experts.", blocks)


def calibration(inputs: ReportInputs, ledger: Ledger) -> Grid:
    """The judge's mean score against the experts' mean over all axes, beside what an expert reaches."""
    wanted = dict(zip(inputs.signals.column("record_id").to_pylist(),
                      inputs.signals.column("judge_score").to_pylist(), strict=True))
    panel: dict[str, dict[str, float]] = {}
    for row in ([] if inputs.ratings is None else inputs.ratings.select(["reviewer", "record_id", "axes"]).to_pylist()):
        axes = json.loads(row["axes"])
        if axes:
            panel.setdefault(row["reviewer"], {})[row["record_id"]] = sum(axes.values()) / len(axes)
    verdict = judge_against_panel({r: s for r, s in wanted.items() if s is not None}, panel)
    interval = "" if verdict.judge_interval is None else \
        f"95 % interval {verdict.judge_interval[0]:.2f} to {verdict.judge_interval[1]:.2f}"
    return Grid("Judge against the panel of experts", ("", "Value"), [
        ["Records that both judged", ledger.add(ID, "calibration_records", verdict.records)],
        ["Judge with the panel, ICC(2,1)", ledger.add(ID, "judge_agreement", verdict.judge_agreement, "score",
                                                      note=interval or verdict.why)],
        ["An expert with the others, ICC(2,1)", ledger.add(ID, "expert_agreement", verdict.expert_agreement, "score",
                                                           note="" if verdict.expert_agreement else verdict.why)],
        ["Used", f"{'yes' if verdict.used else 'no'}: {verdict.why}"]], notes=True)
