"""`itd rejects`: the rows that were turned away, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import duckdb
import typer

from itd_pipeline.commands.console import AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.graph import STAGES, TABLES
from itd_pipeline.policy import QUARANTINED, RETURNED
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

    A reason of the policy also finds the records that it set aside for experts or sent back to their author.

    Examples:

      itd rejects
      itd rejects --stage cleaned_text
      itd rejects --reason near_duplicate --sample 5
    """
    with reported(as_json):
        settings = load_settings(profile)
        _known("stage", stage, list(STAGES))
        _known("source", source, list(settings.sources))
        lake = Lake(settings.lake_path)
        lake.require("raw_sources", next(iter(settings.sources)))
        views = lake_views(lake, TABLES, list(settings.sources))
        chosen = f"(?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR partition = ?2) AND ({_because(views)})"
        with connect(lake, views) as connection:
            _known_reason(connection, reason, views)
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
        elif sample:
            for row in rows:
                _block(dict(zip(columns, row, strict=True)))
        else:
            print_rows("Rejected", columns, rows, right=("rows",))


def _known(what: str, given: str | None, valid: list[str]) -> None:
    """Raises ConfigError where a name is none of the valid ones."""
    if given is not None and given not in valid:
        raise ConfigError(f"There is no {what} {given!r}.", f"Valid: {', '.join(valid) or 'none'}.")


def _because(views: Mapping[str, object]) -> str:
    """SQL: whether a row was turned away for the third parameter, or set aside or sent back for it by the policy."""
    own = "?3 IS NULL OR reason = ?3"
    return own if "verdicts" not in views else (
        f"{own} OR (reason IN ('{QUARANTINED}', '{RETURNED}') AND row_id IN (SELECT record_id FROM verdicts "
        "WHERE NOT passed AND action <> 'warn' AND reason = ?3))")


def _known_reason(connection: duckdb.DuckDBPyConnection, reason: str | None, views: Mapping[str, object]) -> None:
    """Raises ConfigError where nothing was turned away for this reason."""
    if reason is not None:
        of_rules = " UNION SELECT reason FROM verdicts WHERE NOT passed AND action <> 'warn'"
        found = connection.execute(f"SELECT DISTINCT reason FROM rejected{of_rules if 'verdicts' in views else ''} "
                                   "ORDER BY 1").fetchall()
        _known("rejected row with the reason", reason, [name for (name,) in found])


def _block(rejected: dict[str, Any]) -> None:
    """One rejected row as `key: value` lines; the fields of the row itself stand below it."""
    row = json.loads(rejected.pop("row"))
    out.print(f"{rejected.pop('row_id')}", style="bold", markup=False)
    for name, value in rejected.items():
        if value not in (None, ""):
            out.print(f"{name}: {value}", markup=False, soft_wrap=True)
    out.print("row:")
    for name, value in row.items():
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
        if shown not in (None, ""):
            out.print(f"  {name}: {shown}", markup=False, soft_wrap=True)
    out.print()
