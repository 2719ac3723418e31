from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from itd_pipeline.errors import ContractError
from itd_pipeline.release.build import build_release
from itd_pipeline.release.lineage import LINEAGE
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import RELEASED


def _parquet(raw: bytes) -> pa.Table:
    return pq.ParquetFile(io.BytesIO(raw)).read()


def test_two_builds_give_the_same_bytes(make_inputs):
    first, second = build_release(make_inputs()), build_release(make_inputs())
    assert first.files == second.files
    assert first.version == second.version


def test_the_order_of_input_rows_leaves_no_trace(make_inputs, rows):
    order = [*range(29, 9, -1), *range(10)]
    table = FILTERED.from_rows([rows["record"](n) for n in order])
    chunked = pa.concat_tables([table.slice(0, 7), table.slice(7)])
    shuffled = make_inputs(
        chunked, passages=[rows["passage"](n) for n in order], documents=[rows["document"](n) for n in order],
        funnel=list(reversed(make_inputs().funnel)))
    assert build_release(shuffled).files == build_release(make_inputs()).files


def test_every_file_is_there_and_sorted(make_inputs):
    content = build_release(make_inputs())
    assert list(content.files) == sorted(content.files)
    assert set(content.files) == {
        "CHECKLISTS.md", "DATASHEET.md", "README.md", "RELEASE.json", "SHA256SUMS", "config.yaml",
        "corrections.parquet", "croissant.json",
        "evaluation.parquet", "funnel.parquet", "lineage.parquet", "numbers.parquet", "policy.yaml",
        "prompts/definition.j2", "rejected.parquet", "report.html", "report.json", "review.parquet", "versions.json",
        "views.sql", "formats/dataset_info.json",
        *(f"training/{tool}.yaml" for tool in ("trl", "axolotl", "llamafactory")),
        *(f"data/{s}-00000-of-00001.parquet" for s in ("train", "validation", "test")),
        *(f"formats/{f}/{s}.jsonl" for f in ("chat", "sharegpt", "alpaca") for s in ("train", "validation", "test")),
    }


def test_rows_in_are_rows_released_or_rejected(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](1), rows["record"](2, licence="unknown")]))
    batch = content.batch
    assert (batch.units_in, batch.rows.num_rows, batch.rejects.num_rows) == (2, 1, 1)
    assert batch.rows.schema.names == list(RELEASED.names)
    assert batch.rejects.schema.names == list(REJECTS.names)
    assert batch.rows["version"].to_pylist() == [content.version]


def test_records_keep_every_column_in_the_order_of_the_contract(make_inputs):
    content = build_release(make_inputs())
    table = _parquet(content.files["data/train-00000-of-00001.parquet"])
    assert tuple(table.schema.names) == FILTERED.names
    assert table["record_id"].to_pylist() == sorted(table["record_id"].to_pylist())
    assert table.schema.metadata is None or b"pandas" not in table.schema.metadata


def test_no_parquet_file_depends_on_the_version(make_inputs):
    content = build_release(make_inputs())
    naming = [p for p, raw in content.files.items() if content.version.encode() in raw]
    assert naming == ["CHECKLISTS.md", "DATASHEET.md", "README.md", "RELEASE.json", "croissant.json"]


@pytest.mark.parametrize("change", [
    {"report_html": b"<p>other</p>"}, {"policy": "rules: []\n"}, {"config": "profile: tiny\nlake: x\n"},
    {"prompts": {"definition.j2": "Define {{ term }}!"}}, {"code_version": "0.1.1"},
    {"review": {"status": "not reviewed", "assigned": 60}},
])
def test_any_change_gives_another_version(make_inputs, change):
    assert build_release(make_inputs(**change)).version != build_release(make_inputs()).version


@pytest.mark.parametrize(("ready", "expected"), [(None, "draft"), (False, "draft"), ("yes", "draft"),
                                                 (True, "reviewed")])
def test_a_release_is_a_draft_unless_the_review_gate_holds(make_inputs, ready, expected):
    content = build_release(make_inputs(review={"status": "reviewed", "ready": ready}))
    assert content.status == expected
    assert json.loads(content.files["RELEASE.json"])["status"] == expected
    card = content.files["README.md"].decode()
    head = card.split("---\n", 2)[2].strip().splitlines()[:4]
    assert any("DRAFT" in line for line in head) == (expected == "draft")


def test_a_missing_review_status_is_a_draft(make_inputs):
    assert build_release(make_inputs(review={"rated": 3})).status == "draft"


def test_no_path_of_this_machine_leaves(make_inputs, tmp_path: Path):
    made = make_inputs().settings
    source = made.sources["terms"].model_copy(update={"path": tmp_path / "data" / "terms.obo"})
    here = made.model_copy(update={
        "root": tmp_path, "sources": {**made.sources, "terms": source}, "policy": Path("/srv/ward 7/policy.yaml")})
    config = (f"lake: {tmp_path}/lake\npath: {tmp_path}/data/terms.obo\npolicy: /srv/ward 7/policy.yaml\n"
              f"root: {tmp_path}\nother: elsewhere{tmp_path}\n")
    files = build_release(make_inputs(config=config, settings=here)).files
    assert files["config.yaml"].decode().splitlines() == [
        "lake: ./lake", f"other: elsewhere{tmp_path}", "path: data/terms.obo", "policy: outside/policy.yaml",
        "root: ."]


@pytest.mark.parametrize("name", ["../escape.txt", "/etc/x", "a/../../b", "a b", "", ".hidden"])
def test_a_prompt_cannot_be_written_elsewhere(make_inputs, name):
    with pytest.raises(ContractError, match="cannot be the name"):
        build_release(make_inputs(prompts={name: "x"}))


def test_an_empty_split_has_no_file_and_the_card_says_so(make_inputs, rows):
    content = build_release(make_inputs(
        [rows["record"](n) for n in range(3)], release={"validation_share": 0.0, "test_share": 0.0}))
    assert [p for p in content.files if p.startswith("data/")] == ["data/train-00000-of-00001.parquet"]
    card = content.files["README.md"].decode()
    assert "The split `validation` is empty" in card
    assert yaml.safe_load(card.split("---\n")[1])["configs"][0]["data_files"] == [
        {"split": "train", "path": "data/train-00000-of-00001.parquet"}]


def test_a_release_without_records_keeps_its_rejects(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](1, licence="")]))
    assert content.batch.rejects.num_rows == 1
    assert not [p for p in content.files if p.startswith(("data/", "formats/"))]
    assert "holds no records" in content.files["README.md"].decode()


def test_lineage_leads_from_a_record_to_characters_of_a_document(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](4, route="hybrid", model="m", request_id="q",
                                                       seed_ids=["s1"])]))
    table = _parquet(content.files["lineage.parquet"])
    assert tuple(table.schema.names) == LINEAGE.names
    row = table.to_pylist()[0]
    assert {k: row[k] for k in ("record_id", "document_id", "external_id", "url", "passage_id", "passage_start",
                                "passage_end", "citation_start", "citation_end", "model", "request_id", "seed_ids")} \
        == {"record_id": "r004", "document_id": "d4", "external_id": "HP:4", "url": "https://example.org/4",
            "passage_id": "p4", "passage_start": 10, "passage_end": 21, "citation_start": 0, "citation_end": 4,
            "model": "m", "request_id": "q", "seed_ids": ["s1"]}


def test_lineage_of_every_kind_of_evidence(make_inputs, rows):
    words = {"passage_id": "", "start": None, "end": None, "quote": "", "reference": "Guideline 12"}
    twice = [{"passage_id": "p1", "start": s, "end": s + 2, "quote": "xx", "reference": ""} for s in (0, 2)]
    content = build_release(make_inputs([
        rows["record"](1, citations=twice),
        rows["record"](2, citations=[], passage_ids=[]),
        rows["record"](3, citations=[words], passage_ids=[], document_ids=[], source="expert_seeds", route="manual"),
        rows["record"](4, citations=[], passage_ids=[], document_ids=[]),
    ]))
    found = [(r["record_id"], r["document_id"], r["passage_id"], r["citation_start"], r["reference"])
             for r in _parquet(content.files["lineage.parquet"]).to_pylist()]
    assert found == [
        ("r001", "d1", "p1", 0, None), ("r001", "d1", "p1", 2, None), ("r002", "d2", None, None, None),
        ("r003", None, None, None, "Guideline 12"),
    ]
    assert content.batch.rejects.select(["row_id", "reason", "detail"]).to_pylist() == [
        {"row_id": "r004", "reason": "lineage_incomplete", "detail": "not recorded: document_ids"}]


def test_lineage_of_patient_data_leaves_out_what_may_point_at_a_person(make_inputs, rows):
    content = build_release(make_inputs(
        [rows["record"](1, source="letters", patient_data=True, privacy_status="de_identified")],
        passages=[rows["passage"](1, source="letters", patient_data=True, privacy_status="de_identified")],
        documents=[rows["document"](1, source="letters", patient_data=True, external_id="MRN-555-0199")],
        release={"allow_patient_data": True}))
    row = _parquet(content.files["lineage.parquet"]).to_pylist()[0]
    assert {name for name in ("external_id", "url", "origin", "content_hash", "passage_start", "passage_end")
            if row[name] is not None} == set()
    assert not [p for p, raw in content.files.items() if b"MRN-555-0199" in raw]
