"""`itd status`: what is built, what a build would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from itd_pipeline.commands.console import AsJson, Profile, by_reason, out, print_json, print_rows, reported
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.outcome import release_folder, report_path
from itd_pipeline.pipeline.people import review_folder
from itd_pipeline.pipeline.plan import plan
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake


def status(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Show every stage and source: up to date or not, with its rows; where release, report and review sample lie.

    Computes nothing.

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
        built = _built(settings, lake)
        if as_json:
            print_json({"profile": settings.profile, "lake": settings.lake_path, "steps": lines, **built})
            return
        print_rows(f"Profile {settings.profile}", ("stage", "source", "state", "in", "out", "rejected"), [
            (s["stage"], s["partition"], s["state"], s["units_in"], s["rows_out"], by_reason(s["rejected"] or {}))
            for s in lines], right=("in", "out"))
        stale = sum(1 for s in lines if s["state"] != "up to date")
        if released := built["release"]:
            out.print(f"Release in force: {released['version']} ({released['status']}), {released['folder']}",
                      markup=False, soft_wrap=True)
        if built["report"]:
            out.print(f"Report: {built['report']}", markup=False, soft_wrap=True)
        if built["review_sample"]:
            out.print(f"Spreadsheets for reviewers: {built['review_sample']}", markup=False, soft_wrap=True)
        out.print("Everything is up to date." if not stale else
                  f"{stale} of {len(lines)} to do: itd build --profile {profile}", markup=False, soft_wrap=True)


def _built(settings: Settings, lake: Lake) -> dict[str, Any]:
    """Release in force, report and folder of the current review sample; None for each that is not there."""
    released, sample = lake.manifest("dataset_release"), lake.manifest("review_sample")
    release = None
    if released and release_folder(settings, released).is_dir():
        release = {"version": released.facts["version"], "status": released.facts.get("status", "draft"),
                   "folder": release_folder(settings, released)}
    folder: Path | None = None
    if sample and sample.facts.get("sample_id"):
        folder = review_folder(Scope(settings, lake)) / str(sample.facts["sample_id"])
    report = report_path(settings)
    return {"release": release, "report": report if report.is_file() else None,
            "review_sample": folder if folder is not None and folder.is_dir() else None}
