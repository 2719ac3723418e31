"""What experts asked to be corrected, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger

ID = "human"
_WAITS = {"no_text": "Wait: nobody wrote the words", "texts_differ": "Wait: reviewers wrote different words",
          "not_agreed": "Wait: not more than half wrote the words"}


def corrections(facts: Mapping[str, Any], ledger: Ledger) -> list[Block]:
    """A table of counts; nothing where no correction was asked for.

    Args:
        facts: of the human evaluation; `corrections` of `evaluation.corrections.correction_facts`.
    """
    found = facts.get("corrections") or {}
    if not found.get("asked"):
        return []
    rows: list[list[Cell]] = [
        ["Records to be corrected", ledger.add(ID, "corrections_asked", found["asked"])],
        ["Corrected, in place of their originals", ledger.add(ID, "corrections_stand", found["stand"])]]
    rows += [[f"Words of: {basis}", ledger.add(ID, "corrections_by_basis", count, group=basis)]
             for basis, count in found["basis"].items()]
    rows += [[_WAITS[why], ledger.add(ID, "corrections_waiting", count, group=why)]
             for why, count in found["waits"].items()]
    return [Grid("Corrections", ("", "Records"), rows)]
