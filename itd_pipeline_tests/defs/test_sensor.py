"""The sensor sees sources change, appear and go, by content, and asks for just those."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.defs.jobs import PARTITIONED_ASSETS
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.defs.sensors import source_changes
from itd_pipeline.settings import load_settings


def look(project: Path, instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    settings = load_settings(project / "small.yaml")
    definitions = build_definitions(settings)
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=definitions.get_repository_def(),
        resources={"pipeline": Pipeline(settings, lambda: load_settings(project / "small.yaml"))})
    result = source_changes(context)
    assert isinstance(result, dg.SensorResult)
    return result


def asked(result: dg.SensorResult) -> list[str | None]:
    return [request.partition_key for request in result.run_requests or []]


def test_at_first_every_source_is_new_and_shared_assets_are_built_once(
    project: Path, instance: dg.DagsterInstance
) -> None:
    result = look(project, instance)
    assert asked(result) == ["leaflets", "pairs", "notes"]
    selections = [request.asset_selection for request in result.run_requests or []]
    assert selections == [PARTITIONED_ASSETS, PARTITIONED_ASSETS, None]
    assert result.dynamic_partitions_requests


def test_nothing_changed_asks_for_nothing_even_when_files_were_touched(
    project: Path, instance: dg.DagsterInstance
) -> None:
    cursor = look(project, instance).cursor
    os.utime(project / "documents" / "pairs.csv", (1, 1))
    assert asked(look(project, instance, cursor)) == []


def test_a_changed_source_is_asked_for_alone(project: Path, instance: dg.DagsterInstance) -> None:
    cursor = look(project, instance).cursor
    with (project / "documents" / "pairs.csv").open("a") as file:
        file.write("gout,How is gout found?,A doctor may take fluid from the joint and look for crystals.\n")
    assert asked(look(project, instance, cursor)) == ["pairs"]


def test_a_source_added_to_the_profile_is_seen_without_a_restart(project: Path, instance: dg.DagsterInstance) -> None:
    cursor = look(project, instance).cursor
    profile = project / "small.yaml"
    profile.write_text(profile.read_text().replace(
        "seeds: {paths", "  more: {reader: csv, path: documents/pairs.csv, licence: CC0-1.0, routes: [converted], "
        "columns: {text: answer, question: question}}\nseeds: {paths"))
    result = look(project, instance, cursor)
    assert asked(result) == ["more"]
    assert result.dynamic_partitions_requests


def test_a_removed_source_asks_for_the_shared_assets(project: Path, instance: dg.DagsterInstance) -> None:
    cursor = look(project, instance).cursor
    profile = project / "small.yaml"
    profile.write_text("\n".join(line for line in profile.read_text().splitlines()
                                 if not line.startswith(("  pairs:", "          columns:"))))
    result = look(project, instance, cursor)
    assert len(result.run_requests or []) == 1
    selection = {key.to_user_string() for key in (result.run_requests or [])[0].asset_selection or []}
    assert "filtered_set" in selection
    assert "raw_sources" not in selection
