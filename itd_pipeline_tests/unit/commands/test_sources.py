"""`itd sources check` reads everything and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from itd_pipeline.cli import app


def _check(project: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["sources", "check", *arguments, "-p", str(project / "small.yaml")])
    return done.exit_code, done.stdout


def test_counts_licences_languages_privacy_and_reasons(project: Path) -> None:
    (project / "documents" / "leaflets" / "empty.md").write_text("", encoding="utf-8")
    code, told = _check(project, "--json")
    by_name = {one["source"]: one for one in json.loads(told)}
    assert code == 0
    assert (by_name["leaflets"]["documents"], by_name["leaflets"]["licences"]) == (3, {"CC0-1.0": 3})
    assert by_name["leaflets"]["languages"] == {"en": 3}
    assert (by_name["notes"]["patient_documents"], by_name["pairs"]["patient_documents"]) == (2, 0)
    (reason, count), = by_name["leaflets"]["rejects"].items()
    assert count == 1
    assert "empty.md" in by_name["leaflets"]["examples"][reason]
    assert by_name["pairs"]["rejects"] == {"no_answer": 1}
    assert not (project / "data" / "lake").exists()


def test_no_text_of_a_document_is_shown(project: Path) -> None:
    code, told = _check(project)
    assert code == 0
    assert "Daniel" not in told
    assert "55512" not in told
    assert "2 patients" in told


def test_a_source_that_cannot_be_read_is_named(project: Path) -> None:
    (project / "documents" / "pairs.csv").unlink()
    code, told = _check(project)
    assert code == 1
    assert "pairs" in told
    assert "3 documents" in told  # the others were read all the same


def test_an_unknown_source_is_named(project: Path) -> None:
    code, _ = _check(project, "leaflet")
    assert code == 2
