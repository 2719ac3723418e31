"""`itd probe`: train a small model on the release and say what it learned."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from itd_pipeline.commands.console import FAILED, AsJson, Profile, err, out, print_json, print_rows, reported
from itd_pipeline.pipeline.downstream import probing
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import blocks, verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.lock import exclusive


def probe(
    profile: Profile = "demo",
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of training instead of the profile's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a small model on the release, and compare it on held-out records, benchmarks and general text with the
    base model, with as many random candidates, and with the last release.

    Needs the optional extra: pip install 'itd-pipeline[probe]'. No build runs it; a result is kept until what it rests
    on changes.

    Examples:

      itd probe
      itd probe --steps 30          a first look
    """
    with reported(as_json):
        settings = load_settings(profile)
        if steps is not None:
            settings = settings.model_copy(update={"probe": settings.probe.model_copy(update={"steps": steps})})
        started = time.perf_counter()
        stage = probing(lambda sentence: None if as_json else out.print(
            f"{time.perf_counter() - started:6.0f} s  {sentence}", markup=False, soft_wrap=True))
        with exclusive(settings.lake_path, settings.profile):
            scope = Scope(settings, Lake(settings.lake_path))
            done = refresh(stage, STAGES, scope)
            failed = [o for o in verify(stage, STAGES, scope) if not o.held and blocks(stage, o.check, settings)]
        rows = scope.lake.read(stage.name).to_pylist()
        facts = done.manifest.facts
        if as_json:
            print_json({"computed": done.computed, "seconds": done.manifest.seconds, **facts, "rows": rows})
        else:
            print_rows(f"Probe: {facts['model']}, {facts['steps']} steps",
                       ("arm", "against", "test", "metric", "items", "value", "95 % interval"),
                       [(r["arm"], "" if r["arm"] == r["against"] else r["against"], r["test"], r["metric"],
                         r["items"], "not measured" if r["value"] is None else f"{r['value']:.4f}",
                         "" if r["low"] is None else f"{r['low']:.4f} to {r['high']:.4f}") for r in rows],
                       right=("items", "value"))
            for row in rows:
                if row["note"]:
                    out.print(row["note"], markup=False, soft_wrap=True)
            out.print(f"{done.manifest.seconds:.0f} s{'' if done.computed else ', earlier: nothing has changed since'}")
        for outcome in failed:
            err.print(f"{outcome.check}: {outcome.sentence}", markup=False)
        if failed:
            raise typer.Exit(FAILED)
