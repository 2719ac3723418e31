from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest

from itd_pipeline.release.build import build_release
from itd_pipeline.release.contamination import prints_table


def _rejects(content):
    return [(r["row_id"], r["reason"]) for r in content.batch.rejects.to_pylist()]


@pytest.mark.parametrize("licence", ["", " ", "unknown", "Unspecified", "NOASSERTION", "LicenseRef-unknown",
                                     "MIT AND unknown"])
def test_an_undeclared_licence_is_rejected(make_inputs, rows, licence):
    content = build_release(make_inputs([rows["record"](1, licence=licence)]))
    assert _rejects(content) == [("r001", "licence_not_allowed")]


@pytest.mark.parametrize(("allowed", "rejected"), [
    ((), []), (("CC-BY-4.0",), []), (("cc-by-4.0",), []), (("MIT",), [("r001", "licence_not_allowed")]),
])
def test_the_profile_decides_which_declared_licences_leave(make_inputs, rows, allowed, rejected):
    content = build_release(make_inputs([rows["record"](1)], release={"licences": allowed}))
    assert _rejects(content) == rejected


def test_every_part_of_a_joint_licence_must_be_allowed(make_inputs, rows):
    record = rows["record"](1, licence="CC-BY-4.0 AND MIT")
    assert _rejects(build_release(make_inputs([record], release={"licences": ("CC-BY-4.0",)})))
    assert not _rejects(build_release(make_inputs([record], release={"licences": ("CC-BY-4.0", "MIT")})))


def test_the_licence_of_the_evidence_counts_too(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](1)], passages=[rows["passage"](1, licence="unknown")]))
    assert _rejects(content) == [("r001", "licence_not_allowed")]


@pytest.mark.parametrize(("allow", "status", "rejected"), [
    (False, "de_identified", [("r001", "patient_data_not_allowed")]),
    (True, "de_identified", []),
    (True, "no_patient_data", [("r001", "patient_data_not_allowed")]),
    (True, "residual_identifiers", [("r001", "identifiers_found")]),
])
def test_patient_data_leaves_only_allowed_and_de_identified(make_inputs, rows, allow, status, rejected):
    record = rows["record"](1, patient_data=True, privacy_status=status)
    assert _rejects(build_release(make_inputs([record], release={"allow_patient_data": allow}))) == rejected


def test_patient_data_in_the_evidence_or_source_is_patient_data(make_inputs, rows):
    evidence = make_inputs([rows["record"](1)], passages=[rows["passage"](1, patient_data=True)])
    assert _rejects(build_release(evidence)) == [("r001", "patient_data_not_allowed")]
    source = make_inputs([rows["record"](1, source="letters")])
    assert _rejects(build_release(source)) == [("r001", "patient_data_not_allowed")]


def test_a_record_that_hides_its_patients_does_not_leave(make_inputs, rows):
    hidden = rows["record"](1, privacy_status="de_identified")
    content = build_release(make_inputs(
        [hidden], passages=[rows["passage"](1, patient_data=True)], release={"allow_patient_data": True}))
    assert _rejects(content) == [("r001", "patient_data_not_allowed")]


def test_identifiers_in_the_evidence_count_too(make_inputs, rows):
    content = build_release(make_inputs(
        [rows["record"](1)], passages=[rows["passage"](1, privacy_status="residual_identifiers")]))
    assert _rejects(content) == [("r001", "identifiers_found")]


def test_a_record_that_an_expert_rejected_does_not_leave(make_inputs, rows):
    records = [rows["record"](n, review_status=s) for n, s in enumerate(("accepted", "corrected", "rejected"))]
    assert _rejects(build_release(make_inputs(records))) == [("r002", "rejected_in_review")]


def test_what_experts_decided_goes_before_what_the_record_says(make_inputs, rows):
    records = [rows["record"](n) for n in range(4)] + [rows["record"](4, review_status="corrected")]
    content = build_release(make_inputs(records, decisions={
        "r000": "accepted", "r001": "rejected", "r002": "corrected", "r004": "corrected", "elsewhere": "rejected"}))
    assert _rejects(content) == [("r001", "rejected_in_review"), ("r002", "correction_not_applied")]
    facts = json.loads(content.files["RELEASE.json"])
    assert facts["composition"]["review_status"] == {"accepted": 1, "corrected": 1, "unreviewed": 1}


def test_a_record_whose_evidence_is_unknown_does_not_leave(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](1), rows["record"](2, document_ids=["d2", "d99"])]))
    assert _rejects(content) == [("r002", "evidence_not_found")]
    assert content.batch.rejects.to_pylist()[0]["detail"] == "not found: d99"


def test_a_second_record_of_the_same_id_is_rejected_under_an_id_of_its_own(make_inputs, rows):
    content = build_release(make_inputs([rows["record"](1), rows["record"](1), rows["record"](1)]))
    assert _rejects(content) == [("r001#2", "duplicate_record_id"), ("r001#3", "duplicate_record_id")]
    assert content.batch.rows.num_rows == 1


def test_a_reject_is_whole_and_its_detail_holds_no_text(make_inputs, rows):
    record = rows["record"](1, licence="unknown", privacy_status="residual_identifiers", output="Jane Roe is ill.")
    reject = build_release(make_inputs([record])).batch.rejects.to_pylist()[0]
    assert reject["detail"] == "licence 'unknown'; allowed: every declared licence; also identifiers_found"
    assert json.loads(reject["row"])["output"] == "Jane Roe is ill."


def test_a_record_in_which_the_scan_finds_something_stays(make_inputs, rows):
    said = "Call Dr. Jane Miller at 212-555-0199."
    printed = [{"passage_id": "p2", "start": 0, "end": len(said), "quote": said, "reference": ""}]
    content = build_release(make_inputs([
        rows["record"](1, output=said), rows["record"](2, output=said, citations=printed),
        rows["record"](3, output=said, route="converted")]))
    assert content.batch.rejects.select(["row_id", "reason"]).to_pylist() == [
        {"row_id": "r001", "reason": "identifiers_found"}]
    assert "Miller" not in content.batch.rejects["detail"][0].as_py()


def test_a_record_that_shares_thirteen_words_with_a_benchmark_says_so(make_inputs, rows):
    item = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    prints = prints_table([("bench", "7", [item])])
    content = build_release(make_inputs(
        [rows["record"](1, output=f"It is {item}."), rows["record"](2, output=" ".join(item.split()[:12]))],
        prints=prints))
    rows_out = {row["record_id"]: row["contamination_status"]
                for path, raw in content.files.items() if path.startswith("data/")
                for row in pq.ParquetFile(io.BytesIO(raw)).read().to_pylist()}
    assert rows_out == {"r001": "overlap", "r002": "not_checked"}
    assert json.loads(content.files["RELEASE.json"])["benchmarks"] == {"bench": {"items": 1, "prints": 2}}
