from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline.ports import Batch
from itd_pipeline.review import THIRD_OPINIONS, Rubric, draw_sample, read_returned
from itd_pipeline.settings import Review

Fill = Callable[..., Path]


@pytest.fixture
def accept(rubric: Rubric) -> dict[str, str]:
    return {**{g.label: "yes" for g in rubric.gates}, "Decision": "accept"}


def reasons(batch: Batch) -> list[str]:
    assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows
    ids = batch.rejects.column("row_id").to_pylist()
    assert len(ids) == len(set(ids))
    found: list[str] = batch.rejects.column("reason").to_pylist()
    return found


def test_a_filled_row_becomes_a_rating_and_an_untouched_one_nothing(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    file = fill({1: {**accept, "Completeness": 4, "Error tags": "Omission; wrong number", "Comment": "-fine"}})
    batch = read_returned([file], sample, rubric)
    assert reasons(batch) == []
    (rating,) = batch.rows.to_pylist()
    assigned = {r["assignment_id"]: r for r in sample.to_pylist()}[rating["assignment_id"]]
    assert (assigned["reviewer"], assigned["position"]) == ("reviewer_1", 1)
    assert rating["reviewer"] == "reviewer_1"
    assert rating["decision"] == "accept"
    assert json.loads(rating["gate"]) == {g.id: "yes" for g in rubric.gates}
    assert json.loads(rating["axes"]) == {"completeness": 4}
    assert rating["error_tags"] == "wrong_number,omission"
    assert (rating["comment"], rating["correction"]) == ("-fine", None)
    assert rating["origin"] == "a.xlsx, sheet 'Records', row 2"


def test_what_spreadsheet_programs_do_to_cells_is_tolerated(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    def rearrange(book: Any) -> None:
        ws = book["Records"]
        ws.insert_cols(3)
        ws.cell(1, 3, "My own notes")
        ws.cell(2, 3, "notes")
        for cell in ws[1]:
            if cell.value == "Decision":
                cell.value = " DECISION "

    accept["Medically correct?"] = "Yes "
    file = fill({1: {**accept, "Completeness": 4.0, "Clarity": " 5 "}}, pseudonym=" Owl ", change=rearrange)
    batch = read_returned([file], sample, rubric)
    assert reasons(batch) == []
    (rating,) = batch.rows.to_pylist()
    assert json.loads(rating["axes"]) == {"clarity": 5, "completeness": 4}
    assert rating["reviewer"] == "owl"


@pytest.mark.parametrize(("cell", "value", "allowed"), [
    ("Decision", "maybe", "accept, correct, reject"), ("Completeness", 6, "1, 2, 3, 4, 5"),
    ("Completeness", 3.5, "1, 2, 3, 4, 5"), ("Answerable?", "perhaps", "yes, no"), ("Error tags", "ugly", "omission"),
])
def test_a_wrong_cell_is_named_with_what_is_allowed(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str], cell: str, value: Any,
        allowed: str) -> None:
    batch = read_returned([fill({2: {**accept, cell: value}})], sample, rubric)
    assert reasons(batch) == ["wrong_cell"]
    (row,) = batch.rejects.to_pylist()
    assert f"a.xlsx, sheet 'Records', row 3, column {cell!r}" in row["detail"]
    assert allowed in row["detail"]
    assert str(value) not in row["detail"].split("column", 1)[1].replace(allowed, "")
    assert str(value) in row["row"]


def test_a_rating_needs_decision_and_gates_and_a_correction_where_it_corrects(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    for answers, missing in (({**accept, "Decision": None}, "'Decision'"),
                             ({**accept, "Answerable?": " "}, "'Answerable?'"),
                             ({**accept, "Decision": "correct"}, "'Correction'"), ({"Comment": "?"}, "'Decision'")):
        batch = read_returned([fill({1: answers})], sample, rubric)
        assert reasons(batch) == ["incomplete_rating"]
        assert missing in batch.rejects.column("detail")[0].as_py()
    whole = read_returned([fill({1: {**accept, "Decision": "correct", "Correction": "Better."}})], sample, rubric)
    assert whole.rows.column("correction").to_pylist() == ["Better."]


def test_the_first_rating_of_a_record_by_a_reviewer_counts(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    files = [fill({1: {**accept, "Decision": "reject"}}, "b.xlsx"), fill({1: accept}, "a.xlsx"),
             fill({1: accept}, "c.xlsx")]
    batch = read_returned(files, sample, rubric)
    assert reasons(batch) == ["duplicate_rating", "duplicate_rating"]
    assert batch.rows.column("decision").to_pylist() == ["accept"]
    details = batch.rejects.column("detail").to_pylist()
    assert details[0].endswith("this one is different.")
    assert details[1].endswith("this one is the same.")


def test_one_person_in_two_slots_is_not_two_reviewers(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    files = [fill({1: accept, 2: accept}, f"{slot}.xlsx", slot, "Owl") for slot in ("reviewer_1", "reviewer_2")]
    batch = read_returned(files, sample, rubric)
    assert batch.rows.num_rows == 2
    assert reasons(batch) == ["duplicate_rating"] * 2


def test_an_unknown_assignment_is_told_from_another_sample(
        fill: Fill, sample: pa.Table, filtered: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    def lose(book: Any) -> None:
        book["Records"]["A2"], book["Records"]["B2"] = "asg-x", "key-x"

    assert reasons(read_returned([fill({1: accept}, change=lose)], sample, rubric)) == ["unknown_assignment"]
    fewer = draw_sample(filtered.slice(0, 1), Review(sample_size=2, reviewers=2)).rows
    batch = read_returned([fill({1: accept, 2: accept})], fewer, rubric)
    assert reasons(batch) == ["sample_mismatch"]
    # The other record stands in both samples: its rating counts for the assignment in force.
    assert batch.rows.column("assignment_id").to_pylist() == fewer.column("assignment_id").to_pylist()[:1]


def test_a_file_that_is_no_workbook_is_one_reject(
        fill: Fill, sample: pa.Table, rubric: Rubric, tmp_path: Path, accept: dict[str, str]) -> None:
    def drop(book: Any) -> None:
        book["Records"]["A1"] = "?"

    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not really")
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    files = [tmp_path / "broken.xlsx", tmp_path / "~$a.xlsx", fill({1: accept}, "headless.xlsx", change=drop)]
    batch = read_returned(files, sample, rubric)
    assert reasons(batch) == ["unreadable_workbook"] * 2
    details = batch.rejects.column("detail").to_pylist()
    assert details[0].startswith("broken.xlsx: not readable as an XLSX workbook")
    assert "'Assignment'" in details[1]
    assert batch.facts == {"files_read": 2, "files_passed_over": 1}


def test_no_files_give_no_ratings(sample: pa.Table, rubric: Rubric) -> None:
    assert reasons(read_returned([], sample, rubric)) == []


def adjudicator(book: Any) -> None:
    """A reviewer's sheet made into one for the adjudicator."""
    for row in book["Read me"].iter_rows():
        if row[0].value == "Sheet for":
            row[1].value = "adjudicator"


def test_a_sheet_for_the_adjudicator_holds_third_opinions(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    reject_it = {**accept, "Medically correct?": "no", "Decision": "reject"}
    batch = read_returned([fill({1: accept}), fill({1: reject_it}, "b.xlsx", pseudonym="fox"),
                           fill({1: reject_it}, "c.xlsx", pseudonym="elk", change=adjudicator)], sample, rubric)
    assert reasons(batch) == []
    assert batch.rows.num_rows == 2
    (decided,) = json.loads(batch.files[THIRD_OPINIONS]).values()
    assert (decided["decision"], decided["adjudicator"]) == ("reject", "elk")
    assert decided["gate"]["medically_correct"] == "no"


@pytest.mark.parametrize(("pseudonym", "judged", "says"), [
    ("fox", True, "somebody else decides"), ("", True, "write a pseudonym"), ("elk", False, "nobody has judged"),
])
def test_a_third_opinion_that_does_not_count_is_named(
        fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str], pseudonym: str, judged: bool,
        says: str) -> None:
    files = [fill({1: accept}, pseudonym="fox")] if judged else []
    third = fill({1: accept}, "c.xlsx", pseudonym=pseudonym, change=adjudicator)
    batch = read_returned([*files, third], sample, rubric)
    assert reasons(batch) == ["not_to_decide"]
    assert says in batch.rejects.column("detail")[0].as_py()
    assert batch.files[THIRD_OPINIONS] == b"{}"


def test_the_first_third_opinion_counts(fill: Fill, sample: pa.Table, rubric: Rubric, accept: dict[str, str]) -> None:
    batch = read_returned([fill({1: accept}), fill({1: accept}, "c.xlsx", pseudonym="elk", change=adjudicator),
                           fill({1: accept}, "d.xlsx", pseudonym="bee", change=adjudicator)], sample, rubric)
    assert reasons(batch) == ["not_to_decide"]
    assert [one["adjudicator"] for one in json.loads(batch.files[THIRD_OPINIONS]).values()] == ["elk"]
