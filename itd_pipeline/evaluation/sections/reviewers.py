"""How reviewers differ: who said what where another said something else, and what became of it."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

from itd_pipeline.evaluation.adjudication import adjudicate, in_dispute, ratings_by_record
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, word
from itd_pipeline.tables.vocabularies import DECISION

ID = "human"
_MOST_PAIRS, _MOST_DISPUTES = 6, 50


def reviewers(inputs: ReportInputs, ledger: Ledger) -> list[Block]:
    """A confusion table for each pair of reviewers that judged the same records, and the adjudications."""
    if inputs.ratings is None or not inputs.ratings.num_rows:
        return []
    by_record = ratings_by_record(inputs.ratings)
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for _, rows in sorted(by_record.items()):
        said = sorted({row["reviewer"]: row["decision"] for row in rows}.items())
        for (first, one), (second, other) in combinations(said, 2):
            counts.setdefault((first, second), Counter())[one, other] += 1
    common = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    blocks: list[Block] = []
    for (first, second), found in common[:_MOST_PAIRS]:
        pair = f"{first} / {second}"
        table: list[list[Cell]] = [[f"{first}: {one}", *(
            ledger.add(ID, "confusion", found[one, other], group=f"{pair} / {one} / {other}")
            for other in DECISION)] for one in DECISION]
        blocks.append(Grid(f"Decisions of {first} (rows) and {second} (columns)", ("", *DECISION), table, heat=True))
    return [*blocks, *_adjudications(inputs, by_record, ledger)]


def _adjudications(inputs: ReportInputs, by_record: Any, ledger: Ledger) -> list[Block]:
    disputes = {record: rows for record, rows in by_record.items() if in_dispute(rows)}
    outcome = {**adjudicate(inputs.ratings), **inputs.third_opinions}
    ends = Counter(outcome[record] for record in disputes)
    settled = sum(record in inputs.third_opinions for record in disputes)
    rows: list[list[Cell]] = [
        ["Records in dispute", ledger.add(ID, "adjudications", len(disputes))],
        ["Settled by a third opinion", ledger.add(ID, "adjudicated_by_third_opinion", settled)],
        ["Waiting for a third opinion", ledger.add(ID, "adjudications_waiting", len(disputes) - settled)]]
    told = inputs.human.get("adjudication", {})
    rows += [[label, ledger.add(ID, metric, told[metric])] for metric, label in (
        ("defects_confirmed", "Defects that a third opinion confirmed"),
        ("defects_overruled", "Defects that it did not find"), ("defects_added", "Defects that it added"))
        if metric in told]
    rows += [[f"Ended as {word(end)}", ledger.add(ID, "adjudicated_as", count, group=end)]
             for end, count in sorted(ends.items())]
    if not disputes:
        return [Grid("Adjudications", ("", "Records"), rows)]
    listed: list[list[Cell]] = [
        [record, ", ".join(sorted(f"{row['reviewer']}: {row['decision']}" for row in given)),
         outcome[record], "third opinion" if record in inputs.third_opinions else "rule"]
        for record, given in sorted(disputes.items())[:_MOST_DISPUTES]]
    return [Grid("Adjudications", ("", "Records"), rows),
            Grid(f"Records in dispute, at most {_MOST_DISPUTES}", ("Record", "Reviewers", "Ended as", "By"), listed,
                 folded=True),
            Lines(["A third opinion decides: defect rate, bound and release follow it. Agreement is that of the "
                   "independent ratings. Without a third opinion the strictest decision counts."])]
