"""What `itd explain` shows of a leak: which item of which benchmark, how much of it and where, and no text of it."""

import pytest

from itd_pipeline.commands import explain
from itd_pipeline.pipeline.lineage import Lineage

LEAK = {"benchmark": "medqa", "item": "12", "part": "prompt", "field": "output", "kind": "meaning", "share": 0.8765,
        "words": 0, "start": 3, "end": 90}


def test_items_of_benchmarks_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, list[list[object]]] = {}
    monkeypatch.setattr(explain, "print_rows", lambda title, columns, rows: shown.update({title: list(rows)}))
    explain._print(Lineage({"record_id": "rec-1"}, "turned away", leaks=[LEAK]))
    assert shown["Items of benchmarks found"] == [["medqa", "12", "prompt", "output", "meaning", "0.88", 0, 3, 90]]
    shown.clear()
    explain._print(Lineage({"record_id": "rec-1"}, "released"))
    assert "Items of benchmarks found" not in shown
