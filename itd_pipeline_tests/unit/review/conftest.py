"""Two records, one sample, the shipped rubric, and a way to fill in a workbook as a reviewer would."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from itd_pipeline.review import Rubric, draw_sample, load_rubric, write_workbook
from itd_pipeline.settings import Review
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.records import DEFAULTS, FILTERED

RUBRIC = load_rubric(Path(__file__).resolve().parents[3] / "data" / "rubric.yaml")
Fill = Callable[..., Path]


def record(record_id: str, **values: Any) -> dict[str, Any]:
    return {**DEFAULTS, "record_id": record_id, "instruction": "What is a fever?", "output": "A raised temperature.",
            "task_type": "question_answering", "route": "synthetic", "author": "secret-model", "author_role": "model",
            "model": "secret-model", "source": "secret_source", "group_id": "g", "licence": "CC0-1.0", **values}


@pytest.fixture
def rubric() -> Rubric:
    return RUBRIC


@pytest.fixture
def filtered() -> pa.Table:
    return FILTERED.from_rows([
        record("rec-1", audience="patient", citations=[
            {"passage_id": "psg-1", "start": 0, "end": 5, "quote": "", "reference": ""}]),
        record("rec-2", instruction="=1+1", output="\x07Two.", options=["two", "three"], answer_key="A"),
    ])


@pytest.fixture
def sample(filtered: pa.Table) -> pa.Table:
    return draw_sample(filtered, Review(sample_size=2, reviewers=2)).rows


@pytest.fixture
def passages() -> pa.Table:
    columns = {c.name: "" for c in PASSAGES.columns}
    return PASSAGES.from_rows([{
        **columns, "passage_id": "psg-1", "text": "Fever is a raised temperature.", "title": "Fever", "section": "What",
        "ordinal": 0, "start": 0, "end": 30, "word_count": 5, "patient_data": False, "identifier_classes": [],
        "privacy_status": "no_patient_data"}])


@pytest.fixture
def fill(tmp_path: Path, sample: pa.Table, filtered: pa.Table, passages: pa.Table) -> Fill:
    """fill({1: {"Decision": "accept"}}, name="a.xlsx") -> path; keys are positions, unset answers stay empty."""

    def _fill(answers: Mapping[int, Mapping[str, Any]], name: str = "a.xlsx", slot: str = "reviewer_1",
              pseudonym: str = "", change: Callable[[Any], None] | None = None) -> Path:
        book = load_workbook(io.BytesIO(write_workbook(sample, filtered, passages, RUBRIC, slot)))
        ws = book["Records"]
        column = {cell.value: cell.column for cell in ws[1]}
        for position, cells in answers.items():
            for label, value in cells.items():
                ws.cell(row=position + 1, column=column[label], value=value)
        book["Read me"]["B2"] = pseudonym or None
        if change:
            change(book)
        book.save(tmp_path / name)
        return tmp_path / name

    return _fill

