"""`itd ui`: the Dagster UI on this machine."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from itd_pipeline.commands.build import dagster_home
from itd_pipeline.commands.console import Profile, out, reported
from itd_pipeline.settings import load_settings


def ui(
    profile: Profile = "demo",
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open the Dagster UI for a profile: graph, lineage, checks, schedule, sensor, backfills.

    It listens on this machine only. Stop it with Ctrl-C.

    Example:

      itd ui --profile demo --port 3001
    """
    with reported():
        settings = load_settings(profile)
        home = dagster_home(settings)
        os.environ["ITD_PROFILE"] = profile
        from itd_pipeline.defs.instance import show_sources

        show_sources(home, settings.sources)
        out.print(f"http://127.0.0.1:{port}   (Ctrl-C stops it)")
        os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port),
                                  "--module-name", "itd_pipeline.definitions"])
