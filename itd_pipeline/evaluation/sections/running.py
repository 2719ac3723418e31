"""How long the stages took, and how many answers were there already: about the run, not about the content.

It stands on the page that people open, never in a release: the clock decides no byte of a release.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from itd_pipeline.evaluation import figures
from itd_pipeline.evaluation.page import Block, Cell, Figure, Grid, Ledger, PageSection

ID = "time"


def running(balances: Sequence[Mapping[str, Any]], ledger: Ledger) -> PageSection:
    """Seconds and answers per stage.

    Args:
        balances: one per stage and partition: `stage`, `seconds`, `requests`, `requests_cached`, `rows_out`.
    """
    stages = list(dict.fromkeys(balance["stage"] for balance in balances))
    rows: list[list[Cell]] = []
    seconds: list[float] = []
    for stage in stages:
        of_stage = [balance for balance in balances if balance["stage"] == stage]
        took = round(math.fsum(balance["seconds"] for balance in of_stage), 3)
        seconds.append(took)
        made = sum(balance["rows_out"] for balance in of_stage)
        asked = sum(balance.get("requests") or 0 for balance in of_stage)
        rows.append([
            stage, ledger.add(ID, "seconds", took, "seconds", group=stage),
            ledger.add(ID, "rows_per_second", made / took if took else None, group=stage),
            ledger.add(ID, "requests", asked, group=stage) if asked else "",
            ledger.add(ID, "requests_answered_from_store", sum(b.get("requests_cached") or 0 for b in of_stage),
                       group=stage) if asked else ""])
    whole = ledger.add(ID, "seconds_in_all", math.fsum(seconds), "seconds")
    rows.append(["all stages", whole, "", "", ""])
    said = "; ".join(f"{stage} {took:.1f}" for stage, took in zip(stages, seconds, strict=True))
    blocks: list[Block] = [Grid("Seconds by stage", ("Stage", "Seconds", "Rows per second", "Requests",
                                                     "Answered from the store"), rows)]
    if stages:
        drawing = figures.bars("time", stages, seconds, "seconds")
        blocks.insert(0, Figure(drawing, f"Bar chart of seconds by stage: {said}.",
                                "Seconds by stage, when it was last computed"))
    return PageSection(ID, "Time", "When each stage was last computed on this machine; what is up to date is not "
                                   "computed "
                       "again. This section is no part of a release.", blocks)
