"""Build small projects in forked children and kill them with SIGKILL at chosen points.

A point is the n-th time that the build opens, renames or makes a file below the lake or in the model's journal:
Python's audit events, so nothing in the package knows of it. The parent imports everything once and forks; a child
that is killed leaves the file system as a power cut of the process would.

Usage: kill_driver.py FOLDER POINTS   prints one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

WORKERS = 2
IN_FLIGHT = 4
CHANGES = {"name: fake/scripted,": f"name: fake/scripted, concurrency: {IN_FLIGHT},"}
WATCHED = {"open", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree", "sqlite3.connect"}


def run_build(project: Path, kill_at: int | None, count_to: Path | None = None) -> int:
    """Build in a child; returns its exit status as os.waitpid gives it."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    os.chdir(project)
    events = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal events
        if event not in WATCHED or not isinstance(arguments[0], (str, Path)):
            return
        name = str(arguments[0])
        if "lake" not in name and "journal" not in name:
            return
        events += 1
        if events == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    from itd_pipeline.commands.build import build

    status = 1
    try:
        build(profile="small.yaml", source=None, select=None, as_json=True)
        status = 0
    finally:
        if count_to is not None:
            count_to.write_text(str(events))
        sys.stdout.flush()
        os._exit(status)


def release_digest(project: Path) -> dict[str, str]:
    """Path -> SHA-256 for every file of every release."""
    releases = project / "data" / "lake" / "releases"
    releases = releases if releases.is_dir() else project / "lake" / "releases"
    return {str(path.relative_to(releases)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(releases.rglob("*")) if path.is_file()}


def repeated(project: Path) -> int:
    """How many requests the journal holds more than once."""
    lines = (project / "journal.txt").read_text().split("\n")
    return sum(n - 1 for line, n in Counter(lines).items() if line)


def one_point(folder: Path, number: int, at: int, expected: dict[str, str]) -> dict[str, Any]:
    """Kill a build at one point, finish it, and compare."""
    from itd_pipeline_tests.conftest import small_project

    project = folder / f"killed-{number}"
    project.mkdir()
    small_project(project, CHANGES)
    killed = run_build(project, at)
    journal = project / "journal.txt"
    before = len(journal.read_text().splitlines()) if journal.exists() else 0
    finished = run_build(project, None)
    return {
        "at": at, "killed": os.WIFSIGNALED(killed) and os.WTERMSIG(killed) == signal.SIGKILL,
        "finished": finished == 0, "same_release": release_digest(project) == expected,
        "requests_before": before, "repeated": repeated(project),
    }


def main(folder: Path, points: int) -> dict[str, Any]:
    import dagster
    import great_expectations

    from itd_pipeline.defs.graph import build_definitions
    from itd_pipeline_tests.conftest import small_project

    assert dagster
    assert great_expectations
    assert build_definitions
    whole = folder / "whole"
    whole.mkdir()
    small_project(whole, CHANGES)
    undisturbed = run_build(whole, None, folder / "events")
    events = int((folder / "events").read_text())
    expected = release_digest(whole)
    at = [1 + number * (events - 1) // max(points - 1, 1) for number in range(points)]
    workers = []
    for first in range(WORKERS):
        pid = os.fork()
        if not pid:
            for number in range(first, points, WORKERS):
                (folder / f"verdict-{number}").write_text(json.dumps(one_point(folder, number, at[number], expected)))
            os._exit(0)
        workers.append(pid)
    for pid in workers:
        os.waitpid(pid, 0)
    outcomes = [json.loads((folder / f"verdict-{number}").read_text()) for number in range(points)]
    return {"undisturbed": undisturbed == 0, "events": events, "files": len(expected),
            "requests": len((whole / "journal.txt").read_text().splitlines()), "points": outcomes}


if __name__ == "__main__":
    out = os.dup(1)
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)  # the builds print; only the verdict goes to standard output
    verdict = main(Path(sys.argv[1]), int(sys.argv[2]))
    os.write(out, json.dumps(verdict).encode())
