"""`itd build`: bring everything up to date and say what came of it."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itd_pipeline.commands.console import FAILED, AsJson, Profile, by_reason, err, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.plan import plan
from itd_pipeline.ports import Estimate, ModelProgress, WorkProgress
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake, storage_errors
from itd_pipeline.storage.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

_LINE_EVERY_S = 10.0


def build(
    profile: Profile = "demo",
    source: Annotated[list[str] | None, typer.Option("--source", "-s", help="Only this source, and what all sources "
                                                     "share. May be given more than once.")] = None,
    select: Annotated[list[str] | None, typer.Option("--select", help="Only this stage; `stage+` for it and all that "
                                                     "follows. May be given more than once.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build the dataset: read, clean, expand, measure, filter, sample, report, release.

    Only what changed is computed. A run that was stopped, or killed, goes on where it was.

    Examples:

      itd build                          the demo profile
      itd build --profile full           another profile
      itd build --source hpo             one source and what follows
      itd build --select filtered_set+   a new policy: filter again, nothing is measured anew
    """
    with reported(as_json):
        settings = load_settings(profile)
        known(settings, source)
        started = time.perf_counter()
        stale = [s for s in plan(STAGES, settings, Lake(settings.lake_path), source, _stages(select))
                 if s.state != "up to date"]
        problems: list[str] = []
        if stale:
            problems = _run(settings, source, _stages(select), quiet=as_json)
        report(settings, time.perf_counter() - started, recomputed=bool(stale), problems=problems, as_json=as_json)
        if problems:
            raise typer.Exit(FAILED)


def known(settings: Settings, sources: Sequence[str] | None) -> None:
    """Raises ConfigError where a name is no source of the profile."""
    for name in sources or ():
        if name not in settings.sources:
            raise ConfigError(f"The profile has no source {name!r}.", f"Its sources: {', '.join(settings.sources)}.")


def _stages(select: Sequence[str] | None) -> list[str] | None:
    """Names of stages, with `stage+` spelled out."""
    if not select:
        return None
    wanted: set[str] = set()
    for item in select:
        name = item.rstrip("+")
        if name not in STAGES:
            raise ConfigError(f"There is no stage {name!r}.", f"Stages: {', '.join(STAGES)}.")
        wanted.add(name)
        if item.endswith("+"):
            for stage in STAGES.values():  # in order of the graph, so one pass finds all that follow
                if set(stage.upstream) & wanted:
                    wanted.add(stage.name)
    return [name for name in STAGES if name in wanted]


def _run(settings: Settings, sources: Sequence[str] | None, selected: Sequence[str] | None, quiet: bool) -> list[str]:
    """Run what is stale through Dagster; returns what went wrong."""
    problems = []
    with exclusive(settings.lake_path, settings.profile), _progress(quiet) as observe:
        home = dagster_home(settings)
        from itd_pipeline.defs.build import build as build_runs
        from itd_pipeline.defs.graph import build_definitions
        from itd_pipeline.defs.instance import local_instance

        definitions = build_definitions(settings, observe=observe.stage, build=uuid.uuid4().hex,
                                        answered=observe.answer, estimated=observe.estimate)
        with local_instance(home) as instance:
            for outcome in build_runs(definitions, settings, instance, sources, selected):
                if not outcome.succeeded:
                    problems.append(f"{outcome.name}: {outcome.problem}")
    return problems


def dagster_home(settings: Settings) -> Path:
    """The folder where Dagster keeps runs and events, below the lake, with the project's dagster.yaml in it."""
    home = settings.lake_path / "dagster"
    config = settings.root / "dagster.yaml"
    text = config.read_bytes() if config.is_file() else b"telemetry: {enabled: false}\n"
    with storage_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        (home / "dagster.yaml").write_bytes(text)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    return home


def _told(name: str, progress: ModelProgress) -> str:
    """A line on a partition whose records ask a model, or on a step that measures."""
    return f"{name}: {progress.sentence}" if isinstance(progress, WorkProgress) else (
        f"model, {name}: {progress.sentence}")


class _Watcher:
    """Tells of stages and answers: nothing for machines, a line each for a log."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._seen: set[tuple[str, str]] = set()
        self._told_at = time.monotonic()

    def stage(self, stage: str, partition: str, rows: int, rejects: int) -> None:
        if not self._quiet and (stage, partition) not in self._seen:
            self._seen.add((stage, partition))
            err.print(f"{stage} {partition}".rstrip(), markup=False)

    def answer(self, partition: str, progress: ModelProgress) -> None:
        """A line every ten seconds, and one at the end of the requests of a route."""
        now = time.monotonic()
        if self._quiet or not progress.planned:
            return
        if progress.done == progress.planned or now - self._told_at >= _LINE_EVERY_S:
            self._told_at = now
            err.print(_told(partition, progress), markup=False, soft_wrap=True)

    def estimate(self, partition: str, estimate: Estimate) -> None:
        """What a source will come to, before its requests are sent."""
        if not self._quiet:
            err.print(f"estimate, {partition}: {estimate.sentence}", markup=False, soft_wrap=True)


class _Bars(_Watcher):
    """A spinner with the stage at hand and its rows, and a bar for the answers of a model."""

    def __init__(self, bar: Progress) -> None:
        super().__init__(quiet=False)
        self._bar = bar
        self._task = bar.add_task("starting Dagster", total=None)

    def stage(self, stage: str, partition: str, rows: int, rejects: int) -> None:
        name = f"{stage}\\[{partition}]" if partition else stage
        self._bar.update(self._task, description=f"{name}: {rows:,} rows, {rejects:,} rejected", total=None)

    def answer(self, partition: str, progress: ModelProgress) -> None:
        self._bar.update(self._task, description=_told(partition, progress),
                         completed=progress.done, total=progress.planned or None)


@contextmanager
def _progress(quiet: bool) -> Iterator[_Watcher]:
    """What tells of progress: bars in a terminal, lines in a log, nothing for a machine."""
    if quiet or not err.is_terminal:
        yield _Watcher(quiet)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=err,
                  transient=True) as bar:
        yield _Bars(bar)


def report(settings: Settings, seconds: float, recomputed: bool, problems: Sequence[str], as_json: bool) -> None:
    """Funnel, seconds per stage, where release and report lie, what to do next."""
    from itd_pipeline.pipeline.funnel import funnel
    from itd_pipeline.pipeline.outcome import release_folder, report_path
    from itd_pipeline.pipeline.release_gate import release_check
    from itd_pipeline.pipeline.stage import Scope

    lake = Lake(settings.lake_path)
    balances = funnel(settings, lake)
    released = lake.manifest("dataset_release")
    folder = release_folder(settings, released) if released else None
    if as_json:
        print_json({"profile": settings.profile, "recomputed": recomputed, "seconds": round(seconds, 1),
                    "problems": list(problems), "funnel": balances, "release": folder, "report": report_path(settings)})
        return
    print_rows(
        f"Profile {settings.profile}: rows in = rows out + rejected",
        ("stage", "source", "in", "out", "rejected", "reasons", "seconds"),
        [(b["stage"], b["partition"], b["units_in"], b["rows_out"], sum(b["rejected"].values()),
          by_reason(b["rejected"]), f"{b['seconds']:.1f}") for b in balances],
        right=("in", "out", "rejected", "seconds"),
    )
    if not recomputed:
        out.print("Nothing had changed: nothing was computed.")
    for problem in problems:
        err.print(problem, style="bold red", markup=False)
    if folder is not None and released is not None and not problems:
        status = released.facts.get("status", "draft")
        out.print(f"Release ({status}): {_nearby(folder)}", markup=False, soft_wrap=True)
        if status == "draft" and lake.manifest("human_evaluation"):
            out.print(release_check(Scope(settings, lake))[1], markup=False, soft_wrap=True)
        out.print(f"Report: {_nearby(report_path(settings))}", markup=False, soft_wrap=True)
    out.print(f"{seconds:.0f} s. The Dagster UI: itd ui --profile {settings.profile}   (or `make ui`)", markup=False)


def _nearby(path: Any) -> str:
    """A path as seen from here, where that is shorter."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
