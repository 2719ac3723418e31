"""`itd sources`: which sources the profile has, and which readers there are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import AsJson, Profile, print_json, print_rows, reported
from itd_pipeline.errors import ItdError
from itd_pipeline.pipeline.documents import source_digest
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import load_settings
from itd_pipeline.sources import describe_readers
from itd_pipeline.storage.lake import Lake


def sources(
    profile: Profile = "demo",
    readers: Annotated[bool, typer.Option("--readers", help="List the readers instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources of a profile: reader, licence, privacy, files found, documents built.

    Examples:

      itd sources
      itd sources --readers
    """
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
