"""Twins among the candidates, and overlap with benchmarks."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, quantiles, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Cell, Grid, Ledger, PageSection
from itd_pipeline.tables.signals import MATCH_KINDS

MOST_PAIRS = 50
_KINDS = {"exact": "Exact", "cut": "Partial", "paraphrase": "Paraphrase", "meaning": "Meaning",
          "overlap": "Overlap, no leak"}
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
    section, title = "contamination", "Leakage: overlap with benchmarks"
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
                       [Grid("Overlap", ("", "Candidates", "Kept"), rows), *_by_benchmark(inputs, ledger),
                        *_pairs(inputs.signals)])


def _by_benchmark(inputs: ReportInputs, ledger: Ledger) -> list[Grid]:
    """Of each benchmark: its items, how many were found in candidates and in kept records, and matches by kind."""
    kept = set(inputs.filtered.column("record_id").to_pylist())
    found: set[tuple[str, str]] = set()
    found_kept: set[tuple[str, str]] = set()
    kinds: Counter[tuple[str, str]] = Counter()
    for record, matches in zip(inputs.signals.column("record_id").to_pylist(),
                               inputs.signals.column("contamination_matches").to_pylist(), strict=True):
        for match in matches:
            item = (match["benchmark"], match["item"])
            found.add(item)
            kinds[match["benchmark"], match["kind"]] += 1
            if record in kept:
                found_kept.add(item)
    rows: list[list[Cell]] = []
    for name in sorted({*inputs.benchmark_items, *(benchmark for benchmark, _ in found)}):
        rows.append([
            name, ledger.add("contamination", "items", inputs.benchmark_items.get(name), group=name,
                             note="" if name in inputs.benchmark_items else "not counted"),
            ledger.add("contamination", "items_matched", sum(b == name for b, _ in found), group=name),
            ledger.add("contamination", "items_matched_by_kept", sum(b == name for b, _ in found_kept), group=name),
            *(ledger.add("contamination", f"matches_{kind}", kinds[name, kind], group=name) for kind in MATCH_KINDS)])
    return [Grid("Leakage by benchmark", ("", "Items", "Items matched", "by kept records",
                                          *(_KINDS[kind] for kind in MATCH_KINDS)), rows)] if rows else []


def _pairs(signals: pa.Table) -> list[Grid]:
    """The gravest match of each candidate that has one, by ids: the texts are in the lake."""
    found: list[tuple[int, float, str, list[Cell]]] = []
    for record, matches in zip(signals.column("record_id").to_pylist(),
                               signals.column("contamination_matches").to_pylist(), strict=True):
        for match in matches[:1]:
            row: list[Cell] = [record, match["field"], f"{match['start']} to {match['end']}",
                               f"{match['benchmark']}:{match['item']}", match["part"], match["kind"],
                               f"{100 * match['share']:.0f} %"]
            found.append((MATCH_KINDS.index(match["kind"]), -match["share"], record, row))
    rows = [row for *_, row in sorted(found, key=lambda one: one[:3])[:MOST_PAIRS]]
    headings = ("Record", "Field", "Characters", "Item", "Part", "Kind", "Share")
    title = f"Pairs of record and item, the gravest {MOST_PAIRS} at most"
    return [Grid(title, headings, rows, folded=True)] if rows else []


def _valid(table: pa.Table, column: str) -> int:
    valid: int = table.num_rows - table.column(column).null_count
    return valid
