"""On real input: MedQuAD through to the filtered set, the sources that packages carry, the carried model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ITD_SHARED_DATA", ROOT.parent / "shared" / "data"))

MEDQUAD = """
profile: medquad
dataset: {{name: medquad, title: MedQuAD, description: A test.}}
lake: lake
sources:
  medquad: {{reader: medquad, path: {archive}, licence: CC-BY-4.0, routes: [converted]}}
policy: {root}/conf/policy.yaml
"""


@pytest.mark.slow
def test_medquad_to_the_filtered_set(tmp_path: Path) -> None:
    archive = SHARED / "medquad" / "medquad.tar.gz"
    if not archive.is_file():
        pytest.skip("MedQuAD is not here; ITD_SHARED_DATA names the folder of public data")
    (tmp_path / "medquad.yaml").write_text(MEDQUAD.format(archive=archive, root=ROOT))
    settings = load_settings(tmp_path / "medquad.yaml")
    lake = Lake(settings.lake_path)
    for name in list(STAGES)[:6]:
        partition = "medquad" if STAGES[name].partitioned else ""
        refresh(STAGES[name], STAGES, Scope(settings, lake, partition))
        for outcome in verify(STAGES[name], STAGES, Scope(settings, lake, partition)):
            assert outcome.held, f"{name}, {outcome.check}: {outcome.sentence}"
    raw = lake.require("raw_sources", "medquad")
    assert raw.rows_out == 16_407
    assert raw.rejected["no_answer"] == 31_034
    assert raw.rows_out + raw.rejected["no_answer"] == 47_441
    answers = lake.read("raw_sources", "medquad", columns=["text"]).column("text").to_pylist()
    assert len({" ".join(answer.split()) for answer in answers}) == 15_809
    kept = lake.require("filtered_set").rows_out
    assert 14_000 < kept < 16_407


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.filterwarnings("ignore")  # litellm warns of its own use of pydantic
def test_the_carried_model_writes_records_that_are_traced(tmp_path: Path) -> None:
    """One leaflet of the project, the real model: answers become records or named rejects, twice the same."""
    (tmp_path / "leaflets").mkdir()
    leaflet = ROOT / "data" / "documents" / "leaflets" / "gout.md"
    (tmp_path / "leaflets" / "gout.md").write_bytes(leaflet.read_bytes())
    (tmp_path / "carried.yaml").write_text(f"""
profile: carried
dataset: {{name: carried, title: Carried, description: A test.}}
lake: lake
sources:
  leaflets: {{reader: markdown, path: leaflets, licence: CC0-1.0, model_use: local_only, routes: [synthetic]}}
model: {{max_tokens: 160}}
expansion: {{synthetic_per_source: 3}}
policy: {ROOT}/conf/policy.yaml
""")
    versions = []
    for lake_name in ("lake", "again"):
        settings = load_settings(tmp_path / "carried.yaml").model_copy(update={"lake": Path(lake_name)})
        lake = Lake(settings.lake_path)
        for name in list(STAGES)[:4]:
            scope = Scope(settings, lake, "leaflets" if STAGES[name].partitioned else "")
            versions.append(refresh(STAGES[name], STAGES, scope).manifest.data_version)
            verify(STAGES[name], STAGES, scope)
    manifest = lake.require("synthetic_expansions", "leaflets")
    assert manifest.units_in == 3
    assert manifest.facts["requests"] == 3
    assert manifest.facts["completion_tokens"] > 0
    assert versions[:4] == versions[4:]
    for record in lake.read("synthetic_expansions", "leaflets").to_pylist():
        assert record["model"] == "local/smollm2-135m-instruct"
        assert record["illustrative"]
        assert record["citations"][0]["quote"]


@pytest.mark.full
@pytest.mark.model
@pytest.mark.filterwarnings("ignore")  # as above
def test_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole demo through the command, on the real graph."""
    from typer.testing import CliRunner

    from itd_pipeline.cli import app

    text = (ROOT / "conf" / "demo.yaml").read_text().replace("data/", f"{ROOT}/data/")
    (tmp_path / "demo.yaml").write_text(f"{text}\nlake: lake\npolicy: {ROOT}/conf/policy.yaml\n"
                                        f"review: {{rubric: {ROOT}/data/rubric.yaml}}\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["build", "-p", "demo.yaml"])
    assert done.exit_code == 0, done.output
    lake = Lake(tmp_path / "lake")
    released = lake.require("dataset_release")
    assert released.rows_out >= 1_500
    assert released.facts["status"] == "draft"
    filtered = lake.read("filtered_set").to_pylist()
    assert {r["route"] for r in filtered} >= {"template", "manual"}
    assert any(r["model"] for r in filtered)
    assert len({r["prompt_id"] for r in filtered if r["route"] == "template"}) >= 12
