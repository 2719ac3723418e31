"""Erasure: what goes, what stays, and that it stays away; and documents that leave their source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.forget import carry_out, find
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.tombstones import tombstones

ANSWERED = "release: {allow_patient_data: true}\n"


def build(settings: Settings) -> Lake:
    """Every stage of every source, with its checks."""
    lake = Lake(settings.lake_path)
    for stage in STAGES.values():
        for partition in settings.sources if stage.partitioned else ("",):
            scope = Scope(settings, lake, partition)
            refresh(stage, STAGES, scope)
            outcomes = list(verify(stage, STAGES, scope))
            assert lake.passed(stage.name, partition), [outcome for outcome in outcomes if not outcome.held]
    return lake


@pytest.fixture
def built(project: Path) -> tuple[Settings, Lake]:
    profile = project / "small.yaml"
    profile.write_text(profile.read_text(encoding="utf-8") + ANSWERED, encoding="utf-8")
    settings = load_settings(profile)
    return settings, build(settings)


def everything(lake: Lake) -> str:
    """Every byte of the lake that could hold text, as far as it is text."""
    held = []
    for path in sorted(lake.root.rglob("*")):
        if path.is_file() and path.name != "tombstones.jsonl":
            if path.suffix == ".parquet":
                import pyarrow.parquet as pq

                held.append(json.dumps(pq.ParquetFile(path).read().to_pylist(), default=str))
            else:
                held.append(path.read_bytes().decode("utf-8", errors="replace"))
    return "\n".join(held)


def test_a_document_goes_from_every_stage_and_every_release(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    old_release = {path.name for path in (lake.root / "releases").iterdir()}
    found = find(settings, lake, "document", "leaflet-2")
    counts = {(hit.stage, hit.partition): hit.rows + hit.rejects for hit in found.hits}
    assert counts["raw_sources", "leaflets"] == 1
    assert counts["cleaned_text", "leaflets"] == 2
    assert counts["synthetic_expansions", "leaflets"] > 0
    assert found.answers
    assert set(found.releases) == old_release
    assert "2 weeks when they rest" in everything(lake)

    carry_out(settings, lake, found, "2026-01-02", "withdrawn by its author")
    left = everything(lake)
    assert "2 weeks when they rest" not in left
    assert found.documents[0] not in left
    assert {path.name for path in (lake.root / "releases").iterdir()} == {"withdrawn.jsonl"}

    again = build(settings)
    assert "2 weeks when they rest" not in everything(again)
    rejects = again.read("raw_sources", "leaflets", "rejected").to_pylist()
    assert [(r["reason"], r["row"]) for r in rejects] == [("forgotten", '{"forgotten":true}')]
    assert again.require("cleaned_text", "leaflets").facts["documents_reused"] == 2
    new_release = {path.name for path in (lake.root / "releases").iterdir() if path.is_dir()}
    assert len(new_release) == 1
    assert not new_release & old_release


def test_a_patient_goes_and_the_others_stay(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    group = lake.read("raw_sources", "notes").to_pylist()[0]["group_id"]
    found = find(settings, lake, "patient", group)
    assert found.source == "notes"
    carry_out(settings, lake, found, "2026-01-02", "erasure request")
    again = build(settings)
    assert group not in {row["group_id"] for row in again.read("raw_sources", "notes").to_pylist()}
    assert again.read("raw_sources", "notes").num_rows == 1
    assert [(t.what, t.key, t.why, t.forgotten) for t in tombstones(lake.root)] == [
        ("patient", group, "erasure request", True)]


def test_after_forgetting_the_rest_is_what_a_fresh_build_gives(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    carry_out(settings, lake, find(settings, lake, "document", "leaflet-3"), "2026-01-02", "x")
    build(settings)
    kept = lake.require("cleaned_text", "leaflets").data_version
    lake.drop("cleaned_text", "leaflets")
    build(settings)
    assert lake.require("cleaned_text", "leaflets").data_version == kept
    assert lake.require("cleaned_text", "leaflets").facts["documents_reused"] == 0


def test_a_source_goes(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    found = find(settings, lake, "source", "pairs")
    carry_out(settings, lake, found, "2026-01-02", "agreement ended")
    assert "urate" not in everything(lake)


def test_what_nobody_knows_is_an_error(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    with pytest.raises(ConfigError, match="No patient"):
        find(settings, lake, "patient", "nobody")
    with pytest.raises(ConfigError, match="no such source"):
        find(settings, lake, "source", "nowhere")


def test_a_document_that_leaves_its_source_gets_a_tombstone(built: tuple[Settings, Lake], project: Path) -> None:
    settings, lake = built
    (project / "documents" / "leaflets" / "migraine.md").unlink()
    before = lake.require("cleaned_text", "leaflets").facts
    build(settings)
    after = lake.require("cleaned_text", "leaflets").facts
    assert "Migraine is a common condition" not in "".join(
        row["text"] for row in lake.read("cleaned_text", "leaflets").to_pylist())
    assert [(t.what, t.source, t.why, t.forgotten) for t in tombstones(lake.root)] == [
        ("document", "leaflets", "no longer in the source", False)]
    assert (before["documents_reused"], after["documents_reused"]) == (0, 2)


def test_only_what_changed_is_cleaned_again_and_the_bytes_are_those_of_a_full_run(
        built: tuple[Settings, Lake], project: Path) -> None:
    settings, lake = built
    path = project / "documents" / "leaflets" / "migraine.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n## More\nA new section about triggers, such as red wine.\n",
                    encoding="utf-8")
    build(settings)
    manifest = lake.require("cleaned_text", "leaflets")
    assert manifest.facts["documents_reused"] == 2
    lake.drop("cleaned_text", "leaflets")
    build(settings)
    full = lake.require("cleaned_text", "leaflets")
    assert full.facts["documents_reused"] == 0
    assert (full.data_version, full.files) == (manifest.data_version, manifest.files)


def test_the_command_shows_asks_and_removes(built: tuple[Settings, Lake]) -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["forget", "--document", "leaflet-2", "--profile", "small.yaml", "--dry-run", "--json"])
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert told["removed"] is False
    assert {"stage": "raw_sources", "partition": "leaflets", "rows": 1, "rejects": 0} in told["rows"]
    refused = runner.invoke(app, ["forget", "--document", "leaflet-2", "--profile", "small.yaml"], input="n\n")
    assert refused.exit_code == 2
    assert built[1].manifest("raw_sources", "leaflets") is not None
    done = runner.invoke(app, ["forget", "--document", "leaflet-2", "--profile", "small.yaml", "--yes"])
    assert done.exit_code == 0, done.output
    assert built[1].manifest("raw_sources", "leaflets") is None
    both = runner.invoke(app, ["forget", "--document", "a", "--patient", "b", "--profile", "small.yaml"])
    assert both.exit_code == 2
