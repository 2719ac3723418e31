"""How long instructions and outputs are, in words."""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.evaluation import figures
from itd_pipeline.evaluation.columns import only, quantiles, true_count, words_in
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Cell, Figure, Grid, Ledger, PageSection

ID = "lengths"
EDGES: tuple[float, ...] = (0, 5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 400, float("inf"))
_AT = ((0.0, "least"), (0.25, "lower_quartile"), (0.5, "median"), (0.75, "upper_quartile"), (0.95, "percentile_95"),
       (1.0, "greatest"))


def lengths(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Quantiles and histograms of kept records."""
    if not inputs.filtered.num_rows:
        return PageSection(ID, "Lengths and truncation", "No record was kept, so there is nothing to measure.")
    rows: list[list[Cell]] = []
    bins: list[list[Cell]] = [[_bin(i)] for i in range(len(EDGES) - 1)]
    series: list[tuple[str, list[int]]] = []
    for part in ("instruction", "output"):
        words = words_in(inputs.filtered.column(part))
        found = quantiles(words, [q for q, _ in _AT])
        rows.append([part.capitalize(), *(ledger.add(ID, f"{part}_words_{name}", value, "words")
                                          for (_, name), value in zip(_AT, found, strict=True))])
        counts = histogram(words)
        series.append((part.capitalize(), counts))
        for row, count in zip(bins, counts, strict=True):
            row.append(ledger.add(ID, f"{part}_words_bin", count, group=str(row[0])))
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    cut: list[list[Cell]] = [["Output ends in the middle of a sentence", *(
        ledger.add(ID, "truncated", true_count(table.column("output_truncated")), group=group)
        for group, table in (("candidates", inputs.signals), ("kept", kept)))]]
    middle = "; ".join(f"{row[0]} has a median of {row[3].words} words" for row in rows if not isinstance(row[3], str))
    return PageSection(ID, "Lengths and truncation", "Words per instruction and output of kept records, parted by "
                                                     "white space.", [
        Figure(figures.histograms("lengths", EDGES, series, "words"),
               f"Two histograms of length in words. {middle}.", "Records by length; bins grow wider"),
        Grid("Words", ("Part", "Least", "25 %", "Median", "75 %", "95 %", "Greatest"), rows),
        Grid("Truncation", ("", "Candidates", "Kept"), cut),
        Grid("Records per bin of length", ("Words", "Instruction", "Output"), bins, folded=True),
    ])


def histogram(words: pa.ChunkedArray) -> list[int]:
    """Rows per bin of `EDGES`, the lower edge included."""
    import numpy as np

    counted, _ = np.histogram(words.to_numpy(), bins=np.array(EDGES))
    return [int(n) for n in counted]


def _bin(index: int) -> str:
    low, high = EDGES[index], EDGES[index + 1]
    return f"{low:g} and more" if high == float("inf") else f"{low:g} to {high - 1:g}"
