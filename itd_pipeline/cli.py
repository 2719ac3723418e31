"""The `itd` command: what a person types. Each command is a file in `commands/`."""

from __future__ import annotations

import typer

from itd_pipeline.commands import (
    build,
    config,
    deid,
    docs,
    explain,
    forget,
    rejects,
    release,
    review,
    seeds,
    sources,
    sql,
    status,
    ui,
)
from itd_pipeline.commands.console import EXIT_CODES

app = typer.Typer(
    name="itd", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Build instruction-tuning datasets from medical text that clinicians can trust.\n\n"
         "Start with `itd build`, then `itd status`, `itd explain RECORD` and `itd ui`.",
    epilog=EXIT_CODES,
)
for command in (build.build, status.status, explain.explain, rejects.rejects, sql.sql, ui.ui,
                docs.docs, forget.forget):
    app.command(epilog=EXIT_CODES)(command)
app.add_typer(sources.app, name="sources", epilog=EXIT_CODES)
app.add_typer(config.app, name="config")
app.add_typer(release.app, name="release")
app.add_typer(deid.app, name="deid")
app.add_typer(review.app, name="review")
app.add_typer(seeds.app, name="seeds")


def main() -> None:
    """Entry point of the `itd` command."""
    app()
