"""Every number of `RELEASE.json` with the query over the release that gives it: `numbers.parquet`.

Card, datasheet and checklists print numbers of `RELEASE.json` and of the report's table of measures, and no others. So
whoever doubts one finds its query here, and `itd release verify` asks them all again. `views.sql` makes the views that
the queries read: `duckdb -init views.sql` in the folder of the release.

Belongs here: queries. Does not belong here: how the numbers are counted while the release is made (`facts.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.tables.contract import Table, number, text

NUMBERS = Table(
    name="numbers",
    description="`numbers.parquet` of a release: every number that it tells of itself, and the query that gives it.",
    columns=(
        text("name", "Place in RELEASE.json, parts joined by /; `metrics/...` stands in evaluation.parquet."),
        number("value", "The number; null where it was not measured.", nullable=True),
        text("query", "SQL over the views of views.sql that gives this number."),
    ),
    key=("name",),
)
REVIEW_FACTS = Table(
    name="review_facts",
    description="`review.parquet` of a release: what is known of the review by experts, one row each.",
    columns=(
        text("name", "Name of the fact; nested ones joined by /."),
        number("value", "The number, where it is one.", nullable=True),
        text("words", "The words, where it is none.", nullable=True),
    ),
    key=("name",),
)
FUNNEL = Table(
    name="funnel",
    description="`funnel.parquet` of a release: units into and out of every stage and partition; one row per "
    "reason that turned some away.",
    columns=(
        text("stage", "Asset."), text("partition", "Source, where the asset has one partition for each."),
        text("unit", "What is counted."), number("units_in", "Units that entered."),
        number("rows_out", "Rows that left."), text("reason", "Reason code; null where none was turned away.",
                                                   nullable=True),
        number("rejected", "Units turned away for it.", minimum=0),
    ),
    key=(),
)
_SPLIT = "regexp_extract(filename, '([a-z]+)-[0-9]+-of-[0-9]+\\.parquet$', 1)"


def views(files: Mapping[str, bytes]) -> str:
    """`views.sql` for the files of a release."""
    made = [f"CREATE OR REPLACE VIEW {folder} AS SELECT * EXCLUDE (filename), {_SPLIT} AS split\n"
            f"  FROM read_parquet('{folder}/*.parquet', filename = true);\n"
            for folder in ("data", "strong") if any(path.startswith(f"{folder}/") for path in files)]
    made += [f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet('{path}');\n"
             for name, path in (("lineage", "lineage.parquet"), ("rejected", "rejected.parquet"),
                                ("funnel", "funnel.parquet"), ("evaluation", "evaluation.parquet"),
                                ("review_facts", "review.parquet"), ("corrections", "corrections.parquet"),
                                ("prints", "contamination.parquet"))
             if path in files]
    return "-- Views over this release. In its folder: duckdb -init views.sql\n" + "".join(made)


def review_rows(review: Mapping[str, Any], above: str = "") -> Iterator[dict[str, Any]]:
    """Facts of the review, nested ones flat."""
    for key, value in sorted(review.items()):
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from review_rows(value, f"{name}/")
        elif isinstance(value, list):
            yield from review_rows({str(place): part for place, part in enumerate(value)}, f"{name}/")
        elif is_number(value):
            yield {"name": name, "value": float(value), "words": None}
        else:
            yield {"name": name, "value": None, "words": None if value is None else str(value)}


def funnel_rows(funnel: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of the table FUNNEL."""
    for row in funnel:
        shared = {name: row[name] for name in ("stage", "unit", "units_in", "rows_out")}
        shared["partition"] = row["partition"] or ""
        for reason, count in sorted(row["rejected"].items()) or [(None, 0)]:
            yield {**shared, "reason": reason, "rejected": count}


def number_rows(facts: Mapping[str, Any], metrics: pa.Table) -> list[dict[str, Any]]:
    """Rows of the table NUMBERS: every number of `facts`, and the measures of the whole."""
    rows = [{"name": "/".join(path), "value": value, "query": query_for(path, facts)} for path, value in leaves(facts)]
    rows += [
        {"name": f"metrics/{m['section']}/{m['metric']}", "value": m["value"],
         "query": f"SELECT value FROM evaluation WHERE section = {_text(m['section'])} AND metric = "
                  f"{_text(m['metric'])} AND \"group\" = ''"}
        for m in metrics.to_pylist() if not m["group"]]
    return sorted(rows, key=lambda row: str(row["name"]))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """(place, number) of every number in nested values. True and false are no numbers."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            yield from leaves(part, (*path, str(place)))
    elif is_number(value):
        yield path, float(value)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def query_for(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    """The query behind a number of `facts`; raises KeyError where nobody has written one."""
    return str(_QUERIES[path[0]](path, facts))


def _count(where: str = "", source: str = "data") -> str:
    return f"SELECT count(*) FROM {source}" + (f" WHERE {where}" if where else "")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _composition(path: tuple[str, ...], _: Mapping[str, Any]) -> str:
    column, value = path[1], path[2]
    if value == "not recorded":
        return _count(f"{column} IS NULL OR CAST({column} AS VARCHAR) = ''")
    if column == "illustrative":
        return _count(column if value == "yes" else f"NOT {column}")
    return _count(f"CAST({column} AS VARCHAR) = {_text(value)}")


def _source(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    name = facts["sources"][int(path[1])]["source"]
    if path[2] == "records":
        return _count(f"source = {_text(name)}")
    if path[2] == "documents":
        return f"SELECT count(DISTINCT document_id) FROM lineage WHERE source = {_text(name)}"
    return (f"SELECT count(DISTINCT document_id) FROM lineage WHERE source = {_text(name)} AND "
            f"regexp_extract(lower(url), '^[a-z]+://([^/:?#]+)', 1) = {_text(path[3])}")


def _making(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    row = facts["making"][int(path[1])]
    return _count(" AND ".join(f"coalesce({name}, '') = {_text(row[name])}"
                               for name in ("route", "model", "prompt_id", "prompt_hash")))


def _funnel(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    row = facts["funnel"][int(path[1])]
    where = (f"stage = {_text(row['stage'])} AND partition = {_text(row['partition'] or '')} AND "
             f"unit = {_text(row['unit'])}")
    if path[2] == "rejected":
        return f"SELECT sum(rejected) FROM funnel WHERE {where} AND reason = {_text(path[3])}"
    return f"SELECT any_value({path[2]}) FROM funnel WHERE {where}"


def _per_stage(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    row = facts["stages"][int(path[1])]
    where = f"stage = {_text(row['stage'])} AND unit = {_text(row['unit'])}"
    if path[2] == "rejected":
        return f"SELECT sum(rejected) FROM funnel WHERE {where} AND reason = {_text(path[3])}"
    return (f"SELECT sum(n) FROM (SELECT partition, any_value({path[2]}) AS n FROM funnel WHERE {where} "
            f"GROUP BY partition)")


def _rejected(path: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    row = facts["rejected"][int(path[1])]
    return f"SELECT sum(rejected) FROM funnel WHERE stage = {_text(row['stage'])} AND reason = {_text(row['reason'])}"


def _strong(path: tuple[str, ...], _: Mapping[str, Any]) -> str:
    if path[1] == "rows":
        return "SELECT count(DISTINCT record_id) FROM lineage WHERE strong_rank IS NOT NULL"
    return _count(f"split = {_text(path[2])}", "strong")


def _lineage(path: tuple[str, ...], _: Mapping[str, Any]) -> str:
    return {
        "rows": _count(source="lineage"),
        "records": "SELECT count(DISTINCT record_id) FROM lineage",
        "complete": f"SELECT count(*) FROM (SELECT record_id FROM lineage GROUP BY record_id HAVING bool_or({WHOLE}))",
        "documents": "SELECT count(DISTINCT document_id) FROM lineage",
        "near_duplicate_clusters": "SELECT count(DISTINCT near_duplicate_cluster) FROM lineage",
    }[path[1]]


def _leaks(path: tuple[str, ...], _: Mapping[str, Any]) -> str:
    what = {
        "group": "SELECT group_id AS k, split FROM data UNION ALL SELECT document_group_id, split FROM lineage",
        "document": "SELECT unnest(document_ids) AS k, split FROM data "
                    "UNION ALL SELECT document_id, split FROM lineage",
        "near_duplicate": "SELECT near_duplicate_cluster AS k, split FROM lineage",
    }[path[1]]
    return (f"SELECT count(*) FROM (SELECT k FROM ({what}) WHERE k IS NOT NULL GROUP BY k "
            f"HAVING count(DISTINCT split) > 1)")


def _in_config(section: str, key: str) -> str:
    return (f"SELECT CAST(regexp_extract(content, '(?s)(?:^|\\n){section}:.*?\\n  {key}: ([0-9.]+)', 1) AS DOUBLE) "
            f"FROM read_text('config.yaml')")


WHOLE = (
    "CASE route WHEN 'manual' THEN author <> '' ELSE document_id IS NOT NULL AND coalesce(prompt_id, '') <> '' AND "
    "(route NOT IN ('synthetic', 'hybrid') OR (model IS NOT NULL AND prompt_hash IS NOT NULL AND (request_id IS NOT "
    "NULL OR document_id LIKE 'patient-document-%'))) AND (route <> 'hybrid' OR len(seed_ids) > 0) END"
)
"""Whether the chain of a row of the lineage is whole: `lineage.gaps` in SQL."""

_QUERIES: Mapping[str, Any] = {
    "rows": lambda p, f: _count(),
    "rows_per_split": lambda p, f: _count(f"split = {_text(p[1])}"),
    "groups": lambda p, f: "SELECT count(DISTINCT group_id) FROM data",
    "split_shares": lambda p, f: _in_config("release", f"{p[1]}_share"),
    "near_duplicate_jaccard": lambda p, f: _in_config("signals", "near_duplicate_jaccard"),
    "seed_crossings": lambda p, f: (
        "SELECT count(DISTINCT a.record_id) FROM (SELECT record_id, split, unnest(seed_ids) AS seed FROM data) a "
        "JOIN (SELECT record_id AS id, split FROM data UNION ALL SELECT corrects, split FROM lineage) b "
        "ON b.id = a.seed WHERE a.split <> b.split"),
    "licences": lambda p, f: _count(f"licence = {_text(p[1])}"),
    "composition": _composition,
    "sources": _source,
    "making": _making,
    "patient_data_rows": lambda p, f: _count("patient_data"),
    "illustrative_rows": lambda p, f: _count("illustrative"),
    "models": lambda p, f: _models(p[1]),
    "prompts_without_text": lambda p, f: _without_text(p[1], f),
    "review": lambda p, f: f"SELECT value FROM review_facts WHERE name = {_text('/'.join(p[1:]))}",
    "funnel": _funnel,
    "stages": _per_stage,
    "rejected": _rejected,
    "rejected_rows": lambda p, f: {
        "all": _count(source="rejected"), "shown": _count("withheld IS NULL", "rejected"),
    }.get(p[1], "") or _count(f"withheld = {_text(p[2])}", "rejected"),
    "corrections": lambda p, f: _count({
        "records": "", "original_shown": "withheld IS NULL"}.get(p[1], f"basis = {_text(p[-1])}"), "corrections"),
    "strong": _strong,
    "lineage": _lineage,
    "leaks": _leaks,
    "benchmarks": lambda p, f: (
        f"SELECT count({'DISTINCT item' if p[2] == 'items' else '*'}) FROM prints WHERE benchmark = {_text(p[1])}"),
}


def _models(name: str) -> str:
    if name == "none (no model)":
        return _count("coalesce(model, '') = '' AND route NOT IN ('synthetic', 'hybrid')")
    if name == "not recorded":
        return _count("coalesce(model, '') = '' AND route IN ('synthetic', 'hybrid')")
    return _count(f"model = {_text(name)}")


def _without_text(kind: str, facts: Mapping[str, Any]) -> str:
    known = ", ".join(_text(digest) for digest in sorted(facts["prompts"].values())) or "''"
    forms = "SELECT prompt_hash FROM data WHERE route NOT IN ('synthetic', 'hybrid')"
    membership = "IN" if kind == "forms" else "NOT IN"
    return (f"SELECT count(DISTINCT prompt_hash) FROM data WHERE prompt_hash <> '' AND prompt_hash NOT IN ({known}) "
            f"AND prompt_hash {membership} ({forms} AND prompt_hash IS NOT NULL)")

