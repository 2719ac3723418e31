"""The four file formats: the same seed in each, and each reason for which a row or file cannot be read."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from itd_pipeline.errors import SourceError
from itd_pipeline.ports import Batch
from itd_pipeline.seeds import read_seeds

HEAD = "licence: CC0-1.0\nauthor: clinician-a\n"
GOOD = "  - instruction: What is {0}?\n    output: An answer about {0}.\n    task_type: question_answering\n"
COLUMNS = ("instruction", "output", "task_type", "author", "licence")
CELLS = ("What is x?", "An answer about x.", "question_answering", "clinician-a", "CC0-1.0")


def read(path: Path, content: str | bytes) -> Batch:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (batch,) = read_seeds([(path.name, path)])
    assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows
    return batch


def sheet(path: Path, rows: Sequence[Sequence[Any]], title: str = "Seeds", before: str | None = None) -> Batch:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    if before is not None:
        page.title = before
        page = book.create_sheet()
    page.title = title
    for row in rows:
        page.append(list(row))
    book.save(path)
    return read(path, path.read_bytes())


def reasons(batch: Batch) -> list[str]:
    return list(batch.rejects.column("reason").to_pylist())


def details(batch: Batch) -> list[str]:
    return list(batch.rejects.column("detail").to_pylist())


def table(*rows: Sequence[str], header: Sequence[str] = COLUMNS, by: str = ",") -> str:
    return "".join(by.join(row) + "\n" for row in (header, *rows))


def test_the_same_seed_in_every_format_is_the_same_row(tmp_path: Path) -> None:
    batches = [
        read(tmp_path / "a.yaml", HEAD + "seeds:\n" + GOOD.format("x")),
        read(tmp_path / "a.jsonl", json.dumps(dict(zip(COLUMNS, CELLS, strict=True)))),
        read(tmp_path / "a.csv", table(CELLS)),
        read(tmp_path / "b.csv", table(CELLS, by=";")),
        read(tmp_path / "a.tsv", table(CELLS, by="\t")),
        sheet(tmp_path / "a.xlsx", [COLUMNS, CELLS]),
    ]
    assert [batch.rows.num_rows for batch in batches] == [1] * 6
    assert all(batch.rows.equals(batches[0].rows) for batch in batches)


def test_yaml_takes_words_as_written(tmp_path: Path) -> None:
    text = HEAD + "seeds:\n" + GOOD.format("x") + "    options: [yes, no]\n    answer_key: B\n    evidence_date: 2024\n"
    (row,) = read(tmp_path / "a.yaml", text).rows.to_pylist()
    assert (row["options"], row["evidence_date"]) == (["yes", "no"], "2024")


def test_yaml_defaults_hold_unless_the_seed_says_otherwise(tmp_path: Path) -> None:
    text = HEAD + "sex: female\nseeds:\n" + GOOD.format("x") + GOOD.format("y") + "    sex: male\n"
    assert read(tmp_path / "a.yaml", text).rows.column("sex").to_pylist() == ["female", "male"]


def test_yaml_reads_the_good_items_of_a_broken_file(tmp_path: Path) -> None:
    broken = "  - instruction: Note: this: breaks\n    output: private text\n"
    batch = read(tmp_path / "a.yaml", HEAD + "seeds:\n" + GOOD.format("x") + broken + GOOD.format("y"))
    assert batch.rows.column("author").to_pylist() == ["clinician-a"] * 2
    assert reasons(batch) == ["malformed_row"]
    assert "a.yaml, item 2: line 7, column" in details(batch)[0]
    assert "private" not in details(batch)[0]
    assert "private" in batch.rejects.column("row").to_pylist()[0]


@pytest.mark.parametrize("item", [
    "  - instruction: &a x\n    output: *a\n",
    "  - output: x\n    output: y\n",
    "  - ? [a]\n    : b\n",
    "  - just a text\n",
])
def test_yaml_items_that_are_no_seed(tmp_path: Path, item: str) -> None:
    batch = read(tmp_path / "a.yaml", HEAD + "seeds:\n" + GOOD.format("x") + item)
    assert (batch.rows.num_rows, reasons(batch)) == (1, ["malformed_row"])


@pytest.mark.parametrize("text", [
    "licence: [CC0\nseeds:\n" + GOOD.format("x"),
    "licence: CC0-1.0\nsedes:\n" + GOOD.format("x"),
    "seeds: none\n",
    "{" * 5000,
])
def test_yaml_files_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    assert reasons(read(tmp_path / "a.yaml", text)) == ["malformed_file"]


def test_yaml_names_the_line_of_a_broken_file(tmp_path: Path) -> None:
    (detail,) = details(read(tmp_path / "a.yaml", "licence: CC0-1.0\nauthor: [\n"))
    assert detail.startswith("a.yaml: line 3, column 1: not readable as YAML")


def test_yaml_names_the_line_where_a_quote_opened(tmp_path: Path) -> None:
    text = HEAD + "seeds:\n" + GOOD.format("x") + '  - instruction: "What\n    output: y\n'
    (detail,) = details(read(tmp_path / "a.yaml", text))
    assert detail.startswith("a.yaml, item 2: line 9, column 1 (begun in line 7): not readable as YAML")


@pytest.mark.parametrize("name", ["a.yaml", "a.jsonl", "a.csv", "a.tsv", "a.xlsx"])
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_empty_files(tmp_path: Path, name: str, content: str) -> None:
    assert reasons(read(tmp_path / name, content)) == ["empty_file"]


@pytest.mark.parametrize(("name", "content"), [
    ("a.yaml", HEAD + "seeds: []\n"), ("b.yaml", "# nothing yet\n"), ("a.csv", table()), ("b.csv", "\n" + table()),
])
def test_files_without_seeds(tmp_path: Path, name: str, content: str) -> None:
    assert reasons(read(tmp_path / name, content)) == ["empty_file"]


def test_sheet_without_seeds(tmp_path: Path) -> None:
    assert reasons(sheet(tmp_path / "a.xlsx", [COLUMNS])) == ["empty_file"]


def test_bytes_that_are_not_utf8_block_their_own_row_only(tmp_path: Path) -> None:
    bad = ("What is y?", "M\udce9ni\udce8re", "question_answering", "clinician-a", "CC0-1.0")
    as_bytes = table(CELLS, bad).encode("utf-8", "surrogateescape")
    line = json.dumps(dict(zip(COLUMNS, CELLS, strict=True))).encode()
    items = (HEAD + "seeds:\n" + GOOD.format("x") + GOOD.format("\udce9")).encode("utf-8", "surrogateescape")
    for batch in (
        read(tmp_path / "a.csv", as_bytes),
        read(tmp_path / "a.jsonl", line + b"\n" + line.replace(b"x", b"\xe9") + b"\n"),
        read(tmp_path / "a.yaml", items),
    ):
        assert (batch.rows.num_rows, reasons(batch)) == (1, ["invalid_utf8"])
        assert "\\udce9" in batch.rejects.column("row").to_pylist()[0]


def test_utf16_and_a_head_that_is_not_utf8_block_the_file(tmp_path: Path) -> None:
    assert reasons(read(tmp_path / "a.csv", table(CELLS).encode("utf-16"))) == ["invalid_utf8"]
    head = b"author: \xe9\nseeds:\n" + GOOD.format("x").encode()
    assert reasons(read(tmp_path / "a.yaml", head)) == ["invalid_utf8"]


def test_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path) -> None:
    for name, content in (("a.csv", table(CELLS)), ("a.yaml", HEAD + "seeds:\n" + GOOD.format("x"))):
        assert read(tmp_path / name, b"\xef\xbb\xbf" + content.replace("\n", "\r\n").encode()).rows.num_rows == 1


@pytest.mark.parametrize("line", ['{"a": 1', "[1]", '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100_000])
def test_jsonl_lines_that_are_no_seed(tmp_path: Path, line: str) -> None:
    good = json.dumps(dict(zip(COLUMNS, CELLS, strict=True)))
    batch = read(tmp_path / "a.jsonl", f"{line}\n\n{good}\n")
    assert (batch.rows.num_rows, reasons(batch)) == (1, ["malformed_row"])
    assert details(batch)[0].startswith("a.jsonl, line 1: ")


def test_jsonl_half_a_character_is_a_wrong_cell(tmp_path: Path) -> None:
    line = json.dumps(dict(zip(COLUMNS, CELLS, strict=True))).replace("What", "\\ud800")
    assert reasons(read(tmp_path / "a.jsonl", line)) == ["wrong_cell"]


def test_csv_rows_that_do_not_fit_the_header(tmp_path: Path) -> None:
    batch = read(tmp_path / "a.csv", table((*CELLS, "more"), CELLS[:3], CELLS))
    assert (batch.rows.num_rows, reasons(batch)) == (1, ["malformed_row"] * 2)
    assert details(batch)[0].startswith("a.csv, row 2: 6 cells under a header of 5")


def test_csv_an_open_quote_does_not_swallow_the_rest(tmp_path: Path) -> None:
    batch = read(tmp_path / "a.csv", table(('"What is y?', *CELLS[1:]), CELLS))
    assert (batch.rows.num_rows, reasons(batch)) == (1, ["malformed_row"])


def test_csv_cells_with_line_feeds_and_row_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    two_lines = ("What is y?", '"line one\nline two"', *CELLS[2:])
    wrong = ("What is z?", "z", "unknown", *CELLS[3:])
    batch = read(tmp_path / "a.csv", table(two_lines, wrong))
    assert batch.rows.column("output").to_pylist() == ["line one\nline two"]
    assert details(batch)[0].startswith("a.csv, row 3 (line 4): task_type: text of 7 characters")


def test_csv_without_header_or_with_one_name_twice(tmp_path: Path) -> None:
    assert reasons(read(tmp_path / "a.csv", ",".join(CELLS))) == ["malformed_file"]
    twice = read(tmp_path / "b.csv", table((*CELLS, "x"), header=(*COLUMNS, "Task type")))
    assert reasons(twice) == ["malformed_file"]
    assert "column F has the name of an earlier column" in details(twice)[0]


def test_sheet_named_seeds_is_taken_else_the_first(tmp_path: Path) -> None:
    rows = [COLUMNS, CELLS]
    assert sheet(tmp_path / "a.xlsx", rows, title="seeds", before="Help").rows.num_rows == 1
    assert sheet(tmp_path / "b.xlsx", rows, title="Cardiology").rows.num_rows == 1


def test_sheet_formulas_and_error_values_are_wrong_cells(tmp_path: Path) -> None:
    rows = [(*COLUMNS, "difficulty"), (*CELLS, "=1+2"), ("=A2", *CELLS[1:], 3), (*CELLS, "#REF!"), (*CELLS, 3.0)]
    batch = sheet(tmp_path / "a.xlsx", rows)
    assert batch.rows.column("difficulty").to_pylist() == [3]
    assert reasons(batch) == ["wrong_cell"] * 3
    assert details(batch)[0] == ("a.xlsx, sheet Seeds, row 2: difficulty: a formula; type or paste the value itself")
    assert "instruction: a formula" in details(batch)[1]
    assert "difficulty: an error value" in details(batch)[2]


def test_sheet_dates_truth_values_and_blank_rows(tmp_path: Path) -> None:
    header = (*COLUMNS, "review_due", "illustrative")
    batch = sheet(tmp_path / "a.xlsx", [[], header, [], (*CELLS, datetime.date(2028, 1, 31), True)])
    (row,) = batch.rows.to_pylist()
    assert (batch.units_in, row["review_due"], row["illustrative"]) == (1, "2028-01-31", True)


def test_sheet_text_beyond_the_header_is_not_lost(tmp_path: Path) -> None:
    batch = sheet(tmp_path / "a.xlsx", [COLUMNS, (*CELLS, "stray")])
    assert reasons(batch) == ["malformed_row"]
    assert "stray" in batch.rejects.column("row").to_pylist()[0]


def test_sheet_with_a_stray_cell_far_off(tmp_path: Path) -> None:
    near = sheet(tmp_path / "a.xlsx", [COLUMNS, CELLS, (None,) * 199 + ("stray",)])
    assert (near.rows.num_rows, reasons(near)) == (1, ["malformed_row"])
    far = sheet(tmp_path / "b.xlsx", [COLUMNS, CELLS, (None,) * 200 + ("stray",)])
    assert reasons(far) == ["malformed_file"]
    assert "column 201; allowed: 200000 rows, 200 columns" in details(far)[0]


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04 broken"])
def test_sheet_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    assert reasons(read(tmp_path / "a.xlsx", content)) == ["malformed_file"]


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.csv: cannot be opened"):
        list(read_seeds([("a.csv", tmp_path / "a.csv")]))
