"""From items to rows: problems named together, twins across files, accounting."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from itd_pipeline.ports import Batch
from itd_pipeline.seeds import read_seeds
from itd_pipeline.tables.records import SEEDS
from itd_pipeline.tables.rejects import REJECTS

GOOD: dict[str, Any] = {
    "instruction": "What is x?", "output": "An answer.", "task_type": "question_answering",
    "author": "clinician-a", "licence": "CC0-1.0",
}


def read(tmp_path: Path, *items: dict[str, Any], name: str = "a.jsonl") -> Batch:
    path = tmp_path / name
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    (batch,) = read_seeds([(name, path)])
    assert batch.units_in == len(items) == batch.rows.num_rows + batch.rejects.num_rows
    return batch


def problem(batch: Batch) -> tuple[str, str]:
    (row,) = batch.rejects.to_pylist()
    return row["reason"], row["detail"]


def test_a_row_carries_defaults_and_a_reference_without_span(tmp_path: Path) -> None:
    (row,) = read(tmp_path, GOOD | {"citation": "British National Formulary", "codes": "HP:0001250"}).rows.to_pylist()
    assert row["record_id"].startswith("seed-")
    assert (row["route"], row["source"], row["language"], row["model"]) == ("manual", "expert_seeds", "en", None)
    assert (row["specialty"], row["difficulty"], row["patient_data"]) == ("unspecified", None, False)
    assert row["citations"] == [{"passage_id": "", "start": None, "end": None, "quote": None,
                                 "reference": "British National Formulary"}]


def test_three_wrong_cells_are_one_reject_that_names_all(tmp_path: Path) -> None:
    wrong = {"id": "seed-1", "specialty": "cardiolgy", "difficulty": 9, "review_due": "soon"}
    reason, detail = problem(read(tmp_path, GOOD | wrong))
    assert reason == "wrong_cell"
    assert detail.startswith("a.jsonl, line 1 (seed-1): specialty: text of 9 characters")
    assert "nearest: cardiology" in detail
    assert "difficulty: 9; allowed: 1 to 5" in detail
    assert "review_due: text of 4 characters, not a date" in detail


@pytest.mark.parametrize("name", ["instruction", "output", "task_type", "author", "licence"])
@pytest.mark.parametrize("value", ["", "  ", None])
def test_missing_cells(tmp_path: Path, name: str, value: str | None) -> None:
    reason, detail = problem(read(tmp_path, GOOD | {name: value}))
    assert (reason, detail) == ("missing_cell", f"a.jsonl, line 1: {name}: empty or not there")


def test_unknown_columns_name_the_nearest_and_hide_prose(tmp_path: Path) -> None:
    reason, detail = problem(read(tmp_path, GOOD | {"imput": "x", "He said that his chest hurts": "x"}))
    assert reason == "unknown_column"
    assert "imput: no column of a seed (nearest: input)" in detail
    assert "a name of 28 characters" in detail
    assert "chest" not in detail


def test_an_empty_cell_under_an_unknown_name_and_comments_do_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD | {"imput": "", "comment": "ask again"}).rows.num_rows == 1


def test_a_wrong_cell_outranks_a_missing_one_and_both_are_named(tmp_path: Path) -> None:
    reason, detail = problem(read(tmp_path, GOOD | {"sex": "other", "output": "", "sexx": "x"}))
    assert reason == "wrong_cell"
    assert all(part in detail for part in ("sex: text of 5", "output: empty", "sexx: no column"))


CHOICE = GOOD | {"task_type": "multiple_choice", "options": ["one", "two"], "answer_key": "b"}


def test_multiple_choice(tmp_path: Path) -> None:
    (row,) = read(tmp_path, CHOICE | {"options": "A. one|B) two"}).rows.to_pylist()
    assert (row["options"], row["answer_key"]) == (["one", "two"], "B")


@pytest.mark.parametrize(("change", "reason", "said"), [
    ({"answer_key": "C"}, "wrong_cell", "answer_key: C is no option; allowed: A to B"),
    ({"answer_key": "two"}, "wrong_cell", "the letter of an option"),
    ({"options": ["one"]}, "wrong_cell", "options: 1; allowed: 2 to 26"),
    ({"options": [str(n) for n in range(27)]}, "wrong_cell", "options: 27; allowed: 2 to 26"),
    ({"options": ["one", "One"]}, "wrong_cell", "two are the same"),
    ({"options": None}, "missing_cell", "options: empty or not there, but the task needs it"),
    ({"answer_key": None}, "missing_cell", "answer_key: empty or not there, but the task needs it"),
    ({"answer_key": None, "task_type": "classification"}, "missing_cell", "but options needs it"),
])
def test_multiple_choice_that_does_not_fit(tmp_path: Path, change: dict[str, Any], reason: str, said: str) -> None:
    found, detail = problem(read(tmp_path, CHOICE | change))
    assert found == reason
    assert said in detail


def test_text_about_patients_and_real_names_have_no_place(tmp_path: Path) -> None:
    assert "patient_data: true; allowed: false" in problem(read(tmp_path, GOOD | {"patient_data": True}))[1]
    assert "a pseudonym" in problem(read(tmp_path, GOOD | {"author": "Dr A. Person"}))[1]


def test_twins_are_found_across_files_and_the_first_is_kept(tmp_path: Path) -> None:
    files = []
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps(GOOD | {"author": f"clinician-{name[0]}"}))
        files.append((name, tmp_path / name))
    first, second = read_seeds(files)
    assert (first.rows.num_rows, second.rows.num_rows) == (1, 0)
    assert problem(second) == (
        "duplicate_seed",
        "b.jsonl, line 1: same instruction, input, output and options as a.jsonl, line 1")


def test_an_id_given_twice(tmp_path: Path) -> None:
    reason, detail = problem(read(tmp_path, GOOD | {"id": "s1"}, GOOD | {"id": "s1", "output": "Other."}))
    assert reason == "duplicate_id"
    assert "the same as of a.jsonl, line 1 (s1)" in detail


def test_ids_come_from_content_alone(tmp_path: Path) -> None:
    items = (GOOD, GOOD | {"output": "Other."}, GOOD | {"output": "Third.", "rationale": "Because."})
    one = read(tmp_path, *items).rows.column("record_id").to_pylist()
    described = [item | {"specialty": "nursing", "author": "clinician-b"} for item in items]
    assert read(tmp_path, *described[::-1], name="b.jsonl").rows.column("record_id").to_pylist() == one[::-1]
    assert len(set(one)) == 3


def test_groups_by_name_by_shared_input_or_alone(tmp_path: Path) -> None:
    rows = read(
        tmp_path, GOOD | {"instruction": "1", "group": "g"}, GOOD | {"instruction": "2", "group": "G"},
        GOOD | {"instruction": "3", "input": "vignette"}, GOOD | {"instruction": "4", "input": "vignette"},
        GOOD | {"instruction": "5"},
    ).rows.column("group_id").to_pylist()
    assert rows[0] == rows[1]
    assert rows[2] == rows[3]
    assert len(set(rows)) == 3


def test_facts_add_up_over_files_and_show_unknown_columns(tmp_path: Path) -> None:
    batch = read(tmp_path, GOOD, GOOD | {"output": "Other.", "citation": "A guideline"}, GOOD | {"imput": "x"})
    assert batch.facts == {
        "seeds_by_file": {"a.jsonl": 2}, "seeds_without_citation": 1, "unknown_columns": {"imput": 1}}


def test_no_files_give_no_batches() -> None:
    assert list(read_seeds([])) == []


LOOSE = st.dictionaries(
    st.sampled_from([*GOOD, "options", "answer_key", "difficulty", "codes", "other"]),
    st.one_of(st.text(max_size=8), st.none(), st.integers(), st.lists(st.text(max_size=3), max_size=3)),
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(LOOSE.map(lambda loose: GOOD | loose) | LOOSE, min_size=1, max_size=5))
def test_no_row_is_lost_whatever_stands_in_it(items: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        batch = read(Path(folder), *items)
        again = read(Path(folder), *items)
    SEEDS.conform(batch.rows)
    REJECTS.conform(batch.rejects)
    assert len(set(batch.rejects.column("row_id").to_pylist())) == batch.rejects.num_rows
    assert again.rows.equals(batch.rows)
    assert again.rejects.equals(batch.rejects)


MARKS = st.text("seds:- \n\"',[]{}&*|x", max_size=60)


@hypothesis_settings(max_examples=150, deadline=None)
@given(st.sampled_from(["a.yaml", "a.jsonl", "a.csv", "a.tsv", "a.xlsx"]),
       st.binary(max_size=60) | MARKS.map(lambda text: b"seeds:\n" + text.encode()))
def test_no_bytes_make_a_reader_fail(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        (batch,) = read_seeds([(name, path)])
    assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows >= 1
