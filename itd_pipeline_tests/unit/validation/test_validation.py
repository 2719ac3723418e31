"""Any dataset is read, held against the profile, and what it lacks is said."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from itd_pipeline.errors import SourceError
from itd_pipeline.tables.records import RECORD_COLUMNS
from itd_pipeline.validation import Finding, read_dataset, schemas, validate
from itd_pipeline_tests.conftest import ROOT
from itd_pipeline_tests.unit.release.conftest import record

SHARED = Path(os.environ.get("ITD_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def found(path: Path) -> dict[str, Finding]:
    return {finding.id: finding for finding in validate(read_dataset(path))}


def test_a_bare_set_of_pairs_lacks_nearly_everything(tmp_path: Path) -> None:
    path = lines(tmp_path / "pairs.jsonl", [{"question": "What is gout?", "answer": "An arthritis."},
                                            {"question": "What is gout?", "answer": "An arthritis."},
                                            {"question": "Who has it?", "answer": None}])
    findings = found(path)
    assert findings["content.instruction"].status == "holds"
    assert (findings["content.output"].status, findings["content.output"].share) == ("partly", pytest.approx(2 / 3))
    assert findings["content.distinct"].detail == "1 rows repeat another"
    assert findings["review.status"].status == "missing"
    assert {f.status for f in findings.values() if f.id.startswith("documents.")} == {"missing"}


def test_splits_by_file_name_and_a_question_in_two_of_them(tmp_path: Path) -> None:
    lines(tmp_path / "train.jsonl", [{"prompt": "A?", "completion": "a"}, {"prompt": "B?", "completion": "b"}])
    lines(tmp_path / "test.jsonl", [{"prompt": " a? ", "completion": "c"}])
    (tmp_path / "README.md").write_text("# A card")
    findings = found(tmp_path)
    assert findings["splits.declared"].status == "holds"
    assert findings["splits.apart"].detail == "1 questions stand in several splits"
    assert findings["documents.card"].status == "holds"


@pytest.mark.parametrize("make", ["json", "nested", "csv", "parquet", "chat", "gz"])
def test_every_kind_of_file(tmp_path: Path, make: str) -> None:
    rows = [{"id": "1", "instruction": "Explain asthma.", "output": "Narrow airways."}]
    if make == "json":
        (tmp_path / "d.json").write_text(json.dumps(rows))
    elif make == "nested":
        (tmp_path / "d.json").write_text(json.dumps({"1": {"QUESTION": "Explain asthma.", "LONG_ANSWER": "Narrow."}}))
    elif make == "csv":
        (tmp_path / "d.csv").write_text("id,instruction,output\n1,Explain asthma.,Narrow airways.\n")
    elif make == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet")
    elif make == "chat":
        lines(tmp_path / "d.jsonl", [{"id": "1", "messages": [{"role": "user", "content": "Explain asthma."},
                                                              {"role": "assistant", "content": "Narrow airways."}]}])
    else:
        (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress(json.dumps(rows[0]).encode()))
    findings = found(tmp_path)
    assert findings["identity.id"].status == findings["content.output"].status == "holds"


def test_our_own_records_are_valid_by_their_schema_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    columns = [c.name for c in RECORD_COLUMNS if c.sensitivity != "identifying"]
    rows = [{name: record(n).get(name) for name in columns} for n in range(3)]
    assert found(lines(tmp_path / "a" / "d.jsonl", rows))["schema.record"].status == "holds"
    rows[0]["task_type"] = "chit_chat"
    finding = found(lines(tmp_path / "b" / "d.jsonl", rows))["schema.record"]
    assert finding.share == pytest.approx(2 / 3)


def test_an_identifier_is_counted_and_never_shown(tmp_path: Path) -> None:
    path = lines(tmp_path / "d.jsonl", [{"question": "Who?", "answer": "Call Dr. Anna Schmidt, 555-123-4567."}])
    finding = found(path)["privacy.scan"]
    assert finding.share == 0
    assert "Schmidt" not in finding.detail


def test_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no"):
        read_dataset(tmp_path / "absent")
    (tmp_path / "d.json").write_text("{broken")
    with pytest.raises(SourceError, match=r"Not readable: d\.json"):
        read_dataset(tmp_path)


def test_schemas_are_schemas_and_the_shipped_rubric_is_valid() -> None:
    made = schemas()
    for schema in made.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    rubric = yaml.safe_load((ROOT / "data" / "rubric.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(rubric, made["itd-rubric-1.schema.json"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets are not here; ITD_SHARED_DATA names their folder")
@pytest.mark.parametrize(("name", "rows"), [
    ("pubmedqa", 1000), ("medicationqa", 690), ("meqsum", 1000), ("alpacare/data/med_seed.json", 167),
    ("mts_dialog/Main-Dataset", 1701), ("medsafetybench/test", 900)])
def test_public_sets(name: str, rows: int) -> None:
    dataset = read_dataset(SHARED / name)
    assert len(dataset.rows) == rows
    findings = validate(dataset)
    assert len(findings) == 30
    assert any(f.status == "holds" for f in findings)
    assert any(f.status == "missing" for f in findings)


@pytest.mark.parametrize(("file", "split"), [
    ("train.jsonl", "train"), ("latest.jsonl", ""), ("trained-rows.jsonl", ""), ("questions_dev.jsonl", "validation"),
    ("MTS-Dialog-TestSet-1.jsonl", "test"), ("test/part-0.jsonl", "test"), ("data/val/0000.jsonl", "validation"),
])
def test_a_split_is_told_by_whole_words_of_file_or_folder(tmp_path: Path, file: str, split: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(json.dumps({"question": "What is fever?", "answer": "A high temperature."}) + "\n")
    assert [row.get("split", "") for row in read_dataset(tmp_path).rows] == [split]


def test_json_with_a_list_for_each_split_is_read_whole(tmp_path: Path) -> None:
    row = {"question": "What is fever?", "answer": "A high temperature."}
    (tmp_path / "all.json").write_text(json.dumps({"train": [row], "test": [{**row, "question": "What is cough?"}]}))
    assert [r["split"] for r in read_dataset(tmp_path).rows] == ["train", "test"]


def test_json_with_a_list_under_one_key_is_that_list(tmp_path: Path) -> None:
    row = {"question": "What is fever?", "answer": "A high temperature."}
    (tmp_path / "all.json").write_text(json.dumps({"version": "1", "data": [row]}))
    assert [r["instruction"] for r in read_dataset(tmp_path).rows] == ["What is fever?"]


def test_a_line_that_is_no_record_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"question": "A?", "answer": "a"}\n{broken\n[1, 2]\n{"question": "B?", "answer": "b"}\n')
    readable = found(path)["content.readable"]
    assert (readable.status, readable.share) == ("partly", 0.5)
    assert readable.detail == "2 files or lines are not readable: pairs.jsonl, line 2, pairs.jsonl, line 3"
    good = lines(tmp_path / "good.jsonl", [{"question": "A?", "answer": "a"}])
    assert found(good)["content.readable"].status == "holds"


def test_a_column_that_the_first_row_leaves_out_is_seen(tmp_path: Path) -> None:
    path = lines(tmp_path / "pairs.jsonl", [{"question": "A?"}, {"question": "B?", "answer": "b"}])
    assert found(path)["content.output"].share == 0.5


def test_rubric_and_report_are_held_against_their_schemas(tmp_path: Path) -> None:
    lines(tmp_path / "data.jsonl", [{"question": "A?", "answer": "a"}])
    assert {found(tmp_path)[one].detail for one in ("schema.rubric", "schema.report")} == {"not there"}
    (tmp_path / "rubric.yaml").write_bytes((ROOT / "data" / "rubric.yaml").read_bytes())
    (tmp_path / "report.json").write_text('{"status": "draft", "metrics": []}')
    assert {found(tmp_path)[one].status for one in ("schema.rubric", "schema.report")} == {"holds"}
    (tmp_path / "rubric.yaml").write_text("version: '1'\ngates: []\naxes: 3\n")
    (tmp_path / "report.json").write_text("{")
    findings = found(tmp_path)
    assert findings["schema.rubric"].status == "missing"
    assert "the first at $" in findings["schema.rubric"].detail
    assert findings["schema.report"].detail == "not readable"
