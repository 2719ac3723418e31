"""`itd forget`: remove a document, a patient or a source from everything, for good."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError


def forget(
    document: Annotated[str | None, typer.Option(help="A document, by its id or the source's own.")] = None,
    patient: Annotated[str | None, typer.Option(help="A patient, by the source's own key.")] = None,
    source: Annotated[str | None, typer.Option(help="A whole source, by its name.")] = None,
    within: Annotated[str | None, typer.Option("--in", help="Source that holds the document or patient.")] = None,
    why: Annotated[str, typer.Option(help="Reason for the tombstone. It is kept: name no patient.")] = "on request",
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and stop.")] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Show every row that rests on it, at every stage and in every release, and remove them.

    Rows, rejects, answers of models, spreadsheets handed out and releases go at once; `itd build` then makes the rest
    again without them. What was forgotten stays away when the source is read again. Files of the source itself, copies
    of releases elsewhere and spreadsheets that people hold are yours to delete.

    Examples:

      itd forget --patient 4711 --in clinical_notes --dry-run
      itd forget --document leaflets/asthma.md --why "withdrawn by its author"
      itd forget --source leaflets --yes
    """
    from itd_pipeline.pipeline.forget import Removal, carry_out, find
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake
    from itd_pipeline.storage.lock import exclusive
    from itd_pipeline.storage.tombstones import What

    with reported(as_json):
        wishes: list[tuple[What, str]] = []
        for what, name in (("document", document), ("patient", patient), ("source", source)):
            if name:
                wishes.append((what, name))  # type: ignore[arg-type]
        if len(wishes) != 1:
            raise ConfigError("Say what to forget.", "Give one of --document, --patient and --source.")
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        found: Removal = find(settings, lake, *wishes[0], source=within)
        if not as_json:
            show_removal(found)
        if dry_run:
            if as_json:
                print_json({**_plain(found), "removed": False})
            return
        if not yes and (as_json or not typer.confirm("Remove all of this for good?")):
            raise ConfigError("Nothing was removed.", "Confirm, or give --yes.")
        with exclusive(lake.root, settings.profile):
            found = find(settings, lake, *wishes[0], source=within)
            carry_out(settings, lake, found, datetime.datetime.now(tz=datetime.UTC).date().isoformat(), why)
        if as_json:
            print_json({**_plain(found), "removed": True})
        else:
            out.print("Removed. Run `itd build` to make again what stood beside it.", markup=False)
            out.print("Not reached from here: the source's own files, copies of releases that left this folder, "
                      "spreadsheets that reviewers hold, backups.", markup=False)


def _plain(found: Any) -> dict[str, Any]:
    return {"what": found.what, "source": found.source, "documents": list(found.documents),
            "rows": [{"stage": h.stage, "partition": h.partition, "rows": h.rows, "rejects": h.rejects}
                     for h in found.hits],
            "releases": found.releases, "answers": len(found.answers), "workbooks": list(found.workbooks)}


def show_removal(found: Any) -> None:
    """What a removal would take, as tables for people."""
    print_rows(f"Rows that rest on this {found.what} of {found.source} ({len(found.documents):,} documents)",
               ("stage", "source", "rows", "rejects"),
               [[h.stage, h.partition, f"{h.rows:,}", f"{h.rejects:,}"] for h in found.hits],
               right=("rows", "rejects"))
    for version, records in found.releases.items():
        known = "it keeps no list of its documents" if records is None else f"{records:,} records"
        out.print(f"Release {version} will be withdrawn: {known}.", markup=False)
    out.print(f"{len(found.answers):,} answers of models and {len(found.workbooks):,} spreadsheets handed out go too.",
              markup=False)
