"""Twins among the candidates, and overlap with benchmarks."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, quantiles, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Cell, Grid, Ledger, PageSection

NOT_NAMED = "the profile names no benchmark"


def duplicates(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Exact and near-duplicates and novelty, among candidates and among kept records."""
    section = "duplicates"
    tables = (inputs.signals, only(inputs.signals, "record_id", inputs.filtered.column("record_id")))
    rows: list[list[Cell]] = [["Records"], ["Exact twins of another"], ["Near-duplicate clusters"],
                              ["Near-duplicates of another"], ["Novelty measured"],
                              ["Greatest ROUGE-L to a known instruction, median"]]
    for group, table in zip(("candidates", "kept"), tables, strict=True):
        clusters = pc.count_distinct(table.column("near_duplicate_cluster"), mode="only_valid").as_py()
        rouge = table.column("novelty_rouge_l")
        values = (
            ("records", table.num_rows), ("exact_duplicates", _valid(table, "exact_duplicate_of")),
            ("near_duplicate_clusters", clusters), ("near_duplicates", _valid(table, "near_duplicate_of")),
            ("novelty_measured", len(rouge) - rouge.null_count),
        )
        for row, (metric, value) in zip(rows, values, strict=False):
            row.append(ledger.add(section, metric, value, group=group))
        rows[-1].append(ledger.add(section, "novelty_rouge_l_median", quantiles(rouge, [0.5])[0], "score", group=group))
    return PageSection(section, "Near-duplicates and novelty",
                       "Of each pair of twins one is kept. Novelty is measured for the routes that the profile names.",
                       [Grid("Twins", ("", "Candidates", "Kept"), rows)])


def contamination(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Overlap with benchmarks, or the plain statement that none was named."""
    section, title = "contamination", "Overlap with benchmarks"
    share = inputs.signals.column("contamination_share")
    measured = len(share) - share.null_count
    counted = ledger.add(section, "candidates_compared", measured, note="" if measured else NOT_NAMED)
    if not measured:
        return PageSection(section, title, f"Not measured: {NOT_NAMED}.",
                           [Grid("Comparison", ("", "Candidates"), [["Compared with benchmarks", counted]])])
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id")).column("contamination_share")
    rows: list[list[Cell]] = [["Compared with benchmarks", counted, ledger.add(
        section, "kept_compared", len(kept) - kept.null_count)], ["With any overlap"], ["Greatest share of an item"]]
    for group, values in (("candidates", share), ("kept", kept)):
        rows[1].append(ledger.add(section, "with_overlap", true_count(pc.greater(values, 0)), group=group))
        rows[2].append(ledger.add(section, "greatest_share", pc.max(values).as_py(), "share", group=group))
    return PageSection(section, title,
                       "Share of a benchmark item's text found in a record. The policy says which share is too much.",
                       [Grid("Overlap", ("", "Candidates", "Kept"), rows)])


def _valid(table: pa.Table, column: str) -> int:
    valid: int = table.num_rows - table.column(column).null_count
    return valid
