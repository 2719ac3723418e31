"""What a build would do: which partitions are up to date, and which may change.

Belongs here: asking. A stage downstream of a stale one only *may* change: if its input comes out the same, it is
kept. Reading a plan imports neither Dagster nor Great Expectations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from itd_pipeline.errors import SourceError
from itd_pipeline.pipeline.refresh import current
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake

State = Literal["up to date", "to build", "may change"]


@dataclass(frozen=True)
class Step:
    """One partition of one stage, and what a build would do to it."""

    stage: str
    partition: str
    state: State


def plan(stages: Mapping[str, Stage], settings: Settings, lake: Lake, sources: Sequence[str] | None = None,
         selected: Sequence[str] | None = None) -> list[Step]:
    """Steps in the order of the graph.

    Args:
        sources: only these sources' partitions; None for all.
        selected: only these stages; None for all.
    """
    steps: list[Step] = []
    moving: set[tuple[str, str]] = set()
    for stage in stages.values():
        for partition in settings.sources if stage.partitioned else ("",):
            if stage.partitioned and sources is not None and partition not in sources:
                continue
            if selected is not None and stage.name not in selected:
                continue
            state = _state(stage, stages, Scope(settings, lake, partition), moving)
            if state != "up to date":
                moving.add((stage.name, partition))
            steps.append(Step(stage.name, partition, state))
    return steps


def _state(stage: Stage, stages: Mapping[str, Stage], scope: Scope, moving: set[tuple[str, str]]) -> State:
    for name in stage.upstream:
        for moved, partition in moving:
            if moved == name and (not stage.partitioned or partition in {"", scope.partition}):
                return "may change" if scope.lake.manifest(stage.name, scope.partition) else "to build"
    try:
        return "up to date" if current(stage, stages, scope) else "to build"
    except SourceError:
        return "to build"  # it cannot be read now; the build says why
