"""A release is read by the programs that people use, offline."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap

import pytest

from itd_pipeline.release.build import build_release


@pytest.fixture
def content(make_inputs, rows):
    records = [rows["record"](n) for n in range(28)]
    words = {"passage_id": "", "start": None, "end": None, "quote": "", "reference": "Guideline 12"}
    records.append(rows["record"](28, citations=[words], passage_ids=[], codes=["HP:0001250"], difficulty=3))
    records.append(rows["record"](29, citations=[], options=["Cold", "Fever"], answer_key="B", cost_usd=0.25))
    return build_release(make_inputs(records))


def _run(code: str, folder, tmp_path) -> dict:
    """Run `code` in a process of its own: these libraries read their settings when they are imported."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(folder)], env=environment, check=False,
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_datasets_loads_exactly_the_splits(content, write, tmp_path):
    pytest.importorskip("datasets")
    found = _run("""
        import json, sys
        from datasets import load_dataset
        loaded = load_dataset(sys.argv[1])
        row = next(r for part in loaded.values() for r in part if r["record_id"] == "r029")
        print(json.dumps({"rows": {k: v.num_rows for k, v in loaded.items()},
                          "columns": list(loaded["train"].column_names), "options": row["options"]}))
        """, write(content), tmp_path)
    assert found["rows"] == json.loads(content.files["RELEASE.json"])["rows_per_split"]
    assert found["columns"][0] == "record_id"
    assert found["options"] == ["Cold", "Fever"]


@pytest.mark.slow
def test_mlcroissant_finds_no_errors_and_yields_the_records(content, write, tmp_path):
    pytest.importorskip("mlcroissant")
    found = _run("""
        import json, sys
        import mlcroissant
        dataset = mlcroissant.Dataset(jsonld=sys.argv[1] + "/croissant.json")
        issues = dataset.metadata.ctx.issues
        sets = [s.id for s in dataset.metadata.record_sets]
        plain = lambda v: v.decode() if isinstance(v, bytes) else str(v)
        records = {s: list(dataset.records(record_set=s)) for s in sets}
        print(json.dumps({
            "errors": sorted(issues.errors), "warnings": sorted(issues.warnings),
            "rows": {s: len(r) for s, r in records.items()},
            "rows_by_id": {r[s + "/record_id"].decode(): {k.split("/", 1)[1]: v for k, v in r.items()}
                           for s in sets if s != "lineage" for r in records[s]},
        }, default=plain))
        """, write(content), tmp_path)
    facts = json.loads(content.files["RELEASE.json"])
    assert found["errors"] == []
    assert found["warnings"] == []
    assert found["rows"] == {**facts["rows_per_split"], "lineage": 31}  # r028 has a document and a reference in words
    assert found["rows_by_id"]["r028"]["codes"] == ["HP:0001250"]
    assert found["rows_by_id"]["r028"]["difficulty"] == 3
    assert found["rows_by_id"]["r029"]["cost_usd"] == 0.25
    assert next(iter(found["rows_by_id"]["r001"]["citations"][0].values())) == "p1"


def test_croissant_names_every_parquet_file_with_its_digest(content):
    croissant = json.loads(content.files["croissant.json"])
    for part in croissant["distribution"]:
        assert part["sha256"] == hashlib.sha256(content.files[part["contentUrl"]]).hexdigest()
    assert croissant["datePublished"] == "2026-03-02"
    assert croissant["license"] == ["https://spdx.org/licenses/CC-BY-4.0.html"]
