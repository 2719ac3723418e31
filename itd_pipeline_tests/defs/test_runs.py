"""What runs when: one source, re-filter, removal, failure. On the real graph, with a scripted model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from itd_pipeline.defs.build import RunOutcome, build
from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.pipeline import release_gate
from itd_pipeline.pipeline.graph import PARTITIONED, STAGES
from itd_pipeline.pipeline.plan import plan
from itd_pipeline.pipeline.stage import Scope
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
        if key.asset_key.to_user_string() not in STAGES:
            continue  # the probe: no build runs it
        record = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
        assert record, f"{key} did not run"
        if key.name == release_gate.CHECK and key.asset_key.to_user_string() == release_gate.STAGE:
            found = record[0].evaluation  # nobody has judged yet: a warning, and what is released is a draft
            assert found is not None
            assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
            assert str(found.description).startswith("Draft. ")
            continue
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


def test_what_failed_its_checks_stays_stopped_however_often_it_is_tried(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    """No row at all in a source: the first build stops there, and so do the second and the third."""
    pairs = project / "documents" / "pairs.csv"
    pairs.write_text(pairs.read_text().splitlines()[0] + "\n")
    for _ in range(3):
        outcomes = run(small, instance)
        assert [o.name for o in outcomes if not o.succeeded] == ["pairs", "shared assets"]
        failed = next(o for o in outcomes if o.name == "pairs")
        assert "raw_sources, has_rows: The table holds no row, because nothing came in" in failed.problem
        lake = Lake(small.lake_path)
        assert lake.manifest("cleaned_text", "pairs") is None
        assert lake.manifest("dataset_release") is None
        assert not (lake.root / "releases").exists()


def test_a_release_that_fails_its_checks_is_not_published(
    small: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from itd_pipeline.quality.rules import RULES, Rule

    never = Rule("never", "Never holds.", "SELECT 1")
    with monkeypatch.context() as patch:
        patch.setitem(RULES, "dataset_release", (*RULES["dataset_release"], never))
        for _ in range(2):
            assert not run(small, instance)[-1].succeeded
            assert not (small.lake_path / "releases").exists()
    assert run(small, instance)[-1].succeeded
    assert len(list((small.lake_path / "releases").iterdir())) == 1


def test_no_request_is_paid_where_the_seeds_failed_their_checks(
    project: Path, small: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from itd_pipeline.quality.rules import RULES, Rule

    monkeypatch.setitem(RULES, "expert_seeds", (Rule("never", "Never holds.", "SELECT 1"),))
    assert not any(o.succeeded for o in run(small, instance))
    assert not (project / "journal.txt").exists()


def test_a_stored_file_of_another_schema_is_noticed(small: Settings, instance: dg.DagsterInstance) -> None:
    import pyarrow.parquet as pq

    from itd_pipeline.pipeline.inspect import verify

    run(small, instance, sources=["pairs"], selected=["raw_sources"])
    lake = Lake(small.lake_path)
    path = lake.path("raw_sources", "pairs")
    rows = lake.read("raw_sources", "pairs")
    pq.write_table(rows.select(list(reversed(rows.column_names))), path)
    manifest = path.parent / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"]["rows"]["size"] = path.stat().st_size
    manifest.write_text(json.dumps(told))
    outcomes = {o.check: o for o in verify(STAGES["raw_sources"], STAGES, Scope(small, lake, "pairs"))}
    assert not outcomes["schema"].held
    assert not outcomes["keys"].held  # what could not be asked has not passed
    assert not lake.passed("raw_sources", "pairs")


def test_the_order_of_sources_in_the_profile_decides_nothing(
    project: Path, small: Settings, instance: dg.DagsterInstance
) -> None:
    run(small, instance)
    turned = small.model_copy(update={"sources": dict(reversed(small.sources.items())), "lake": Path("other")})
    run(turned, instance)
    assert Lake(small.lake_path).require("dataset_release").facts["version"] == Lake(
        turned.lake_path).require("dataset_release").facts["version"]


def test_the_job_everything_builds_what_the_command_builds(small: Settings, tmp_path: Path) -> None:
    """With the shipped dagster.yaml, whose pool has one slot."""
    from itd_pipeline.commands.build import dagster_home
    from itd_pipeline.defs.instance import local_instance

    with local_instance(dagster_home(small)) as instance:
        result = build_definitions(small).resolve_job_def("everything").execute_in_process(instance=instance)
        assert result.success
        assert {s.state for s in plan(STAGES, small, Lake(small.lake_path))} == {"up to date"}
        assert len(instance.get_runs()) == 1 + 2 + len(small.sources)


def test_a_slot_held_by_a_killed_process_is_freed(small: Settings) -> None:
    """A run of a process that is no more holds the only slot for the model."""
    import subprocess

    from itd_pipeline.commands.build import dagster_home
    from itd_pipeline.defs.instance import PROCESS_TAG, clear_away_dead_runs, local_instance

    gone = subprocess.Popen(["true"])
    gone.wait()
    with local_instance(dagster_home(small)) as instance:
        dead = instance.create_run_for_job(
            build_definitions(small).resolve_job_def("one_source"), status=dg.DagsterRunStatus.STARTED,
            tags={PROCESS_TAG: str(gone.pid)})
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("model")
        assert storage.claim_concurrency_slot("model", dead.run_id, "synthetic_expansions").is_claimed
        clear_away_dead_runs(instance)
        assert storage.get_concurrency_info("model").active_slot_count == 0
        assert instance.get_run_by_id(dead.run_id).status is dg.DagsterRunStatus.FAILURE


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
