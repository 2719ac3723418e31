"""Small candidates for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.signals import BenchmarkItem, measure
from itd_pipeline.tables.records import CANDIDATES, DEFAULTS

Measured = Callable[..., list[dict[str, Any]]]


def record(record_id: str, instruction: str, output: str, **more: Any) -> dict[str, Any]:
    return {
        **DEFAULTS, "record_id": record_id, "instruction": instruction, "output": output, "input": None,
        "task_type": "question_answering", "route": "synthetic", "author": "a", "author_role": "model", "source": "s",
        "group_id": "g", "licence": "CC0-1.0", **more,
    }


def cite(passage_id: str, start: int, quote: str) -> dict[str, Any]:
    return {"passage_id": passage_id, "start": start, "end": start + len(quote), "quote": quote, "reference": ""}


@pytest.fixture
def measured() -> Measured:
    """Records and passages in, rows of signals out."""

    def run(
        records: list[dict[str, Any]], passages: dict[str, str] | None = None,
        benchmarks: tuple[BenchmarkItem, ...] = (), **parameters: Any,
    ) -> list[dict[str, Any]]:
        texts = passages or {}
        table = pa.table({"passage_id": pa.array(list(texts), pa.string()),
                          "text": pa.array(list(texts.values()), pa.string())})
        batch = measure(CANDIDATES.from_rows(records), table, settings.Signals(**parameters), benchmarks)
        assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows == len(records)
        assert batch.rejects.num_rows == 0
        rows: list[dict[str, Any]] = batch.rows.to_pylist()
        return rows

    return run


@pytest.fixture
def make() -> Callable[..., dict[str, Any]]:
    return record


@pytest.fixture
def citation() -> Callable[[str, int, str], dict[str, Any]]:
    return cite
