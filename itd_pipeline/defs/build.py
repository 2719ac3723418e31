"""Build what is stale: the experts' seeds, then each source in a run of its own, then what all sources share.

One process, several runs: a run takes half a second to start, a process six. Each run is recorded by Dagster as if
it had been started in the UI.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from itd_pipeline.defs.instance import PROCESS_TAG, clear_away_dead_runs
from itd_pipeline.defs.partitions import align
from itd_pipeline.pipeline.graph import PARTITIONED, STAGES
from itd_pipeline.pipeline.plan import Step, plan
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class RunOutcome:
    """One run: what it was for, which steps it executed, and what stopped it if anything did."""

    name: str
    succeeded: bool
    steps: tuple[str, ...]
    problem: str = ""


def build(definitions: dg.Definitions, settings: Settings, instance: dg.DagsterInstance,
          sources: Sequence[str] | None = None, selected: Sequence[str] | None = None) -> Iterator[RunOutcome]:
    """Run what a plan names, in order. A source that fails does not stop the other sources; what they share is
    then not built.

    Raises:
        KeyboardInterrupt: someone stopped it; what is finished is kept.

    Args:
        sources: only these; None for all.
        selected: only these stages; None for all.
    """
    clear_away_dead_runs(instance)
    align(instance, settings.sources)
    steps = [s for s in plan(STAGES, settings, Lake(settings.lake_path), sources, selected) if s.state != "up to date"]
    failed = False
    before = [s.stage for s in steps if not s.partition and _feeds_sources(s.stage)]
    for group, partition in [(before, ""), *((_stages_of(steps, name), name) for name in settings.sources)]:
        if group:
            outcome = _run(definitions, instance, group, partition)
            failed |= not outcome.succeeded
            yield outcome
    shared = [s.stage for s in steps if not s.partition and not _feeds_sources(s.stage)]
    if shared and failed:
        yield RunOutcome("shared assets", False, (), "not built, because a source above failed")
    elif shared:
        yield _run(definitions, instance, shared, "")


def _feeds_sources(stage: str) -> bool:
    return any(stage in STAGES[name].upstream for name in PARTITIONED)


def _stages_of(steps: Sequence[Step], partition: str) -> list[str]:
    return [s.stage for s in steps if s.partition == partition]


def _run(definitions: dg.Definitions, instance: dg.DagsterInstance, stages: Sequence[str],
         partition: str) -> RunOutcome:
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=instance,
        run_config=_QUIET,
        tags={PROCESS_TAG: str(os.getpid())},
        asset_selection=[dg.AssetKey(stage) for stage in stages],
        partition_key=partition or None,
        raise_on_error=False,
    )
    if any(e.is_step_failure and e.step_failure_data.error and
           e.step_failure_data.error.cls_name == "DagsterExecutionInterruptedError" for e in result.all_events):
        raise KeyboardInterrupt
    steps = tuple(e.step_key for e in result.all_events if e.is_step_success and e.step_key)
    return RunOutcome(partition or "shared assets", result.success, steps, _problem(result))


def _problem(result: dg.ExecuteInProcessResult) -> str:
    """The first step that failed, in words: its own failure, or the blocking checks that did not hold."""
    if result.success:
        return ""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data is not None and data.user_failure_data.description:
                return f"{event.step_key}: {data.user_failure_data.description}"
            if "AssetCheck" not in str(data.error.cls_name if data.error else ""):
                return f"{event.step_key}: {_cause(data.error)}"
    failed = [e for e in result.get_asset_check_evaluations() if not e.passed and e.severity is
              dg.AssetCheckSeverity.ERROR]
    return "; ".join(f"{e.asset_key.to_user_string()}, {e.check_name}: {e.description}" for e in failed) or "failed"


def _cause(error: Any) -> str:
    """The innermost error's class and place. Not its message: that of a library may quote a document."""
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "failed for no stated reason. `itd ui` shows the run."
    place = error.stack[-1].strip().splitlines()[0] if error.stack else ""
    return f"unexpected {error.cls_name} ({place}). This is a fault of the pipeline; `itd ui` shows the whole of it."
