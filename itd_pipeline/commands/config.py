"""`itd config`: check a profile and its policy."""

from __future__ import annotations

import typer

from itd_pipeline.commands.console import EXIT_CODES, AsJson, Profile, out, print_json, reported
from itd_pipeline.pipeline.documents import source_digest
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.policy import load_policy
from itd_pipeline.review import load_rubric
from itd_pipeline.seeds import seed_files
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake

app = typer.Typer(no_args_is_help=True, help="Check a profile before running it.")


@app.callback()
def _config() -> None:
    """Check a profile before running it."""


@app.command(epilog=EXIT_CODES)
def check(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Read a profile, its policy and rubric, and look for every file they name. An unknown key lists the valid ones.

    Example:

      itd config check --profile conf/ours.yaml
    """
    with reported(as_json):
        settings = load_settings(profile)
        policy = load_policy(settings.resolve(settings.policy))
        rubric = load_rubric(settings.resolve(settings.review.rubric))
        seeds = seed_files([settings.resolve(path) for path in settings.seeds.paths])
        lake = Lake(settings.lake_path)
        files = {name: len(source_digest(Scope(settings, lake, name))) for name in settings.sources}
        if as_json:
            print_json({"profile": settings.profile, "valid": True, "files": files, "seed_files": len(seeds),
                        "rules": len(policy.rules), "rubric": rubric.version})
            return
        for name, count in files.items():
            out.print(f"source {name}: {count:,} files", markup=False)
        out.print(f"{len(seeds)} seed files, {len(policy.rules)} rules, rubric {rubric.version}. "
                  f"Profile {settings.profile} is valid.", markup=False)
