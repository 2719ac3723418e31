"""Ids of patient data do not leave: neither they nor their order can confirm a guess at a person."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from itd_pipeline.ports import content_id
from itd_pipeline.release.build import build_release
from itd_pipeline.release.splits import split_leaks
from itd_pipeline.release.verify import verify_release

PRIVATE = {"patient_data": True, "privacy_status": "de_identified"}
MRN = ("0012345", "0067890")


def _group(number):
    return content_id("group", "letters", MRN[number % 2])


def _ids(number, salt=""):
    """Ids as the stages make them, for letter `number` of one of two patients."""
    document = content_id("doc", "letters", str(number), salt)
    passage = content_id("passage", document)
    return document, passage, content_id("rec", passage)


def _letters(make_inputs, rows, salt="", backwards=False, public=3, **more):
    records = [rows["record"](n) for n in range(public)]
    passages = [rows["passage"](n) for n in range(public)]
    documents = [rows["document"](n) for n in range(public)]
    for n in range(12):
        document, passage, record = _ids(n, salt)
        source = {"source": "letters", "licence": "LicenseRef-ward"}
        records.append(rows["record"](
            100 + n, **source, **PRIVATE, record_id=record, document_ids=[document], passage_ids=[passage],
            group_id=_group(n), evidence_date="2027-03-12", request_id="e" * 64, citations=[
                {"passage_id": passage, "start": 0, "end": 4, "quote": "Find", "reference": ""}]))
        passages.append(rows["passage"](
            100 + n, **source, **PRIVATE, passage_id=passage, document_id=document, group_id=_group(n)))
        documents.append(rows["document"](
            100 + n, **source, patient_data=True, document_id=document, external_id=str(n), group_id=_group(n),
            content_hash=f"{n:064}", retrieved_on=None))
    if backwards:
        records, passages, documents = records[::-1], passages[::-1], documents[::-1]
    return build_release(make_inputs(records, passages=passages, documents=documents,
                                     release={"allow_patient_data": True, "validation_share": 0.3,
                                              "test_share": 0.3}, **more))


def _tables(content, prefix):
    return pa.concat_tables(
        [pq.ParquetFile(io.BytesIO(raw)).read() for path, raw in content.files.items()
         if path.startswith(prefix) and path.endswith(".parquet")]).to_pylist()


def test_no_hash_over_patient_data_is_in_any_file(make_inputs, rows):
    content = _letters(make_inputs, rows)
    hashes = {h for n in range(12) for h in (*_ids(n), _group(n), f"{n:064}")} | {"e" * 64}
    told = json.dumps([_tables(content, "data/"), _tables(content, "lineage")])
    told += "".join(raw.decode() for path, raw in content.files.items() if not path.endswith(".parquet"))
    assert {h for h in hashes if h in told} == set()


def test_data_formats_and_lineage_use_the_same_names(make_inputs, rows):
    content = _letters(make_inputs, rows)
    data = {r["record_id"]: r for r in _tables(content, "data/")}
    lineage = _tables(content, "lineage")
    patients = {name for name in data if name.startswith("patient-record-")}
    assert patients == {f"patient-record-{n:04}" for n in range(1, 13)}
    assert {r["group_id"] for r in data.values() if r["patient_data"]} == {"patient-group-0001", "patient-group-0002"}
    for row in lineage:
        record = data[row["record_id"]]
        assert record["document_ids"] == [row["document_id"]]
        assert record["passage_ids"] == [row["passage_id"]] == [record["citations"][0]["passage_id"]]
        assert record["group_id"] == row["document_group_id"]
    lines = [json.loads(line) for path, raw in content.files.items() if path.startswith("formats/chat/")
             for line in raw.decode().splitlines()]
    assert {line["record_id"] for line in lines} == set(data)


def test_records_of_the_public_keep_their_ids(make_inputs, rows):
    content = _letters(make_inputs, rows)
    plain = [r for r in _tables(content, "data/") if not r["patient_data"]]
    assert {(r["record_id"], r["group_id"], *r["document_ids"], *r["passage_ids"]) for r in plain} == {
        (f"r{n:03}", f"g{n}", f"d{n}", f"p{n}") for n in range(3)}
    traced = next(r for r in _tables(content, "lineage") if r["record_id"] == "r001")
    assert (traced["content_hash"], traced["passage_start"], traced["passage_end"]) == ("c" * 64, 10, 21)


def test_the_names_do_not_depend_on_the_ids(make_inputs, rows):
    def told(content):
        return {r["record_id"]: r["instruction"] for r in _tables(content, "data/")}

    assert told(_letters(make_inputs, rows)) == told(_letters(make_inputs, rows, salt="another original text"))


def test_the_order_of_the_input_leaves_no_trace_in_the_names(make_inputs, rows):
    assert _letters(make_inputs, rows).files == _letters(make_inputs, rows, backwards=True).files


def test_the_lake_keeps_the_real_ids(make_inputs, rows):
    kept = _letters(make_inputs, rows).batch.rows.to_pylist()
    assert {r["record_id"] for r in kept if r["patient_data"]} == {_ids(n)[2] for n in range(12)}
    assert {r["group_id"] for r in kept if r["patient_data"]} == {_group(0), _group(1)}


def test_splits_can_still_be_verified(make_inputs, rows, write):
    content = _letters(make_inputs, rows)
    assert verify_release(write(content)) == []
    told = pa.concat_tables([
        pq.ParquetFile(io.BytesIO(raw)).read() for path, raw in content.files.items() if path.startswith("data/")])
    torn = told.append_column("split", pa.array(["test" if n % 3 else "train" for n in range(told.num_rows)]))
    assert "group patient-group-0001 stands in train and test" in split_leaks(torn)


def test_a_seed_that_rests_on_patient_data_is_named_alike_everywhere(make_inputs, rows):
    seed = rows["record"](1, source="letters", record_id="rec-secret", **PRIVATE)
    content = build_release(make_inputs(
        [seed, rows["record"](2, seed_ids=["rec-secret", "s9"])], release={"allow_patient_data": True}))
    for table in ("data/", "lineage"):
        row = next(r for r in _tables(content, table) if r["record_id"] == "r002")
        assert row["seed_ids"] == ["patient-record-0001", "s9"]


def test_of_a_date_about_a_patient_only_the_year_leaves(make_inputs, rows):
    content = _letters(make_inputs, rows)
    assert {r["evidence_date"] for r in _tables(content, "data/") if r["patient_data"]} == {"2027"}
    assert not [p for p, raw in content.files.items() if b"2027-03-12" in raw]


@pytest.mark.parametrize(("public", "newest"), [(0, "2027"), (3, "2027")])
def test_patient_data_decides_the_newest_date_by_the_year_alone(make_inputs, rows, public, newest):
    facts = json.loads(_letters(make_inputs, rows, public=public).files["RELEASE.json"])
    assert facts["newest_date"] == newest


def test_a_whole_date_of_public_evidence_goes_before_the_same_year_of_a_patient(make_inputs, rows):
    content = build_release(make_inputs(
        [rows["record"](1), rows["record"](2, source="letters", evidence_date="2026-11-30", **PRIVATE)],
        release={"allow_patient_data": True}))
    assert json.loads(content.files["RELEASE.json"])["newest_date"] == "2026-03-02"
