"""`itd sources`: which sources the profile has, which readers there are, and what the sources would give."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import FAILED, AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.commands.sources_add import add
from itd_pipeline.commands.sources_duplicates import duplicates
from itd_pipeline.commands.sources_fetch import fetch
from itd_pipeline.errors import ConfigError, ItdError
from itd_pipeline.pipeline.documents import read, source_digest
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.sources import describe_readers
from itd_pipeline.storage.lake import Lake

app = typer.Typer(invoke_without_command=True)
app.command()(fetch)
app.command()(add)
app.command()(duplicates)
_SAMPLE_CHARACTERS = 2000  # enough to tell a language


@app.callback()
def sources(
    context: typer.Context,
    profile: Profile = "demo",
    readers: Annotated[bool, typer.Option("--readers", help="List the readers instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources of a profile: reader, licence, privacy, files found, documents built.

    Examples:

      itd sources
      itd sources --readers
      itd sources check leaflets
    """
    if context.invoked_subcommand is not None:
        return
    with reported(as_json):
        if readers:
            described = describe_readers()
            if as_json:
                print_json([{"reader": name, "reads": text} for name, text in described])
            else:
                print_rows("Readers", ("reader", "reads"), described)
            return
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        lines: list[dict[str, Any]] = []
        for name, source in settings.sources.items():
            manifest = lake.manifest("raw_sources", name)
            try:
                files, problem = len(source_digest(Scope(settings, lake, name))), ""
            except ItdError as error:
                files, problem = 0, error.problem
            lines.append({
                "source": name, "reader": source.reader, "licence": source.licence,
                "patient data": "yes" if source.patient_data else "no", "models": source.model_use,
                "routes": ", ".join(source.routes), "files": files,
                "documents": manifest.rows_out if manifest else None,
                "rejected": manifest.rows_rejected if manifest else None, "problem": problem,
            })
        if as_json:
            print_json(lines)
        else:
            print_rows(f"Sources of profile {settings.profile}", list(lines[0]), [list(s.values()) for s in lines],
                       right=("files", "documents", "rejected"))


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to read; all of the profile without any.")] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Read sources from beginning to end without writing anything: what they hold, and what would be turned away.

    Of each reason one example is shown, by file and row; no text of a document is.

    Examples:

      itd sources check
      itd sources check leaflets --profile full
    """
    with reported(as_json):
        settings = load_settings(profile)
        unknown = sorted(set(names or ()) - set(settings.sources))
        if unknown:
            raise ConfigError(f"{', '.join(unknown)}: no such source in profile {settings.profile}.",
                              f"Sources: {', '.join(sorted(settings.sources))}.")
        found = [_read_through(settings, name) for name in (names or settings.sources)]
    if as_json:
        print_json(found)
    else:
        for one in found:
            _show(one)
    if any(one["problem"] for one in found):
        raise typer.Exit(FAILED)


def _read_through(settings: Settings, name: str) -> dict[str, Any]:
    """Counts of one source in bounded memory."""
    from itd_pipeline.text import identify

    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("licences", "languages", "rejects")}
    examples: dict[str, str] = {}
    patients: set[str] = set()
    documents = characters = with_patients = 0
    problem = ""
    try:
        for batch in read(Scope(settings, Lake(settings.lake_path), name)):
            for row in batch.rows.select(["licence", "text", "patient_data", "group_id"]).to_pylist():
                documents += 1
                characters += len(row["text"])
                counts["licences"][row["licence"]] += 1
                counts["languages"][identify(row["text"][:_SAMPLE_CHARACTERS],
                                             settings.cleaning.language_min_words)] += 1
                if row["patient_data"]:
                    with_patients += 1
                    patients.add(row["group_id"])
            for reject in batch.rejects.select(["reason", "row_id", "detail", "row"]).to_pylist():
                counts["rejects"][reject["reason"]] += 1
                if reject["reason"] not in examples:
                    place = "" if settings.sources[name].patient_data else _place(reject["row"])
                    examples[reject["reason"]] = f"{place or reject['row_id']}: {reject['detail']}"
    except ItdError as error:
        problem = f"{error.problem} {error.remedy}".strip()
    return {"source": name, "reader": settings.sources[name].reader, "documents": documents, "characters": characters,
            "patient_documents": with_patients, "patients": len(patients), "problem": problem,
            **{kind: dict(sorted(counter.items())) for kind, counter in counts.items()},
            "examples": dict(sorted(examples.items()))}


def _place(row: str) -> str:
    """File and item of a reject. Not asked of patients' sources: file names are often names of people."""
    told = json.loads(row)
    numbered = [f"{key} {told[key]}" for key in ("row", "line", "page", "element") if told.get(key) is not None]
    return ", ".join([str(told.get("file") or told.get("origin") or ""), *numbered]).strip(", ")


def _show(one: dict[str, Any]) -> None:
    privacy = (f"{one['patient_documents']:,} about {one['patients']:,} patients" if one["patient_documents"]
               else "no patient data")
    out.print(f"{one['source']} ({one['reader']}): {one['documents']:,} documents, {one['characters']:,} characters, "
              f"{privacy}", style="bold", markup=False)
    for kind in ("licences", "languages"):
        listed = ", ".join(f"{value} {count:,}" for value, count in one[kind].items())
        out.print(f"  {kind}: {listed or 'none'}", markup=False)
    for reason, count in one["rejects"].items():
        out.print(f"  rejected as {reason}: {count:,}, such as {one['examples'][reason]}", markup=False)
    if one["problem"]:
        out.print(f"  {one['problem']}", style="bold red", markup=False)
