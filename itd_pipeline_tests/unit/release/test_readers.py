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
    strong = {f"r{n:03}": {"rank": 30 - n, "complexity": 0.5, "quality": 0.5} for n in range(28)}
    return build_release(make_inputs(records, strong=strong))


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
        others = {name: load_dataset(f"{sys.argv[1]}/formats/{name}") for name in ("chat", "sharegpt", "alpaca",
                                                                                   "strong-chat")}
        others["strong"] = load_dataset(sys.argv[1], "strong")
        print(json.dumps({"rows": {k: v.num_rows for k, v in loaded.items()},
                          "others": {name: {k: v.num_rows for k, v in one.items()} for name, one in others.items()},
                          "first_strong": others["strong"]["train"][0]["record_id"],
                          "roles": [turn["role"] for turn in others["chat"]["train"][0]["messages"]],
                          "columns": list(loaded["train"].column_names), "options": row["options"]}))
        """, write(content), tmp_path)
    assert found["rows"] == json.loads(content.files["RELEASE.json"])["rows_per_split"]
    facts = json.loads(content.files["RELEASE.json"])
    for shape in ("chat", "sharegpt", "alpaca"):
        assert found["others"][shape] == found["rows"]
    assert found["others"]["strong"] == found["others"]["strong-chat"] == facts["strong"]["rows_per_split"]
    assert found["first_strong"] > "r013"  # by rank, which runs against the ids here
    assert found["roles"] == ["user", "assistant"]
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
                           for s in sets if s in ("train", "validation", "test") for r in records[s]},
        }, default=plain))
        """, write(content), tmp_path)
    facts = json.loads(content.files["RELEASE.json"])
    assert found["errors"] == []
    assert found["warnings"] == []
    assert {name: count for name, count in found["rows"].items() if not name.startswith("strong")} == {
        **facts["rows_per_split"], "lineage": 31}  # r028 has a document and a reference in words
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


def test_croissant_says_where_each_answer_came_from(content):
    croissant = json.loads(content.files["croissant.json"])
    assert croissant["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    train = next(s for s in croissant["recordSet"] if s["name"] == "train")
    output = next(f for f in train["field"] if f["name"] == "output")
    assert {a["name"]: a["equivalentProperty"] for a in output["annotation"]} == {
        "output/document_ids": "prov:wasDerivedFrom", "output/passage_ids": "prov:wasQuotedFrom",
        "output/seed_ids": "prov:wasInfluencedBy", "output/author": "prov:wasAttributedTo"}
    assert croissant["prov:wasDerivedFrom"][0]["prov:label"] == "The Term Consortium"
    assert {name for name in croissant if name.startswith("rai:")} >= {
        "rai:dataCollection", "rai:dataPreprocessingProtocol", "rai:dataLimitations", "rai:dataUseCases",
        "rai:personalSensitiveInformation", "rai:dataReleaseMaintenancePlan"}


def test_pandas_polars_and_duckdb_read_it_as_it_is(content, write):
    import duckdb
    import pandas as pd

    folder = write(content)
    rows = json.loads(content.files["RELEASE.json"])["rows"]
    assert sum(len(pd.read_parquet(path)) for path in folder.glob("data/*.parquet")) == rows
    assert duckdb.sql(f"SELECT count(*) FROM '{folder}/data/*.parquet'").fetchall() == [(rows,)]
    polars = pytest.importorskip("polars")
    table = polars.read_parquet(f"{folder}/data/*.parquet")
    assert table.height == rows
    assert table["citations"].dtype == polars.List
