"""A hundred ways to tamper with a release; each is named.

Whoever tampers may stop at the file, write fresh checksums, or give the content a fresh version, too. What is asked for
is that some problem names the file that was touched, or the record.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from itd_pipeline.expand.draft import record_id
from itd_pipeline.release.build import build_release
from itd_pipeline.release.contamination import PRINTS
from itd_pipeline.release.encode import parquet_bytes
from itd_pipeline.release.verify import verify_release
from itd_pipeline.release.version import CHECKSUMS, SELF_NAMING, checksums, content_version

TRAIN, TEST = (f"data/{split}-00000-of-00001.parquet" for split in ("train", "test"))
Change = Callable[[Path], str]
"""Tampers with a folder; gives back what a problem must name."""


def _read(folder: Path, path: str) -> pa.Table:
    return pq.ParquetFile(io.BytesIO((folder / path).read_bytes())).read()


def _write(folder: Path, path: str, table: pa.Table) -> None:
    (folder / path).write_bytes(parquet_bytes(table))


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _fresh_checksums(folder: Path) -> None:
    (folder / CHECKSUMS).write_bytes(checksums(_files(folder)))


def _fresh_version(folder: Path) -> None:
    """A version made up for the content, in every file that tells it, then fresh checksums."""
    files = _files(folder)
    version = json.loads(files["RELEASE.json"])["version"]
    made = content_version(version.rsplit("-", 1)[0], files, version)
    for path in SELF_NAMING:
        (folder / path).write_bytes(files[path].replace(version.encode(), made.encode()))
    _fresh_checksums(folder)


def byte(path: str, place: float) -> Change:
    def change(folder: Path) -> str:
        raw = bytearray((folder / path).read_bytes())
        raw[int(place * (len(raw) - 1))] ^= 1
        (folder / path).write_bytes(bytes(raw))
        return path if path != CHECKSUMS else ""

    return change


def cell(path: str, column: str, value: Any, row: int = 0) -> Change:
    def change(folder: Path) -> str:
        table = _read(folder, path)
        values = table.column(column).to_pylist()
        values[row] = value(values[row]) if callable(value) else value
        place = table.schema.get_field_index(column)
        _write(folder, path, table.set_column(place, table.schema.field(column), pa.array(
            values, table.schema.field(column).type)))
        return path if "record_id" not in table.column_names else table["record_id"][row].as_py()

    return change


def without_row(path: str, row: int) -> Change:
    def change(folder: Path) -> str:
        table = _read(folder, path)
        _write(folder, path, pa.concat_tables([table.slice(0, row), table.slice(row + 1)]))
        return path

    return change


def row_twice(path: str) -> Change:
    def change(folder: Path) -> str:
        table = _read(folder, path)
        _write(folder, path, pa.concat_tables([table, table.slice(0, 1)]))
        return path

    return change


def moved(row: int, source: str = TRAIN, target: str = TEST, formats: bool = False) -> Change:
    """One record from a split into another; its lines in the training formats with it, where asked."""

    def change(folder: Path) -> str:
        one, other = _read(folder, source), _read(folder, target)
        _write(folder, target, pa.concat_tables([other, one.slice(row, 1)]))
        _write(folder, source, pa.concat_tables([one.slice(0, row), one.slice(row + 1)]))
        if formats:
            for shape in ("chat", "sharegpt", "alpaca"):
                here, there = (folder / "formats" / shape / f"{Path(p).name.split('-')[0]}.jsonl"
                               for p in (source, target))
                lines = here.read_text().splitlines(keepends=True)
                there.write_text(there.read_text() + lines.pop(row))
                here.write_text("".join(lines))
        return one["record_id"][row].as_py()

    return change


def replaced(path: str, old: str, new: str) -> Change:
    def change(folder: Path) -> str:
        text = (folder / path).read_text()
        assert re.search(old, text), f"{path} lacks {old}"
        (folder / path).write_text(re.sub(old, new, text, count=1))
        return path

    return change


def removed(path: str) -> Change:
    def change(folder: Path) -> str:
        (folder / path).unlink()
        return path

    return change


def added(path: str) -> Change:
    def change(folder: Path) -> str:
        (folder / path).write_text("x")
        return path

    return change


def line(edit: Callable[[list[str]], list[str]]) -> Change:
    def change(folder: Path) -> str:
        lines = (folder / CHECKSUMS).read_text().splitlines()
        (folder / CHECKSUMS).write_text("\n".join(edit(lines)) + "\n")
        return ""

    return change


def _digit(lines: list[str], place: int) -> list[str]:
    first = "0" if lines[place][0] != "0" else "1"
    return [*lines[:place], first + lines[place][1:], *lines[place + 1:]]


def vocabulary(folder: Path) -> str:
    cell(TRAIN, "task_type", "poetry")(folder)
    return f"{TRAIN}: "


BYTES = [
    TRAIN, TEST, "data/validation-00000-of-00001.parquet", "strong/train-00000-of-00001.parquet", "lineage.parquet",
    "rejected.parquet", "funnel.parquet", "numbers.parquet", "evaluation.parquet", "review.parquet", "README.md",
    "DATASHEET.md", "CHECKLISTS.md", "croissant.json", "config.yaml", "policy.yaml", "versions.json", "report.html",
    "report.json", "views.sql", "prompts/definition.j2", "formats/chat/train.jsonl", "formats/sharegpt/test.jsonl",
    "formats/alpaca/train.jsonl", "formats/dataset_info.json", "training/trl.yaml", "training/axolotl.yaml",
    "training/llamafactory.yaml", "contamination.parquet", "formats/strong-chat/train.jsonl",
]
NAIVE: dict[str, Change] = {
    **{f"byte-{path}": byte(path, 0.5) for path in BYTES},
    **{f"last-byte-{path}": byte(path, 1.0) for path in BYTES[:10]},
    **{f"gone-{path}": removed(path) for path in (TEST, "lineage.parquet", "report.html", "policy.yaml")},
    "extra-file": added("extra.txt"), "extra-data": added("data/more.parquet"),
    "digest-first": line(lambda lines: _digit(lines, 0)), "digest-middle": line(lambda lines: _digit(lines, 12)),
    "digest-last": line(lambda lines: _digit(lines, -1)), "line-gone": line(lambda lines: lines[1:]),
    "line-twice": line(lambda lines: [*lines, lines[0]]), "line-of-words": line(lambda lines: [*lines, "hello"]),
    "lines-swapped": line(lambda lines: [lines[0][:64] + lines[1][64:], lines[1][:64] + lines[0][64:], *lines[2:]]),
    "link-outside": line(lambda lines: [*lines, "0" * 64 + "  ../outside"]),
}
CONTENT: dict[str, Change] = {
    "row-gone-train": without_row(TRAIN, 3), "row-gone-test": without_row(TEST, 0), "row-twice": row_twice(TRAIN),
    "row-gone-lineage": without_row("lineage.parquet", 5), "row-gone-rejected": without_row("rejected.parquet", 0),
    "row-twice-rejected": row_twice("rejected.parquet"), "row-gone-funnel": without_row("funnel.parquet", 1),
    "row-gone-numbers": without_row("numbers.parquet", 2), "row-gone-strong": without_row(
        "strong/train-00000-of-00001.parquet", 0),
    "split-moved": moved(0), "split-moved-formats": moved(1, formats=True), "split-moved-back": moved(0, TEST, TRAIN),
    "split-in-lineage": cell("lineage.parquet", "split", lambda s: "test" if s == "train" else "train"),
    "answer": cell(TRAIN, "output", "Another answer."), "question": cell(TEST, "instruction", "Another question?"),
    "identifier": cell(TRAIN, "output", "Call Dr. Jane Miller, born 3 March 1961, at 212-555-0199.", 1),
    "licence": cell(TRAIN, "licence", "CC-BY-NC-4.0"), "licence-none": cell(TEST, "licence", "unknown"),
    "licence-freer": cell(TRAIN, "licence", "CC0-1.0", 2),
    "licence-lineage": cell("lineage.parquet", "licence", "CC0-1.0"),
    "patient": cell(TRAIN, "patient_data", True), "author": cell(TRAIN, "author", "someone else"),
    "model": cell("lineage.parquet", "model", "another"), "document": cell("lineage.parquet", "document_id", "d99"),
    "vocabulary": vocabulary, "clean": cell(
        TRAIN, "output", "the quick brown fox jumps over the lazy dog while nobody at all is watching it", 2),
    "strong-answer": cell("strong/train-00000-of-00001.parquet", "output", "Better."),
    "number": cell("numbers.parquet", "value", 4711.0), "query": cell("numbers.parquet", "query", "SELECT 4711"),
    "format-line": replaced("formats/chat/train.jsonl", "is a sign", "is no sign"),
    "rows-told": replaced("RELEASE.json", '"rows": 24', '"rows": 25'),
    "licences-told": replaced("RELEASE.json", '"CC-BY-4.0": 24', '"CC-BY-4.0": 23'),
    "status": replaced("RELEASE.json", '"status": "draft"', '"status": "reviewed"'),
    "configs": replaced("README.md", "path: data/test-", "path: data/train-"),
    "croissant-digest": replaced("croissant.json", '"sha256": "[0-9a-f]', '"sha256": "x'),
    "shares": replaced("config.yaml", "test_share: 0.3", "test_share: 0.1"),
}


def swapped(one: str, other: str) -> Change:
    """Two files under each other's name."""

    def change(folder: Path) -> str:
        first, second = (folder / one).read_bytes(), (folder / other).read_bytes()
        (folder / one).write_bytes(second)
        (folder / other).write_bytes(first)
        return one

    return change


def in_json(path: str, edit: Callable[[Any], None], named: str = "") -> Change:
    def change(folder: Path) -> str:
        content = json.loads((folder / path).read_text())
        edit(content)
        (folder / path).write_text(json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False) + "\n")
        return named or path

    return change


def metadata(path: str) -> Change:
    """What data frames believe of a table."""

    def change(folder: Path) -> str:
        table = _read(folder, path).replace_schema_metadata({"pandas": "{}"})
        pq.write_table(table, folder / path)
        return path

    return change


def all_of_a_reject(folder: Path) -> str:
    """A rejected row goes, and every count of it with it."""
    rejected = _read(folder, "rejected.parquet")
    row = rejected["reason"].to_pylist().index("too_short_output")
    _write(folder, "rejected.parquet", pa.concat_tables([rejected.slice(0, row), rejected.slice(row + 1)]))
    cell("funnel.parquet", "rejected", 9.0, _read(folder, "funnel.parquet")["reason"].to_pylist().index(
        "too_short_output"))(folder)

    def count(facts: Any) -> None:
        for part in (*facts["funnel"], *facts["stages"]):
            if "too_short_output" in part["rejected"]:
                part["rejected"]["too_short_output"] = 9

    return in_json("RELEASE.json", count, "funnel.parquet: filtered_set")(folder)


def link(folder: Path) -> str:
    (folder / "policy.yaml").rename(folder.parent / "elsewhere.yaml")
    (folder / "policy.yaml").symlink_to(folder.parent / "elsewhere.yaml")
    return "policy.yaml"


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "data" / "pipe")
    return "data/pipe"


def second_best_first(folder: Path) -> str:
    path = "strong/train-00000-of-00001.parquet"
    table = _read(folder, path)
    order = [1, 0, *range(2, table.num_rows)]
    _write(folder, path, table.take(order))
    lines = (folder / "formats/strong-chat/train.jsonl").read_text().splitlines(keepends=True)
    (folder / "formats/strong-chat/train.jsonl").write_text("".join(lines[place] for place in order))
    return table["record_id"][0].as_py()


def whole_split(folder: Path) -> str:
    """A record changes its split in the data, the shapes, the lineage and the counts."""
    moved_id = moved(0, formats=True)(folder)
    lineage = _read(folder, "lineage.parquet")
    splits = ["test" if one == moved_id else split for one, split in zip(
        lineage["record_id"].to_pylist(), lineage["split"].to_pylist(), strict=True)]
    _write(folder, "lineage.parquet", lineage.set_column(lineage.schema.get_field_index("split"), "split", [splits]))

    def count(facts: Any) -> None:
        facts["rows_per_split"]["train"] -= 1
        facts["rows_per_split"]["test"] += 1

    in_json("RELEASE.json", count)(folder)
    return "README.md"


PAPERS: dict[str, Change] = {
    "card-number": replaced("README.md", r"\| 24 \|", "| 42 |"), "card-words": replaced(
        "README.md", "Known limits|Limits|limits", "Praise"),
    "datasheet-number": replaced("DATASHEET.md", "24 records", "240 records"),
    "checklist": replaced("CHECKLISTS.md", "24 of 24", "42 of 42"),
    "croissant-licence": in_json("croissant.json", lambda content: content.update(license=["CC0-1.0"])),
    "croissant-words": replaced("croissant.json", "Findings\\.", "Praise."),
    "facts-figure": in_json("RELEASE.json", lambda facts: facts.update(groups=25)),
    "facts-title": in_json("RELEASE.json", lambda facts: facts.update(title="A better dataset")),
    "facts-attribution": in_json("RELEASE.json", lambda facts: facts["sources"][0].update(attribution="Nobody"),
                                 "README.md"),
    "trainer-held-out": replaced("training/trl.yaml", "dataset_train_split: train", "dataset_train_split: test"),
    "trainer-file": replaced("formats/dataset_info.json", "chat/train.jsonl", "chat/test.jsonl"),
    "trainer-gone": removed("training/axolotl.yaml"), "trainer-more": added("training/more.yaml"),
    "shape-file-more": added("formats/chat/more.jsonl"), "shape-line": replaced(
        "formats/sharegpt/train.jsonl", "is a sign", "is no sign"),
    "prompt": replaced("prompts/definition.j2", "Define", "Invent"),
    "policy": replaced("policy.yaml", "at_least: 5", "at_least: 1"),
    "versions": replaced("versions.json", "[0-9]", "9"),
    "report-number": replaced("report.html", ">0</data>", ">3</data>"),
    "report-value": replaced("report.html", 'value="0.0"', 'value="3.0"'),
    "report-json": replaced("report.json", '"value": 0.0', '"value": 3.0'), "report-gone": removed("report.html"),
    "measure": cell("evaluation.parquet", "value", 3.0, 1), "reject-and-counts": all_of_a_reject,
    "citation": cell("lineage.parquet", "citation_end", 5), "metadata": metadata(TRAIN),
    "metadata-lineage": metadata("lineage.parquet"), "link": link, "pipe": pipe, "order": second_best_first,
    "split-everywhere": whole_split, "splits-swapped": swapped(TRAIN, TEST),
    "shapes-swapped": swapped("formats/chat/train.jsonl", "formats/sharegpt/train.jsonl"),
}
"""Further ones, each under a fresh version."""
RENAMED = [*CONTENT][:10]
CASES = [
    *((name, change, "as it is") for name, change in NAIVE.items()),
    *((name, change, "fresh checksums") for name, change in CONTENT.items()),
    *((name, CONTENT[name], "fresh version") for name in RENAMED),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with everything in it: strong records, rejects, prints of a benchmark."""
    from itd_pipeline_tests.unit.release import conftest as made

    def record(number: int) -> dict[str, Any]:
        row = made.record(number, contamination_status="clean")
        return {**row, "record_id": record_id(row)}

    records = [record(number) for number in range(24)]
    inputs = made.inputs_of(records, strong={
        row["record_id"]: {"rank": place, "complexity": 0.5, "quality": 0.5}
        for place, row in enumerate(records[:12], start=1)},
        prints=_prints("the quick brown fox jumps over the lazy dog while nobody at all is watching it"))
    content = build_release(inputs)
    folder = tmp_path_factory.mktemp("sound") / content.version
    for path, raw in content.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    return folder


def _prints(text: str) -> pa.Table:
    from itd_pipeline.release.contamination import prints_table

    return PRINTS.conform(prints_table([("bench", "1", [text])]))


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / sound.name))


def test_there_are_a_hundred() -> None:
    assert len(CASES) == 100


def test_the_untouched_one_is_sound(copy: Path) -> None:
    assert verify_release(copy) == []


@pytest.mark.parametrize(("change", "hidden"), [pytest.param(c, h, id=f"{n}, {h}") for n, c, h in CASES])
def test_tampering_is_named(copy: Path, change: Change, hidden: str) -> None:
    named = change(copy)
    if hidden != "as it is":
        {"fresh checksums": _fresh_checksums, "fresh version": _fresh_version}[hidden](copy)
    problems = verify_release(copy)
    assert any(named in problem for problem in problems), (named, problems)
    if hidden == "fresh version":
        made_up = json.loads((copy / "RELEASE.json").read_text())["version"]
        assert f"The folder is named {copy.name}, RELEASE.json says {made_up}." in problems
        # Even with the folder renamed, the content gives it away.
        renamed = copy.rename(copy.parent / made_up)
        assert any(named in problem for problem in verify_release(renamed)), (named, verify_release(renamed))


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in PAPERS.items()])
def test_what_papers_and_configurations_say_is_held_against_the_facts(copy: Path, change: Change) -> None:
    named = change(copy)
    _fresh_version(copy)
    renamed = copy.rename(copy.parent / json.loads((copy / "RELEASE.json").read_text())["version"])
    problems = verify_release(renamed)
    assert any(named in problem for problem in problems), (named, problems)


def test_papers_of_another_program_version_are_not_called_sound(copy: Path) -> None:
    in_json("RELEASE.json", lambda facts: facts.update(code_version="0.0.9"))(copy)
    assert any("made by itd_pipeline 0.0.9" in problem for problem in verify_release(copy))


def test_a_version_known_from_elsewhere_gives_a_whole_forgery_away(sound: Path) -> None:
    version = json.loads((sound / "RELEASE.json").read_text())["version"]
    assert verify_release(sound, version) == []
    assert verify_release(sound, "tiny-itd-000000000000") == [
        f"Expected was tiny-itd-000000000000, RELEASE.json says {version}."]
