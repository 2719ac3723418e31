"""`itd status`: what is built, what a build would do."""

from __future__ import annotations

from typing import Any

from itd_pipeline.commands.console import AsJson, Profile, by_reason, out, print_json, print_rows, reported
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.plan import plan
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake


def status(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Show every stage and source: up to date or not, with its rows. Computes nothing.

    Example:

      itd status --profile full --json
    """
    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        lines: list[dict[str, Any]] = []
        for step in plan(STAGES, settings, lake):
            manifest = lake.manifest(step.stage, step.partition)
            lines.append({
                "stage": step.stage, "partition": step.partition, "state": step.state,
                "units_in": manifest.units_in if manifest else None,
                "rows_out": manifest.rows_out if manifest else None,
                "rejected": dict(manifest.rejected) if manifest else None,
                "data_version": manifest.data_version if manifest else None,
            })
        if as_json:
            print_json({"profile": settings.profile, "lake": settings.lake_path, "steps": lines})
            return
        print_rows(f"Profile {settings.profile}", ("stage", "source", "state", "in", "out", "rejected"), [
            (s["stage"], s["partition"], s["state"], s["units_in"], s["rows_out"], by_reason(s["rejected"] or {}))
            for s in lines], right=("in", "out"))
        stale = sum(1 for s in lines if s["state"] != "up to date")
        out.print("Everything is up to date." if not stale else f"{stale} of {len(lines)} to do: itd build")
