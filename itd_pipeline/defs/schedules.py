"""The weekly rebuild. Stopped until someone starts it: it may cost money."""

from __future__ import annotations

import dagster as dg

from itd_pipeline.defs.jobs import everything

WEEKLY = dg.ScheduleDefinition(
    name="weekly_rebuild",
    job=everything,
    cron_schedule="0 3 * * 1",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every Monday at 03:00 UTC: rebuild what has changed.",
)
