"""The spreadsheet for authors: what it offers, what is wrong in it, several copies of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from itd_pipeline.seeds.check import check_files
from itd_pipeline.seeds.comments import cell_comments
from itd_pipeline.seeds.coverage import coverage
from itd_pipeline.seeds.guidance import CHOICES, EXAMPLES, GUIDANCE, SHOWN
from itd_pipeline.seeds.merging import Copy, merge
from itd_pipeline.seeds.nearness import Near
from itd_pipeline.seeds.workbook import write_workbook

GOOD = {"instruction": "Explain number {n} in plain words.", "output": "Answer number {n}.", "task_type": "coding",
        "author": "clinician-a", "licence": "CC0-1.0", "id": "good-{n}"}
KINDS: dict[str, tuple[str, str]] = {
    "task_type": ("task_type", "sonnet"), "question_type": ("question_type", "why"), "specialty": ("specialty", "love"),
    "level_of_care": ("level_of_care", "home"), "severity": ("severity", "9"), "age_group": ("age_group", "old"),
    "sex": ("sex", "yes"), "audience": ("audience", "everybody"), "jurisdiction": ("jurisdiction", "moon"),
    "author_role": ("author_role", "wizard"), "difficulty high": ("difficulty", "7"),
    "difficulty words": ("difficulty", "hard"), "author": ("author", "Dr Jane Doe"), "licence": ("licence", "a b"),
    "language": ("language", "english"), "evidence_date": ("evidence_date", "last year"),
    "review_due": ("review_due", "2028-13-01"), "codes": ("codes", "ICD-10-CM:11"),
    "illustrative": ("illustrative", "perhaps"), "formula": ("rationale", "=1+1"),
}


def test_two_hundred_wrong_cells_of_twenty_kinds_are_named_and_good_rows_kept(tmp_path: Path) -> None:
    seeds = [{k: v.format(n=n) for k, v in GOOD.items()} for n in range(250)]
    book = load_workbook(io.BytesIO(write_workbook(seeds, [])))
    sheet = book["Seeds"]
    column = {name: n for n, name in enumerate(SHOWN, start=1)}
    planted = set()
    for n in range(200):
        cell, value = list(KINDS.values())[n % 20]
        sheet.cell(n + 2, column[cell]).value = value
        if cell == "rationale":
            sheet.cell(n + 2, column[cell]).data_type = "f"
        planted.add((n + 2, cell))
    book.save(tmp_path / "wrong.xlsx")
    good, wrong = check_files([("wrong.xlsx", tmp_path / "wrong.xlsx")])
    named = {(int(w.place.split("row ")[1].split(" ")[0]), w.cell) for w in wrong}
    assert named == planted
    assert len(wrong) == 200
    assert len(KINDS) == 20
    assert len(good) == 50
    assert all(value not in w.problem.split("allowed")[0] for w in wrong for _, value in KINDS.values()
               if len(value) > 5)


def test_several_wrong_cells_of_one_row_are_each_named(tmp_path: Path) -> None:
    bad = {**GOOD, "sex": "x", "difficulty": "0", "author": "A B", "output": ""}
    (tmp_path / "a.xlsx").write_bytes(write_workbook([bad], []))
    _, wrong = check_files([("a.xlsx", tmp_path / "a.xlsx")])
    assert {w.cell for w in wrong} == {"id", "sex", "difficulty", "author", "output"}
    assert len(wrong) == 5


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_sign_in_front_stays_text_and_no_formula_is_written(tmp_path: Path, sign: str) -> None:
    text = f'{sign}HYPERLINK("http://x","y")'
    raw = write_workbook([{**GOOD, "output": text, "id": "one"}], [])
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert not any(b"<f>" in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/"))
    (tmp_path / "a.xlsx").write_bytes(raw)
    good, wrong = check_files([("a.xlsx", tmp_path / "a.xlsx")])
    assert wrong == []
    assert good[0].row["output"] == text


def test_the_workbook_offers_the_vocabularies_with_guidance_and_examples(tmp_path: Path) -> None:
    raw = write_workbook([], coverage([{"specialty": "cardiology", "task_type": "coding", "audience": "nurse",
                                        "difficulty": 2}]))
    assert raw == write_workbook([], coverage([{"specialty": "cardiology", "task_type": "coding", "audience": "nurse",
                                                "difficulty": 2}]))
    book = load_workbook(io.BytesIO(raw))
    lists = [r for r in book["Seeds"].data_validations.dataValidation if r.type == "list"]
    assert len(lists) == len(CHOICES)
    assert all(r.prompt for r in book["Seeds"].data_validations.dataValidation)
    held = {book["Lists"].cell(row, 1).value for row in range(2, book["Lists"].max_row + 1)}
    assert set(CHOICES["task_type"]) <= held
    words = {book["Read me"].cell(row, 2).value for row in range(1, book["Read me"].max_row + 1)}
    assert {GUIDANCE[name] for name in SHOWN} <= words
    counted = [[c.value for c in row] for row in book["Coverage"].iter_rows(min_row=2)]
    assert ["cardiology", "coding", "nurse", "2", 1, 1, 0] in counted
    assert ["cardiology", "coding", "nurse", "3", 1, 0, 1] in counted
    only = load_workbook(io.BytesIO(raw))
    for name in ("Seeds", "Read me", "Coverage", "Lists"):
        del only[name]
    only["Examples"].title = "Seeds"
    only.save(tmp_path / "examples.xlsx")
    good, wrong = check_files([("examples.xlsx", tmp_path / "examples.xlsx")])
    assert wrong == []
    assert len(good) == len(EXAMPLES)


def test_edits_and_comments_of_two_authors_merge_without_loss() -> None:
    base = [{"id": "a", "output": "Old.", "rationale": "Why."}, {"id": "b", "output": "B."}]
    owl = Copy("owl.xlsx", [{"id": "a", "output": "By owl.", "rationale": "Why."}, {"id": "b", "output": "B."},
                            {"output": "New by owl."}], (), {("a", "output"): "Is this current?"})
    fox = Copy("fox.xlsx", [{"id": "a", "output": "Old.", "rationale": "By fox."}, {"id": "b", "output": ""},
                            {"output": "New by fox."}], (), {("a", "output"): "Yes, 2024."})
    merged = merge([fox, owl], base)
    assert merged.seeds == (
        {"id": "a", "output": "By owl.", "rationale": "By fox."}, {"id": "b"}, {"output": "New by fox."},
        {"output": "New by owl."})
    assert merged.comments == {("a", "output"): "Yes, 2024.\n---\nIs this current?"}
    assert merged.conflicts == ()


def test_two_different_edits_of_one_cell_are_named_and_the_first_is_kept() -> None:
    base = [{"id": "a", "output": "Old."}]
    copies = [Copy(f"{who}.xlsx", [{"id": "a", "output": who}]) for who in ("fox", "owl")]
    merged = merge(copies, base)
    assert merged.seeds == ({"id": "a", "output": "fox"},)
    assert merged.conflicts[0].startswith("seed a, cell output: fox.xlsx and owl.xlsx")
    same = merge([Copy("fox.xlsx", [{"id": "a", "output": "New."}]), Copy("owl.xlsx", [{"id": "a", "output": "New."}])],
                 base)
    assert same.conflicts == ()


def test_comments_are_read_from_cells_by_seed(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(write_workbook([{**GOOD, "id": "one"}], [])))
    book["Seeds"].cell(2, SHOWN.index("output") + 1).comment = Comment("Too short.", "fox")
    book.save(tmp_path / "a.xlsx")
    assert cell_comments((tmp_path / "a.xlsx").read_bytes()) == {("one", "output"): "Too short."}
    assert cell_comments(b"no workbook") == {}


def test_near_duplicates_are_found_and_others_are_not() -> None:
    near = Near([{"record_id": "s1", "instruction": "Explain to a patient with gout what to eat and drink.",
                  "output": "Little meat."}])
    assert near.nearest({"instruction": "Explain to a patient with gout what to eat."})[0].seed_id == "s1"
    assert near.nearest({"instruction": "Explain to a nurse how to dress a burn of the hand."}) == []
    assert near.nearest({"instruction": "gout"}) == []
    assert near.nearest({"instruction": "Explain to a patient with gout what to eat and drink."}, without="s1") == []
