"""`itd estimate`: what a build would ask a model, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from itd_pipeline.commands.build import known
from itd_pipeline.commands.console import AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.pipeline.estimating import BY_MODEL, estimate_source
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import Estimate, shown
from itd_pipeline.settings import Model, Settings, load_settings
from itd_pipeline.storage.lake import Lake


def estimate(
    profile: Profile = "demo",
    source: Annotated[list[str] | None, typer.Option("--source", "-s", help="Only this source. May be given more than "
                                                     "once.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="Really send so many requests of each route, to learn how long "
                                        "answers are. They are paid for, within the caps, and kept.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say how many requests a build would send, and what they come to: tokens, dollars and time, with 95 % intervals.

    Passages must have been built: `itd build --select cleaned_text --select expert_seeds` asks no model.

    Examples:

      itd estimate --profile full
      itd estimate --profile full --sample 20
    """
    with reported(as_json):
        settings = load_settings(profile)
        known(settings, source)
        names = [name for name, one in settings.sources.items()
                 if BY_MODEL & set(one.routes) and (not source or name in source)]
        lake = Lake(settings.lake_path)
        found = {name: estimate_source(Scope(settings, lake, name), sample) for name in names}
        total = sum(found.values(), Estimate())
        notes = list(_notes(settings.model, total))
        if as_json:
            print_json({"model": settings.model.name, "sources": {n: asdict(e) for n, e in found.items()},
                        "total": asdict(total), "notes": notes})
            return
        _show(settings, found, total)
        for note in notes:
            out.print(note, markup=False, soft_wrap=True)


def _show(settings: Settings, found: Mapping[str, Estimate], total: Estimate) -> None:
    print_rows(f"Requests to {settings.model.name}",
               ("source", "requests", "stored", "refused", "tokens sent", "tokens received", "US dollars", "seconds"),
               [(name, e.requests, e.stored, e.refused, shown(e.sent), shown(e.received), shown(e.usd, 4),
                 shown(e.seconds, 1)) for name, e in [*found.items(), ("all", total)]],
               right=("requests", "stored", "refused"))


def _notes(model: Model, total: Estimate) -> list[str]:
    notes = []
    if total.requests > total.stored and not total.sample:
        notes.append("No answer of this model is known yet: `--sample 20` asks twenty and narrows the intervals.")
    caps = {"run": model.max_cost_usd, "day": model.max_cost_usd_per_day}
    for name, cap in caps.items():
        if cap is not None and total.usd.high > cap:
            word = "will" if total.usd.low > cap else "may"
            notes.append(f"It {word} meet the cap of {cap:g} USD per {name}: then it stops, what is answered is kept, "
                         "and the same command with a higher cap goes on.")
    return notes
