"""`itd sql`: ask any question of any table."""

from __future__ import annotations

from typing import Annotated

import typer

from itd_pipeline.commands.console import AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.graph import TABLES
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect, lake_views


def sql(
    query: Annotated[str, typer.Argument(help="A DuckDB query; without one, the tables are listed.")] = "",
    profile: Profile = "demo",
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many rows.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Query the lake with DuckDB. Every table is a view; `rejected` holds the rejects of all stages.

    Examples:

      itd sql
      itd sql "SELECT route, count(*) FROM filtered_set GROUP BY 1"
      itd sql "SELECT reason, count(*) FROM rejected GROUP BY 1 ORDER BY 2 DESC" --json
    """
    import duckdb

    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        views = lake_views(lake, TABLES, list(settings.sources))
        with connect(lake, views) as connection:
            if not query:
                query = ('SELECT view_name AS "table", column_count AS columns FROM duckdb_views() '
                         "WHERE NOT internal ORDER BY 1")
            try:
                answer = connection.execute(query)
                columns = [column[0] for column in answer.description or []]
                rows = answer.fetchmany(limit)
                more = answer.fetchone() is not None
            except duckdb.Error as error:
                raise ConfigError(str(error).strip(), _remedy(error, sorted(views))) from error
        if as_json:
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
            return
        print_rows("", columns, rows, right=[c for c, v in zip(columns, rows[0], strict=True)
                                             if isinstance(v, (int, float))] if rows else ())
        if more:
            out.print(f"(the first {limit:,} rows; --limit shows more)")


def _remedy(error: Exception, tables: list[str]) -> str:
    """Which tables there are, where one was asked for that is not there."""
    if "Table with name" not in str(error):
        return "`itd sql` without a query lists the tables."
    return f"Tables: {', '.join(tables)}." if tables else "Nothing has been built yet: run `itd build`."
