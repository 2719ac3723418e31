"""`itd rejects`: the rows that were turned away, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from itd_pipeline.commands.console import AsJson, Profile, print_json, print_rows, reported
from itd_pipeline.pipeline.graph import TABLES
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect, lake_views


def rejects(
    profile: Profile = "demo",
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="Show so many rows, whole, instead of counts.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Count rejected rows by stage, source and reason; or show some of them.

    Examples:

      itd rejects
      itd rejects --stage cleaned_text
      itd rejects --reason near_duplicate --sample 5
    """
    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        lake.require("raw_sources", next(iter(settings.sources)))
        chosen = "(?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR partition = ?2) AND (?3 IS NULL OR reason = ?3)"
        with connect(lake, lake_views(lake, TABLES, list(settings.sources))) as connection:
            columns: tuple[str, ...]
            if sample:
                columns = ("stage", "partition", "reason", "row_id", "parent_id", "detail", "row")
                query = f"SELECT {', '.join(columns)} FROM rejected WHERE {chosen} ORDER BY hash(row_id) LIMIT {sample}"
            else:
                columns = ("stage", "partition", "reason", "rows")
                query = f"SELECT stage, partition, reason, count(*) FROM rejected WHERE {chosen} GROUP BY ALL " \
                        "ORDER BY 1, 2, 4 DESC, 3"
            rows = connection.execute(query, [stage, source, reason]).fetchall()
        if as_json:
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            print_rows("Rejected", columns, rows, right=("rows",))
