"""Tiny tables in the shape of the contracts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline.settings import Dataset
from itd_pipeline.tables.contract import Column
from itd_pipeline.tables.records import DEFAULTS, FILTERED
from itd_pipeline.tables.review import RATINGS, REVIEW_SAMPLE
from itd_pipeline.tables.signals import SIGNALS


def _plain(column: Column) -> Any:
    """A harmless value of the column's type, so that a new column does not break these tests."""
    if column.nullable:
        return None
    if column.vocabulary:
        return column.vocabulary[0]
    if pa.types.is_list(column.type):
        return []
    if pa.types.is_boolean(column.type):
        return False
    return "" if pa.types.is_string(column.type) else column.minimum or 0


@pytest.fixture
def records() -> Callable[..., pa.Table]:
    def _records(*rows: dict[str, Any]) -> pa.Table:
        plain = {c.name: _plain(c) for c in FILTERED.columns}
        return FILTERED.from_rows([{
            **plain, **DEFAULTS, "record_id": f"rec-{i}", "instruction": "SECRETWORD what is it", "output": "It is it.",
            "task_type": "coding", "route": "template", "author": "t", "author_role": "program", "source": "hpo",
            "group_id": "g", "licence": "CC0-1.0", **row} for i, row in enumerate(rows)])

    return _records


@pytest.fixture
def signals() -> Callable[..., pa.Table]:
    def _signals(*rows: dict[str, Any]) -> pa.Table:
        plain = {c.name: _plain(c) for c in SIGNALS.columns}
        return SIGNALS.from_rows([{**plain, "record_id": f"rec-{i}", "source": "hpo", "output_language": "en", **row}
                                  for i, row in enumerate(rows)])

    return _signals


@pytest.fixture
def sample() -> Callable[..., pa.Table]:
    """sample(0.5, 1.0): records rec-0 and rec-1 with these inclusion probabilities, two reviewers each."""

    def _sample(*probabilities: float) -> pa.Table:
        return REVIEW_SAMPLE.from_rows([
            {"assignment_id": f"asg-{i}-{r}", "sample_id": "smp", "record_id": f"rec-{i}", "reviewer": f"reviewer_{r}",
             "position": i + 1, "stratum": "s", "inclusion_probability": p, "why": "stratified draw"}
            for i, p in enumerate(probabilities) for r in (1, 2)])

    return _sample


@pytest.fixture
def ratings() -> Callable[..., pa.Table]:
    """ratings((0, 1, "accept", "yes", 4)): record, reviewer, decision, the one gate, the one axis."""

    def _ratings(*rows: tuple[int, int, str, str, int]) -> pa.Table:
        return RATINGS.from_rows([
            {"assignment_id": f"asg-{i}-{r}", "record_id": f"rec-{i}", "reviewer": f"reviewer_{r}",
             "rubric_version": "1.0", "decision": decision, "gate": json.dumps({"medically_correct": gate}),
             "axes": json.dumps({"clarity": axis}), "error_tags": "omission" if gate == "no" else "", "comment": None,
             "correction": None, "origin": "a.xlsx"} for i, r, decision, gate, axis in rows])

    return _ratings


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(name="demo", title="A <b>bold</b> title", description="For trying out.")
