"""Everything Dagster sees, made from a profile. It takes overrides: tests and the command use the real graph."""

from __future__ import annotations

import os
from collections.abc import Callable

import dagster as dg

from itd_pipeline.defs.assets import asset_for
from itd_pipeline.defs.checks import check_for
from itd_pipeline.defs.jobs import JOBS
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.defs.schedules import WEEKLY
from itd_pipeline.defs.sensors import source_changes
from itd_pipeline.pipeline.downstream import DOWNSTREAM_PROBE
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.refresh import Observer
from itd_pipeline.pipeline.stage import Answered, Estimated
from itd_pipeline.settings import Settings

REPORT_URL = "ITD_REPORT_URL"
"""Environment variable: where the evaluation report is served."""
SERVED_REPORT = "http://127.0.0.1:3001/report.html"
"""Where `itd ui` serves it, if no other port is asked for."""


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
    report = os.environ.get(REPORT_URL, SERVED_REPORT)
    stages = (*STAGES.values(), DOWNSTREAM_PROBE)
    return dg.Definitions(
        assets=[asset_for(stage, report) for stage in stages],
        asset_checks=[check_for(stage, settings) for stage in stages],
        jobs=JOBS,
        schedules=[WEEKLY],
        sensors=[source_changes],
        resources={"pipeline": Pipeline(settings, reload or (lambda: settings), observe, build, answered,
                                         estimated)},
        executor=dg.in_process_executor,
    )
