"""Everything Dagster sees, made from a profile. It takes overrides: tests and the command use the real graph."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg

from itd_pipeline.defs.assets import asset_for
from itd_pipeline.defs.checks import check_for
from itd_pipeline.defs.jobs import JOBS
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.defs.schedules import WEEKLY
from itd_pipeline.defs.sensors import source_changes
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.refresh import Observer
from itd_pipeline.pipeline.stage import Answered, Estimated
from itd_pipeline.settings import Settings


def build_definitions(settings: Settings, reload: Callable[[], Settings] | None = None,
                      observe: Observer | None = None, build: str = "",
                      answered: Answered | None = None, estimated: Estimated | None = None) -> dg.Definitions:
    """Assets, checks, jobs, schedule and sensor for a profile.

    Args:
        reload: reads the profile anew; by default the same settings again.
        observe: told of each batch that a stage writes.
        build: name of the build that caps what models may cost.
        answered: told how far the requests to a model are.
        estimated: told what they will come to, before they are sent.
    """
    return dg.Definitions(
        assets=[asset_for(stage) for stage in STAGES.values()],
        asset_checks=[check_for(stage) for stage in STAGES.values()],
        jobs=JOBS,
        schedules=[WEEKLY],
        sensors=[source_changes],
        resources={"pipeline": Pipeline(settings, reload or (lambda: settings), observe, build, answered,
                                         estimated)},
        executor=dg.in_process_executor,
    )
