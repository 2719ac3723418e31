"""The `itd` command: what a person types. Each command is a file in `commands/`."""

from __future__ import annotations

import os
import sys

import typer

from itd_pipeline.commands import (
    build,
    cache,
    config,
    deid,
    docs,
    estimate,
    explain,
    fake_provider,
    forget,
    policy,
    probe,
    recipe,
    rejects,
    release,
    review,
    seeds,
    sources,
    sql,
    status,
    ui,
    validate,
)
from itd_pipeline.commands.console import EXIT_CODES, STOPPED

app = typer.Typer(
    name="itd", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Build instruction-tuning datasets from medical text that clinicians can trust.\n\n"
         "Start with `itd build`, then `itd status`, `itd explain RECORD` and `itd ui`.",
    epilog=EXIT_CODES,
)
for command in (build.build, status.status, explain.explain, rejects.rejects, sql.sql, ui.ui,
                docs.docs, estimate.estimate, forget.forget, fake_provider.fake_provider, validate.validate,
                probe.probe):
    app.command(epilog=EXIT_CODES)(command)
app.add_typer(sources.app, name="sources", epilog=EXIT_CODES)
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.add_typer(release.app, name="release")
app.add_typer(deid.app, name="deid")
app.add_typer(policy.app, name="policy")
app.add_typer(recipe.app, name="recipe")
app.add_typer(review.app, name="review")
app.add_typer(seeds.app, name="seeds")


def main() -> None:
    """Entry point of the `itd` command."""
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED:
            # Everything is committed and closed. Taking down an interpreter with all that Dagster imports takes 1.5 s
            # more (measured), several times that on busy cores, and someone is waiting.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(STOPPED)
        raise
