"""Every number of a release asked again: the queries of `numbers.parquet` on the files of the folder.

The queries are not trusted: each must be the one that this version of the program would write, or it is not run. A
connection that reads nothing but the folder runs them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.errors import ContractError
from itd_pipeline.release.numbers import NUMBERS, number_rows, views
from itd_pipeline.tables.review import METRICS

_PATH = re.compile(r"(read_parquet|read_text)\('")
_READ = re.compile(r"read_text\('([^']+)'")


def connect(folder: Path, files: Mapping[str, bytes]) -> duckdb.DuckDBPyConnection:
    """A connection with the views of a release; queries name its files without a folder (`rooted`)."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    # Tables, read once: some hundred queries follow.
    connection.execute(rooted(views(files), folder).replace("REPLACE VIEW", "REPLACE TABLE"))
    return connection


def rooted(query: str, folder: Path) -> str:
    """`query` with the files that it reads below `folder`."""
    root = folder.resolve().as_posix().replace("'", "''")
    return _PATH.sub(lambda match: f"{match[1]}('{root}/", query)


def number_problems(folder: Path, facts: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """Numbers that are not what the release gives."""
    try:
        told = NUMBERS.conform(pq.ParquetFile(pa.BufferReader(files["numbers.parquet"])).read())
        metrics = METRICS.conform(pq.ParquetFile(pa.BufferReader(files["evaluation.parquet"])).read())
        wanted = {row["name"]: row for row in number_rows(facts, metrics)}
    except (KeyError, IndexError, TypeError, pa.ArrowException, OSError, ContractError) as error:
        return [f"numbers.parquet, evaluation.parquet or RELEASE.json cannot be read ({type(error).__name__}): numbers "
                "cannot be checked."]
    there = {row["name"]: row for row in told.to_pylist()}
    problems = [f"numbers.parquet lacks {name}, which RELEASE.json tells." for name in sorted(
        wanted.keys() - there.keys())]
    problems += [f"numbers.parquet tells {name}, which RELEASE.json does not." for name in sorted(
        there.keys() - wanted.keys())]
    if files.get("views.sql", b"").decode("utf-8", "replace") != views(files):
        problems.append("views.sql is not the one of these files.")
    return problems + list(_asked(folder, files, wanted, there))


def _asked(
    folder: Path, files: Mapping[str, bytes], wanted: Mapping[str, Any], there: Mapping[str, Any]
) -> Iterator[str]:
    try:
        connection = connect(folder, files)
    except duckdb.Error as error:
        yield f"The tables of the release cannot be queried ({type(error).__name__}): numbers cannot be checked."
        return
    with connection:
        for name in sorted(wanted.keys() & there.keys()):
            value = wanted[name]["value"]
            if there[name]["query"] != wanted[name]["query"]:
                yield f"numbers.parquet: the query of {name} is not the one that belongs to it."
            if not _equal(there[name]["value"], value):
                yield f"numbers.parquet tells {name} = {there[name]['value']}, RELEASE.json {value}."
            try:
                row = connection.execute(rooted(wanted[name]["query"], folder)).fetchone()
            except duckdb.Error as error:
                yield f"{name}: its query fails ({type(error).__name__})."
                continue
            found = row[0] if row else None
            if not _equal(found, value):
                where = _READ.search(wanted[name]["query"])
                yield f"RELEASE.json tells {name} = {value}, {where[1] if where else 'the files'} say {found}."


def _equal(found: Any, told: Any) -> bool:
    if found is None or told is None:
        return found is None and told is None
    return math.isclose(float(found), float(told), rel_tol=1e-12, abs_tol=1e-12)
