"""`itd release`: look at what was released."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itd_pipeline.commands.console import EXIT_CODES, FAILED, AsJson, err, out, print_json, reported
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.release import verify_release

app = typer.Typer(no_args_is_help=True, help="Look at what was released.")


@app.callback()
def _release() -> None:
    """Look at what was released."""


@app.command(epilog=EXIT_CODES)
def verify(folder: Annotated[Path, typer.Argument(help="Folder of a release.")], as_json: AsJson = False) -> None:
    """Recompute checksums, version and splits of a release from its files alone.

    Example:

      itd release verify data/lake/releases/itd-demo-0123456789ab
    """
    with reported(as_json):
        if not folder.is_dir():
            raise NotBuiltError(f"There is no folder {str(folder)!r}.", "Run `itd build`, or name another folder.")
        problems = verify_release(folder)
    if as_json:
        print_json({"folder": folder, "problems": problems})
    for problem in problems if not as_json else ():
        err.print(problem, style="bold red", markup=False)
    if problems:
        raise typer.Exit(FAILED)
    if not as_json:
        out.print(f"{folder.name}: every file is what its checksum says, splits do not leak.", markup=False)
