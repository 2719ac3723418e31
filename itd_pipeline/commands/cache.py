"""`itd cache`: the stored answers of models and the ledger of what was paid."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import EXIT_CODES, AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.store import upkeep as store_upkeep
from itd_pipeline.pipeline.records import model_store
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake, write_atomically

app = typer.Typer(no_args_is_help=True, help="The stored answers of models, and what they cost.")

OnlyModel = Annotated[str | None, typer.Option("--model", help="Only answers of this model.")]


def _path(profile: str) -> Path:
    settings = load_settings(profile)
    return model_store(settings, Lake(settings.lake_path))


def _there(profile: str) -> Path:
    path = _path(profile)
    if not path.is_file():
        raise NotBuiltError(f"There are no stored answers at {path}.", "A build that asks a model stores them.")
    return path


@app.command(epilog=EXIT_CODES)
def show(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Show answers by model, what was paid by day and stage, errors by kind, and batches that are waited for.

    Example:

      itd cache show
    """
    with reported(as_json):
        found = store_upkeep.contents(_there(profile))
        if as_json:
            print_json(found)
            return
        print_rows(f"Answers in {found['file']} ({found['bytes'] / 2**20:,.1f} MiB)",
                   ("model", "answers", "failures", "characters", "first", "last"),
                   [(a["model"], a["answers"], a["failures"], a["characters"], _day(a["first"]), _day(a["last"]))
                    for a in found["answers"]], right=("answers", "failures", "characters"))
        print_rows("Paid", ("day", "stage", "requests", "US dollars"),
                   [(s["day"] or "earlier", s["stage"], s["requests"], f"{s['cost_usd']:,.4f}")
                    for s in found["spent"]], right=("requests", "US dollars"))
        total = found["ledger"]
        out.print(f"In all {total['requests']:,} requests sent, {total['failed']:,} of them failed or were repeated, "
                  f"{total['prompt_tokens'] + total['completion_tokens']:,} tokens, {total['cost_usd']:,.4f} USD.")
        if found["errors"]:
            out.print("Errors: " + ", ".join(f"{kind} {n:,}" for kind, n in found["errors"].items()), markup=False)
        for batch in found["batches"]:
            out.print(f"Waiting for batch {batch['batch'] or '(being handed in)'} of {batch['model']}: "
                      f"{batch['requests']:,} requests", markup=False)


@app.command(epilog=EXIT_CODES)
def prune(
    profile: Profile = "demo",
    model: OnlyModel = None,
    older_than: Annotated[float | None, typer.Option(help="Only answers stored more than so many days ago.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Only failures; no run uses them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and delete nothing.")] = False,
) -> None:
    """Delete stored answers. What is deleted is asked, and paid for, again when a build needs it. The ledger stays.

    Examples:

      itd cache prune --failures
      itd cache prune --model openai/gpt-4o-mini --older-than 90 --dry-run
    """
    with reported():
        with AnswerStore(_there(profile)) as store:
            count = store_upkeep.prune(store, model, older_than, failures, dry_run)
        out.print(f"{count:,} answers {'would go' if dry_run else 'deleted'}.")


@app.command(epilog=EXIT_CODES)
def export(
    file: Annotated[Path, typer.Argument(help="JSON lines to write.")],
    profile: Profile = "demo",
    model: OnlyModel = None,
) -> None:
    """Write stored answers as JSON lines, for another machine or for inspection. They hold text: handle them as data.

    Example:

      itd cache export answers.jsonl
    """
    with reported():
        lines = list(store_upkeep.export(_there(profile), model))
        write_atomically(file, "".join(lines).encode())
        out.print(f"{len(lines):,} answers written to {file}.", markup=False)


@app.command("import", epilog=EXIT_CODES)
def take_in(
    file: Annotated[Path, typer.Argument(help="What `itd cache export` wrote.", exists=True, dir_okay=False)],
    profile: Profile = "demo",
) -> None:
    """Take in answers that another machine exported: what it has paid for is not paid for again here.

    Example:

      itd cache import answers.jsonl
    """
    with reported(), AnswerStore(_path(profile)) as store, file.open(encoding="utf-8") as lines:
        count = store_upkeep.take_in(store, lines, file.name)
        out.print(f"{count:,} answers taken in.")


def _day(seconds: Any) -> str:
    return datetime.datetime.fromtimestamp(float(seconds), datetime.UTC).date().isoformat() if seconds else ""
