"""`itd ui`: the Dagster UI on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from itd_pipeline.commands.build import dagster_home
from itd_pipeline.commands.console import Profile, out, reported
from itd_pipeline.pipeline.outcome import report_path
from itd_pipeline.settings import load_settings


def ui(
    profile: Profile = "demo",
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open the Dagster UI for a profile: graph, lineage, checks, schedule, sensor, backfills. The evaluation report is
    served on the next port, and every asset links to its section.

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
        folder = report_path(settings).parent
        folder.mkdir(parents=True, exist_ok=True)
        with served(folder, port + 1) as report:
            os.environ["ITD_REPORT_URL"] = report
            out.print(f"http://127.0.0.1:{port}   (Ctrl-C stops it)   The report: {report}", soft_wrap=True)
            dagster = subprocess.Popen([sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port",
                                        str(port), "--module-name", "itd_pipeline.definitions"])
            signal.signal(signal.SIGTERM, lambda *_: dagster.terminate())
            while True:
                try:
                    raise typer.Exit(dagster.wait())
                except KeyboardInterrupt:  # Dagster was told as well, and closes down
                    continue


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """The report over HTTP on this machine, so that the Dagster UI can link to it: browsers follow no link from a page
    to a file. Only requests to this machine by its own name are answered, and only files of the folder."""
    handler = partial(_ReportFiles, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/report.html"
        finally:
            server.shutdown()


class _ReportFiles(SimpleHTTPRequestHandler):
    """Files of one folder; nothing is logged."""

    def parse_request(self) -> bool:
        """Refuses a page elsewhere that has its own name point at this machine."""
        if not super().parse_request():
            return False
        if self.headers.get("Host", "").split(":")[0] not in ("127.0.0.1", "localhost"):
            self.send_error(403)
            return False
        return True

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        return None
