"""What runs when: one source, re-filter, removal, failure. On the real graph, with a scripted model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from itd_pipeline.defs.build import RunOutcome, build
from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.pipeline.graph import PARTITIONED, STAGES
from itd_pipeline.pipeline.plan import plan
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake

SHARED = [name for name in STAGES if name not in PARTITIONED]


def run(settings: Settings, instance: dg.DagsterInstance, **chosen: list[str]) -> list[RunOutcome]:
    return list(build(build_definitions(settings), settings, instance, **chosen))


def data_versions(settings: Settings) -> dict[str, str]:
    lake = Lake(settings.lake_path)
    return {f"{s.stage}/{s.partition}": lake.require(s.stage, s.partition).data_version
            for s in plan(STAGES, settings, lake)}


def test_a_build_makes_everything_and_a_second_one_nothing(small: Settings, instance: dg.DagsterInstance) -> None:
    first = run(small, instance)
    assert [o.problem for o in first if not o.succeeded] == []
    assert [o.name for o in first] == ["shared assets", *small.sources, "shared assets"]
    assert {s.state for s in plan(STAGES, small, Lake(small.lake_path))} == {"up to date"}
    assert run(small, instance) == []


def test_every_check_ran_and_was_recorded(small: Settings, instance: dg.DagsterInstance) -> None:
    run(small, instance)
    graph = build_definitions(small).resolve_asset_graph()
    for key in graph.asset_check_keys:
        record = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
        assert record, f"{key} did not run"
        assert record[0].status.value == "SUCCEEDED", key


def test_one_source_runs_its_partitions_and_the_shared_assets_and_nothing_else(
    small: Settings, instance: dg.DagsterInstance
) -> None:
    run(small, instance)
    before = data_versions(small)
    job = build_definitions(small).resolve_job_def("one_source")
    result = job.execute_in_process(instance=instance, partition_key="pairs")
    steps = [e.step_key for e in result.all_events if e.is_step_success]
    assert sorted(steps) == sorted([*STAGES, *(f"{name}_checks" for name in STAGES)])
    partitions = {e.asset_key.to_user_string(): e.partition for e in result.get_asset_materialization_events()}
    assert {name: partitions[name] for name in PARTITIONED} == dict.fromkeys(PARTITIONED, "pairs")
    assert all(partitions[name] is None for name in SHARED)
    assert data_versions(small) == before  # an unchanged result makes nothing downstream stale


def test_a_changed_source_recomputes_itself_and_what_follows(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    run(small, instance)
    before = data_versions(small)
    with (project / "documents" / "pairs.csv").open("a") as file:
        file.write("gout,How is gout treated?,Anti-inflammatory medicines ease an attack of gout within days.\n")
    outcomes = run(small, instance)
    assert [o.name for o in outcomes] == ["pairs", "shared assets"]
    after = data_versions(small)
    changed = {name for name in after if after[name] != before[name]}
    assert {"raw_sources/pairs", "filtered_set/", "dataset_release/"} <= changed
    assert not any(name.endswith(("/leaflets", "/notes")) for name in changed)


def test_an_edit_that_changes_no_row_stops_where_nothing_changed(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    run(small, instance)
    before = data_versions(small)
    path = project / "policy.yaml"
    path.write_text(path.read_text() + "\n# a comment\n")
    outcomes = run(small, instance)
    assert [o.name for o in outcomes] == ["shared assets"]
    after = data_versions(small)
    assert after["filtered_set/"] == before["filtered_set/"]
    assert after["review_sample/"] == before["review_sample/"]


def test_refilter_measures_nothing_anew(small: Settings, instance: dg.DagsterInstance) -> None:
    run(small, instance)
    result = build_definitions(small).resolve_job_def("refilter").execute_in_process(instance=instance)
    steps = {e.step_key for e in result.all_events if e.is_step_success}
    assert "filtered_set" in steps
    assert "dataset_release" in steps
    assert not steps & {"raw_sources", "cleaned_text", "synthetic_expansions", "candidate_signals"}


def test_a_removed_source_disappears_from_the_release(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    run(small, instance)
    profile = project / "small.yaml"
    lines = [line for line in profile.read_text().splitlines()
             if not line.startswith(("  pairs:", "          columns:"))]
    profile.write_text("\n".join(lines))
    without = load_settings(profile)
    outcomes = run(without, instance)
    assert [o.name for o in outcomes] == ["shared assets"]
    released = Lake(without.lake_path).read("dataset_release").column("source").to_pylist()
    assert "pairs" not in released
    assert instance.get_dynamic_partitions("source") == ["leaflets", "notes"]


def test_a_source_that_cannot_be_read_stops_the_release_but_not_the_other_sources(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    pairs = project / "documents" / "pairs.csv"
    pairs.write_text(pairs.read_text().replace("question", "frage"))
    outcomes = run(small, instance)
    failed = [o for o in outcomes if not o.succeeded]
    assert [o.name for o in failed] == ["pairs", "shared assets"]
    assert "pairs.csv" in failed[0].problem
    assert "question" in failed[0].problem
    assert [o.name for o in outcomes if o.succeeded] == ["shared assets", "leaflets", "notes"]
    assert Lake(small.lake_path).manifest("dataset_release") is None


def test_wrong_data_does_not_flow_on(
    small: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that loses a row is caught by the blocking account, and nothing downstream runs."""
    from dataclasses import replace

    from itd_pipeline.pipeline import graph

    honest = STAGES["raw_sources"]

    def losing(scope: object) -> Iterator[object]:
        for batch in honest.compute(scope):  # type: ignore[arg-type]
            yield replace(batch, rows=batch.rows.slice(1))

    monkeypatch.setitem(graph.STAGES, "raw_sources", replace(honest, compute=losing))  # type: ignore[arg-type]
    outcomes = run(small, instance, sources=["pairs"], selected=["raw_sources", "cleaned_text"])
    assert [o.succeeded for o in outcomes] == [False]
    assert "rows_accounted" in outcomes[0].problem
    assert "1 lost" in outcomes[0].problem
    assert Lake(small.lake_path).manifest("cleaned_text", "pairs") is None


def test_the_job_everything_builds_what_the_command_builds(small: Settings, instance: dg.DagsterInstance) -> None:
    definitions = build_definitions(small)
    result = definitions.resolve_job_def("everything").execute_in_process(instance=instance)
    assert result.success
    assert {s.state for s in plan(STAGES, small, Lake(small.lake_path))} == {"up to date"}
    assert len(instance.get_runs()) == 1 + 2 + len(small.sources)


def test_the_schedule_asks_for_everything_weekly_and_only_when_switched_on(small: Settings) -> None:
    schedule = build_definitions(small).resolve_schedule_def("weekly_rebuild")
    assert schedule.cron_schedule == "0 3 * * 1"
    assert schedule.job_name == "everything"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_passing_failures_are_retried_and_others_are_not(
    small: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from itd_pipeline.defs import assets
    from itd_pipeline.errors import PermanentError, TransientError
    from itd_pipeline.pipeline import graph

    monkeypatch.setitem(assets._PATIENCE, "seconds_to_wait", 0)
    for error, tries in ((TransientError("The server rests."), 4), (PermanentError("The key is refused."), 1)):
        calls = []

        def failing(_: object, calls: list[int] = calls, error: Exception = error) -> Iterator[object]:
            calls.append(1)
            raise error
            yield

        monkeypatch.setitem(graph.STAGES, "raw_sources", replace(STAGES["raw_sources"], compute=failing))  # type: ignore[arg-type]
        outcomes = run(small, instance, sources=["pairs"], selected=["raw_sources"])
        assert [o.succeeded for o in outcomes] == [False]
        assert len(calls) == tries
    assert "The key is refused." in outcomes[0].problem
