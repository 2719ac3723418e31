from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from itd_pipeline.errors import ContractError
from itd_pipeline.review import Rubric, write_workbook


@pytest.fixture
def raw(sample: pa.Table, filtered: pa.Table, passages: pa.Table, rubric: Rubric) -> bytes:
    return write_workbook(sample, filtered, passages, rubric, "reviewer_1")


def test_equal_inputs_give_equal_bytes(raw: bytes, sample: pa.Table, filtered: pa.Table, passages: pa.Table,
                                       rubric: Rubric) -> None:
    assert write_workbook(sample, filtered, passages, rubric, "reviewer_1") == raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {m.date_time for m in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_a_leading_equals_sign_stays_text(raw: bytes) -> None:
    ws = load_workbook(io.BytesIO(raw))["Records"]
    cells = [c for row in ws.iter_rows(min_row=2) for c in row if c.value == "=1+1"]
    assert [(c.data_type, bool(c.quotePrefix)) for c in cells] == [("s", True)]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert not any(b"<f>" in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/"))


def test_reviewers_are_blind_to_origin(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist())
    for secret in (b"secret-model", b"secret_source", b"synthetic", b"rec-1"):
        assert secret not in everything


def test_evidence_options_and_audience_are_shown(raw: bytes) -> None:
    ws = load_workbook(io.BytesIO(raw))["Records"]
    heads = [c.value for c in ws[1]]
    rows = {row[heads.index("Instruction")]: dict(zip(heads, row, strict=True))
            for row in ws.iter_rows(min_row=2, values_only=True)}
    assert rows["What is a fever?"]["Evidence"] == "[1] Fever (Fever, What)"
    assert rows["What is a fever?"]["Audience"] == "patient"
    assert rows["=1+1"]["Input"] == "A. two\nB. three"
    assert rows["=1+1"]["Output"] == "Answer: A\nTwo."
    assert rows["=1+1"]["Evidence"] == "No evidence is cited."
    assert "Rationale" not in heads


def test_choices_are_offered_and_answers_alone_are_open(raw: bytes, rubric: Rubric) -> None:
    ws = load_workbook(io.BytesIO(raw))["Records"]
    lists = [v.formula1 for v in ws.data_validations.dataValidation if v.type == "list"]
    assert lists == ['"yes,no"'] * len(rubric.gates) + ['"1,2,3,4,5"'] * len(rubric.axes) + [
        '"none,mild,moderate,severe,death"', '"unlikely,possible,likely"', '"accept,correct,reject"']
    heads = {c.value: c.column for c in ws[1]}
    assert ws.protection.sheet
    assert ws.cell(2, heads["Output"]).protection.locked
    assert not ws.cell(2, heads["Decision"]).protection.locked
    assert ws.column_dimensions["A"].hidden
    assert ws.freeze_panes == "D2"


def test_an_unknown_reviewer_or_a_missing_record_is_said(sample: pa.Table, filtered: pa.Table, passages: pa.Table,
                                                         rubric: Rubric, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="reviewer_1, reviewer_2"):
        write_workbook(sample, filtered, passages, rubric, "reviewer_9")
    with pytest.raises(ContractError, match="1 sampled records"):
        write_workbook(sample, filtered.slice(0, 1), passages, rubric, "reviewer_1")
