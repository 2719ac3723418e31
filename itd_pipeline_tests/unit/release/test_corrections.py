"""Corrected records stand in place of their originals; both are kept, and every row is accounted for."""

import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from itd_pipeline.release.build import build_release
from itd_pipeline.release.corrections import Correction, option_named
from itd_pipeline.release.diff import diff_releases
from itd_pipeline.release.encode import parquet_bytes
from itd_pipeline.release.history import SplitHistory
from itd_pipeline.release.record_ids import id_of
from itd_pipeline.release.verify import verify_release
from itd_pipeline.release.version import CHECKSUMS, checksums
from itd_pipeline.tables.records import FILTERED

BETTER = Correction("Finding 3 is a sign of two things.", "third opinion", ("elk",), ("2",), "2026-03-09")


def of(content, table):
    return pq.read_table(io.BytesIO(content.files[f"{table}.parquet"])).to_pylist()


def data(content):
    return {row["record_id"]: {**row, "split": path.split("/")[1].split("-")[0]}
            for path, raw in content.files.items() if path.startswith("data/")
            for row in pq.read_table(io.BytesIO(raw)).to_pylist()}


def rejects(content):
    return {row["row_id"]: (row["reason"], row["detail"]) for row in content.batch.rejects.to_pylist()}


def correct(make_inputs, records=None, correction=BETTER, **more):
    return make_inputs(records, decisions={"r003": "corrected"}, corrections={"r003": correction}, **more)


def test_the_corrected_record_stands_in_place_of_its_original(make_inputs, write):
    before, after = build_release(make_inputs()), build_release(correct(make_inputs))
    old, new = data(before)["r003"], next(row for row in data(after).values() if row["review_status"] == "corrected")
    assert "r003" not in data(after)
    assert new["output"] == BETTER.output
    assert new["parent_ids"] == ["r003"]
    changed = {name for name in old if old[name] != new[name]}
    assert changed == {"record_id", "output", "review_status", "parent_ids"}
    assert rejects(after) == {"r003": ("replaced_by_correction", f"by {new['record_id']}")}
    assert after.batch.units_in == 31 == after.batch.rows.num_rows + after.batch.rejects.num_rows
    kept = {row["record_id"]: row["filtered_id"] for row in after.batch.rows.to_pylist()}
    assert kept[new["record_id"]] == "r003"
    assert kept["r004"] == "r004"
    assert verify_release(write(after)) == []


def test_both_are_kept_with_who_when_and_by_which_rubric(make_inputs):
    content = build_release(correct(make_inputs))
    wanted = {"corrects": "r003", "original_output": "Finding 3 is a sign — of something.",
              "corrected_output": BETTER.output, "basis": "third opinion", "decided_by": ["elk"],
              "rubric_versions": ["2"], "decided_on": "2026-03-09", "withheld": None}
    for rows in (of(content, "corrections"), content.batch.sides["corrections"].to_pylist()):
        assert [{name: value for name, value in row.items() if name != "record_id"} for row in rows] == [wanted]
    traced = {row["record_id"]: row["corrects"] for row in of(content, "lineage")}
    assert [original for original in traced.values() if original] == ["r003"]
    turned = next(row for row in of(content, "rejected") if row["row_id"] == "r003")
    assert json.loads(turned["row"])["output"] == wanted["original_output"]
    facts = json.loads(content.files["RELEASE.json"])
    assert facts["corrections"] == {"records": 1, "original_shown": 1, "basis": {"third opinion": 1}}
    assert b"Records whose answer experts corrected: 1" in content.files["README.md"]


def test_the_same_inputs_in_another_order_give_the_same_bytes(make_inputs, rows):
    records = [rows["record"](n) for n in range(30)]
    shuffled = random.Random(1).sample(records, 30)
    assert build_release(correct(make_inputs, records)).files == build_release(correct(make_inputs, shuffled)).files


@pytest.mark.parametrize(("correction", "says"), [
    (None, "its words are not known"),
    (Correction("", waits="no_text"), "no reviewer wrote how the output should read"),
    (Correction("", waits="texts_differ"), "a third person decides"),
    (Correction("", waits="not_agreed"), "have the others answer"),
    (Correction(" Finding 3 is a sign — of something. "), "the correction says what the output says"),
])
def test_a_correction_that_does_not_stand_keeps_its_record_out(make_inputs, correction, says):
    content = build_release(make_inputs(decisions={"r003": "corrected"},
                                        corrections={} if correction is None else {"r003": correction}))
    (row_id, (reason, detail)), = rejects(content).items()
    assert (row_id, reason) == ("r003", "correction_not_applied")
    assert says in detail
    assert content.batch.units_in == 30
    assert of(content, "corrections") == []


@pytest.mark.parametrize("route", ["template", "converted"])
def test_a_correction_passes_the_same_gates_and_says_why_it_fails(make_inputs, rows, route):
    records = [rows["record"](n, **({"route": route} if n == 3 else {})) for n in range(30)]
    content = build_release(correct(make_inputs, records, Correction("Call Dr. Jane Miller at 212-555-0199.")))
    found = rejects(content)
    assert found.pop("r003")[0] == "correction_not_applied"
    (new, (reason, detail)), = found.items()
    assert reason == "identifiers_found"
    assert detail.startswith("output: ")
    assert "Miller" not in detail
    assert content.batch.units_in == 31 == content.batch.rows.num_rows + 2
    assert rejects(content)["r003"][1] == f"its correction {new} may not leave: identifiers_found"


def test_an_id_of_a_known_kind_is_that_of_the_corrected_content(make_inputs, rows, write):
    bare = rows["record"](3, record_id="rec-0", input=None)
    records = [{**bare, "record_id": id_of(bare)}]
    content = build_release(make_inputs(records, decisions={records[0]["record_id"]: "corrected"},
                                        corrections={records[0]["record_id"]: BETTER}))
    (new,) = data(content)
    assert new.startswith("rec-")
    assert verify_release(write(content)) == []


def test_a_licence_that_forbids_forbids_the_correction_too(make_inputs, rows):
    content = build_release(correct(make_inputs, [rows["record"](3, licence="unknown")]))
    found = rejects(content)
    assert found["r003"] == ("licence_not_allowed",
                             "licence 'unknown'; allowed: every declared licence; also correction_not_applied")
    assert {reason for reason, _ in found.values()} == {"licence_not_allowed"}
    assert len(found) == content.batch.units_in == 2


def test_two_records_corrected_to_the_same_are_one(make_inputs, rows):
    said = {"instruction": "What is it?", "document_ids": ["d1"], "passage_ids": ["p1"], "citations": []}
    records = [rows["record"](1, record_id="rec-1", **said), rows["record"](1, record_id="rec-2", **said)]
    content = build_release(make_inputs(
        records, decisions=dict.fromkeys(("rec-1", "rec-2"), "corrected"),
        corrections=dict.fromkeys(("rec-1", "rec-2"), BETTER)))
    found = rejects(content)
    (new,) = data(content)
    assert found == {
        "rec-1": ("replaced_by_correction", f"by {new}"),
        f"{new}#rec-2": ("duplicate_record_id", "a record of this content is there already"),
        "rec-2": ("correction_not_applied", f"its correction {new} may not leave: duplicate_record_id")}
    assert content.batch.units_in == 4


def test_a_corrected_record_keeps_the_split_that_its_original_was_given(make_inputs, rows):
    records = [rows["record"](n, document_ids=[], passage_ids=[], citations=[], route="manual", author="owl")
               for n in range(30)]
    for split in ("train", "test"):
        content = build_release(correct(make_inputs, records, history=SplitHistory(records={"r003": split})))
        assert next(r for r in data(content).values() if r["review_status"] == "corrected")["split"] == split


def test_a_rationale_for_the_old_output_goes_and_the_key_follows_the_new_one(make_inputs, rows):
    options = {"options": ["Gout", "Asthma"], "answer_key": "A", "rationale": "It is gout.", "output": "A. Gout"}
    records = [rows["record"](3, **options)]
    new, = data(build_release(correct(make_inputs, records, Correction("B. Asthma, for it wheezes.")))).values()
    assert (new["answer_key"], new["rationale"]) == ("B", None)
    vague = build_release(correct(make_inputs, records, Correction("Something else.")))
    assert "names none or several of the options" in rejects(vague)["r003"][1]


@pytest.mark.parametrize(("output", "letter"), [
    ("B) Asthma", "B"), ("C", "C"), ("It is asthma.", "B"), ("Type 2 diabetes.", "D"), ("Diabetes", "C"),
    ("Asthma or gout", None), ("Asthmatic", None), ("", None), ("E. None", None),
])
def test_which_option_an_output_names(output, letter):
    assert option_named(output, ["Gout", "Asthma", "Diabetes", "Type 2 diabetes"]) == letter


def test_for_patient_data_the_original_is_withheld(make_inputs, rows):
    records = [rows["record"](3, patient_data=True, privacy_status="de_identified", source="letters",
                              licence="LicenseRef-ward")]
    content = build_release(correct(make_inputs, records, release={"allow_patient_data": True}))
    row, = of(content, "corrections")
    assert (row["record_id"], row["corrects"], row["original_output"], row["withheld"]) == (
        "patient-record-0001", None, None, "patient data")
    assert b"r003" not in content.files["corrections.parquet"] + content.files["lineage.parquet"]
    assert content.batch.sides["corrections"].to_pylist()[0]["corrects"] == "r003"


def test_the_diff_tells_what_experts_corrected(make_inputs, write):
    older, newer = write(build_release(make_inputs())), write(build_release(correct(make_inputs)))
    found = diff_releases(older, newer)
    (pair,) = found.corrected
    assert pair[0] == "r003"
    assert found.rewritten == [pair]
    assert not found.added
    assert not found.removed
    assert found.headlines["corrections.records"] == (0, 1)


@pytest.mark.parametrize(("change", "problem"), [
    ({"corrected_output": "Else."}, "has another output in the data"),
    ({"decided_by": []}, "does not say who corrected it"),
    ({"original_output": None}, "`withheld` contradict each other"),
    ({"corrects": "r004"}, "do not agree on what record"),
])
def test_a_correction_that_was_tampered_with_is_noticed(make_inputs, write, change, problem):
    content = build_release(correct(make_inputs))
    folder = write(content)
    row, = of(content, "corrections")
    schema = pq.read_schema(folder / "corrections.parquet")
    (folder / "corrections.parquet").write_bytes(parquet_bytes(pa.Table.from_pylist([{**row, **change}], schema)))
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    (folder / CHECKSUMS).write_bytes(checksums(files))
    assert any(problem in said for said in verify_release(folder))


def test_the_gate_takes_records_of_the_contract(make_inputs):
    content = build_release(correct(make_inputs))
    assert FILTERED.conform(pa.Table.from_pylist(
        [{k: v for k, v in row.items() if k != "split"} for row in data(content).values()], FILTERED.schema))
