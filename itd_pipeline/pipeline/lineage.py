"""Where a record came from: from the release back to passage, document, offsets, prompt, model, seeds, decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from itd_pipeline import policy
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.pipeline.graph import STAGES, TABLES
from itd_pipeline.pipeline.judge_verdict import policy_in_force
from itd_pipeline.pipeline.refresh import current
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect, lake_views
from itd_pipeline.tables.records import MODEL_REQUESTS
from itd_pipeline.tables.review import CORRECTIONS

_EVIDENCE = """
    SELECT p.passage_id, p.start AS passage_start, p."end" AS passage_end, p.section, d.document_id, d.source,
           d.external_id, CASE WHEN NOT d.patient_data THEN d.title END AS title, d.origin, d.url, d.licence,
           d.patient_data
    FROM cleaned_text p JOIN raw_sources d USING (document_id)
    WHERE p.passage_id IN (SELECT unnest(?)) ORDER BY 1"""
_SAFE = {"passage_id", "document_id", "prompt_id", "request_id", "route", "model"}
"""Fields of a rejected row that may be shown where the row rests on patient data: none comes from the text."""
CHANGED = "The policy or its inputs have changed since the last build; run itd build."


@dataclass(frozen=True)
class Lineage:
    """Everything known about one record.

    Args:
        record: its columns.
        fate: one sentence: released in which version and split, or turned away where and why.
        evidence: passages with offsets, document, file and licence.
        seeds: the experts' records that stood in its prompt.
        decisions: (rule, value, threshold, outcome) for every rule of the policy; where the filtered set is not up to
            date, only for the rules that were hit, as they stood then.
        note: what else a reader must know; empty where there is nothing.
        leaks: items of benchmarks found in it, from the gravest on, as in `contamination_matches`.
        requests: every request to a model behind it, in the order asked: model, version, time, tokens, cost, attempts.
        correction: where experts corrected its output, both outputs, whose words stand, when, by which rubric.
    """

    record: dict[str, Any]
    fate: str
    evidence: list[dict[str, Any]] = field(default_factory=list)
    seeds: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[tuple[str, str, str, str]] = field(default_factory=list)
    note: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    correction: dict[str, Any] | None = None
    leaks: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def lineage_of(settings: Settings, lake: Lake, record_id: str) -> Lineage:
    """Lineage of a record, looked up by its id or the beginning of it.

    Raises:
        NotBuiltError: no record or reject has such an id, or several have.
    """
    lake.require("filtered_set")
    with connect(lake, lake_views(lake, TABLES, list(settings.sources))) as connection:
        record, correction = _record(connection, record_id)
        if record is None:
            return _turned_away(connection, settings, record_id)
        whole = correction["corrects"] if correction else record["record_id"]
        passages = _rows(connection, _EVIDENCE, [record["passage_ids"]])
        secret = {p["passage_id"] for p in passages if p["patient_data"] or record["patient_data"]}
        record["citations"] = [{**c, "quote": None} if c["passage_id"] in secret else c for c in record["citations"]]
        for passage in passages:
            passage["cited"] = [{"start": c["start"], "end": c["end"], "quote": c["quote"]}
                                for c in record["citations"] if c["passage_id"] == passage["passage_id"]]
        seeds = _rows(connection, "SELECT record_id, author, author_role, specialty, task_type FROM expert_seeds "
                                  "WHERE record_id IN (SELECT unnest(?)) ORDER BY 1", [record["seed_ids"]])
        signals = _rows(connection, "SELECT * FROM candidate_signals WHERE record_id = ?", [whole])
        verdicts = _rows(connection, "SELECT * FROM verdicts WHERE record_id = ? ORDER BY rule", [whole])
        up_to_date = current(STAGES["filtered_set"], STAGES, Scope(settings, lake)) is not None
        decisions = _decisions(settings, signals, verdicts, up_to_date)
        leaks = signals[0]["contamination_matches"] if signals else []
        return Lineage(record, _fate(connection, record["record_id"]), passages, seeds, decisions,
                       "" if up_to_date else CHANGED, _requests(connection, record), correction, leaks)


def _decisions(
    settings: Settings, signals: list[dict[str, Any]], verdicts: list[dict[str, Any]], up_to_date: bool,
) -> list[tuple[str, str, str, str]]:
    """What the rules said. Thresholds of rules that were hit are those of the verdict, not of today's policy."""
    then = {verdict["rule"]: verdict["threshold"] for verdict in verdicts}
    if not up_to_date:
        return [(v["rule"], str(v["value"]), v["threshold"], "passed" if v["passed"] else "failed") for v in verdicts]
    rules = policy_in_force(settings)
    explained = policy.explain_record(signals[0], verdicts, rules) if signals else []
    return [(e.rule, e.value, then.get(e.rule, e.threshold), str(e.outcome)) for e in explained]


def _record(
    connection: duckdb.DuckDBPyConnection, record_id: str
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """A record as it was made, or as experts corrected it, and the correction of either."""
    corrected = CORRECTIONS.name in _views(connection)
    for table in ("filtered_set", "synthetic_expansions", "expert_seeds", *((CORRECTIONS.name,) if corrected else ())):
        found = _rows(connection, f"SELECT * FROM {table} WHERE starts_with(record_id, ?) ORDER BY record_id LIMIT 2",
                      [record_id])
        if len(found) > 1 and found[0]["record_id"] != record_id:
            raise NotBuiltError(f"Several records begin with {record_id!r}.", "Give more of the id.")
        if found and table == CORRECTIONS.name:
            return _as_corrected(connection, found[0]), found[0]
        if found:
            known = _rows(connection, f"SELECT * FROM {CORRECTIONS.name} WHERE corrects = ?", [
                found[0]["record_id"]]) if corrected else []
            return found[0], known[0] if known else None
    return None, None


def _as_corrected(connection: duckdb.DuckDBPyConnection, correction: Mapping[str, Any]) -> dict[str, Any]:
    """The corrected record, from its original and the correction."""
    original = _rows(connection, "SELECT * FROM filtered_set WHERE record_id = ?", [correction["corrects"]])[0]
    return {**original, "record_id": correction["record_id"], "output": correction["corrected_output"],
            "rationale": None, "review_status": "corrected",
            "parent_ids": [*original["parent_ids"], original["record_id"]]}


def _turned_away(connection: duckdb.DuckDBPyConnection, settings: Settings, row_id: str) -> Lineage:
    """Lineage of a row that never became a record, such as a malformed answer of a model."""
    found = _rows(connection, "SELECT stage, partition, row_id, parent_id, reason, detail, row FROM rejected "
                              "WHERE starts_with(row_id, ?) ORDER BY row_id LIMIT 1", [row_id])
    if not found:
        raise NotBuiltError(f"No record and no rejected row has the id {row_id!r}.",
                            "`itd sql \"SELECT record_id FROM filtered_set LIMIT 5\"` shows some.")
    row = found[0]
    whole = json.loads(row["row"])
    ids = [i for i in (row["parent_id"], whole.get("passage_id")) if i]
    evidence = _rows(connection, _EVIDENCE, [ids]) if ids else []
    source = settings.sources.get(row["partition"])
    note = ""
    if (source and source.patient_data) or whole.get("patient_data") or any(e["patient_data"] for e in evidence):
        whole = {name: value for name, value in whole.items() if name in _SAFE}
        note = "It rests on patient data: its text is not shown."
    return Lineage({"record_id": row["row_id"], "source": row["partition"], "parent_id": row["parent_id"],
                    "row": whole},
                   f"turned away at {row['stage']}: {row['reason']} ({row['detail']})", evidence, note=note,
                   requests=_requests(connection, whole))


def _requests(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The requests that a record or a rejected row names."""
    ids = [one for one in (row.get("request_id"), *(row.get("further_request_ids") or ())) if one]
    if not ids or MODEL_REQUESTS.name not in _views(connection):
        return []
    found = {r["request_id"]: r for r in _rows(connection, f"SELECT * FROM {MODEL_REQUESTS.name} WHERE request_id IN "
                                                           "(SELECT unnest(?))", [ids])}
    return [found[one] for one in ids if one in found]


def _views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}


def _fate(connection: duckdb.DuckDBPyConnection, record_id: str) -> str:
    if "dataset_release" in _views(connection):
        released = _rows(connection, "SELECT version, split FROM dataset_release WHERE record_id = ?", [record_id])
        if released:
            return f"released in {released[0]['version']}, split {released[0]['split']}"
    rejected = _rows(connection, "SELECT stage, reason, detail FROM rejected WHERE row_id = ? ORDER BY stage",
                     [record_id])
    if rejected:
        return "; ".join(f"turned away at {r['stage']}: {r['reason']} ({r['detail']})" for r in rejected)
    return "kept by the policy, not yet released"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    answer = connection.execute(query, values)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
