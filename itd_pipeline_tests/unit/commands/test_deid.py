"""`itd deid`, and the gate that a profile can set with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.errors import SourceError
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project

GOLD = "\n".join(json.dumps({"text": f"Patient: Mrs Ann Lee{n}son.", "spans": [[13, 24, "NAME"]]})
                 for n in "abcdefghij")
DEMAND = {"policy: policy.yaml": "policy: policy.yaml\ndeidentification: {required_recall: {name: 0.7}}"}


def test_try_shows_the_text_as_it_would_leave() -> None:
    done = CliRunner().invoke(app, ["deid", "try", "--json"], input="Seen by Dr. Sarah Brown, MRN 1234567.")
    assert json.loads(done.stdout) == {"text": "Seen by Dr. [NAME-1], MRN [MRN].", "found": {"mrn": 1, "name": 1}}


def test_evaluate_tells_the_missed_only_when_asked(project: Path) -> None:
    (project / "gold.jsonl").write_text(GOLD + '\n{"text": "xyzzy", "spans": [[0, 5, "NAME"]]}', encoding="utf-8")
    arguments = ["deid", "evaluate", str(project / "gold.jsonl"), "-p", str(project / "small.yaml")]
    quiet = CliRunner().invoke(app, arguments)
    assert quiet.exit_code == 0
    assert "xyzzy" not in quiet.stdout
    assert "xyzzy" in CliRunner().invoke(app, [*arguments, "--show-missed"]).stdout


def test_without_a_passing_evaluation_no_patient_data_is_cleaned(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = small_project(tmp_path, DEMAND)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(profile)
    scope = Scope(settings, Lake(settings.lake_path), "notes")
    refresh(STAGES["raw_sources"], STAGES, scope)
    scope.lake.mark("raw_sources", "notes", scope.lake.require("raw_sources", "notes").data_version, True)
    with pytest.raises(SourceError, match="nothing has been measured"):
        refresh(STAGES["cleaned_text"], STAGES, scope)
    (tmp_path / "gold.jsonl").write_text(GOLD, encoding="utf-8")
    done = CliRunner().invoke(app, ["deid", "evaluate", str(tmp_path / "gold.jsonl"), "--save", "-p", str(profile)])
    assert done.exit_code == 0, done.stdout
    assert "Ann" not in (settings.lake_path / "deid_evaluation.json").read_text(encoding="utf-8")
    assert refresh(STAGES["cleaned_text"], STAGES, scope).computed
