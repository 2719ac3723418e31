"""What the files of a release say, checked against each other and against the rules, from the files alone.

One function per promise: schema, ids, splits, licences, identifiers, contamination, lineage, shapes, numbers, papers.
Each gives sentences that name the file or the record. A file that is missing or unreadable is itself a problem: a check
that could not run is no pass.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from itd_pipeline.release.contamination import PRINTS, shared_items
from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.formats import shaped
from itd_pipeline.release.identifiers import identifier_hits
from itd_pipeline.release.lineage import LINEAGE, gaps
from itd_pipeline.release.numbers import FUNNEL
from itd_pipeline.release.record_ids import id_of
from itd_pipeline.release.rejected import REJECTED, may_be_shown
from itd_pipeline.release.released_settings import released_settings
from itd_pipeline.release.splits import split_leaks
from itd_pipeline.release.training import STRONG_CHAT, configs, front_matter_configs, parquet_path
from itd_pipeline.release.twins import twin_clusters
from itd_pipeline.release.verify_corrections import correction_problems
from itd_pipeline.release.verify_numbers import number_problems
from itd_pipeline.release.verify_tables import Files, read_table
from itd_pipeline.settings import Settings
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.text import scan_identifiers

_SHOWN = 20
_MACHINE_PATH = re.compile(r"[/\\~]|[A-Za-z]:[/\\]")

Facts = Mapping[str, Any]


def row_problems(folder: Path, facts: Facts, files: Files) -> list[str]:
    """Everything that is wrong with the content."""
    data, problems = _configuration("data", facts.get("rows_per_split", {}), files)
    strong, more = _configuration("strong", _within(facts, "strong", "rows_per_split"), files)
    problems += more
    if not data:
        return [*problems, "The release holds no records."]
    settings, more = released_settings(files)
    problems += more
    problems += [p for split, table in data.items() for p in _same_shapes(split, table, files)]
    problems += _strong_in_full(data, strong, files)
    whole = pa.concat_tables([table.append_column("split", pa.array([split] * table.num_rows, pa.string()))
                              for split, table in data.items()])
    lineage, more = read_table("lineage.parquet", LINEAGE, files)
    problems += more
    problems += split_leaks(whole) + _near_leaks(whole, facts)
    rows = whole.to_pylist()
    problems += _ids(rows) + _licences(rows, settings) + _identifiers(rows)
    problems += [f"record {row['record_id']}: model_version names a path of a machine." for row in rows
                 if _MACHINE_PATH.match(row["model_version"] or "")]
    if lineage is not None:
        problems += _lineage(rows, lineage.to_pylist()) + correction_problems(rows, lineage.to_pylist(), files)
    problems += _contamination(rows, files, facts)
    problems += _rejected(files, settings)
    problems += number_problems(folder, facts, files)
    return problems + _papers(facts, files)


def _configuration(folder: str, told: Mapping[str, int], files: Files) -> tuple[dict[str, pa.Table], list[str]]:
    """Split -> records, checked against the contract and the counts told."""
    found: dict[str, pa.Table] = {}
    problems: list[str] = []
    for split in SPLITS:
        path = parquet_path(folder, split)
        if path not in files:
            if told.get(split):
                problems.append(f"{path} is missing: RELEASE.json counts {told[split]} rows.")
            continue
        table, more = read_table(path, FILTERED, files)
        problems += more
        if table is None:
            continue
        found[split] = table
        if told.get(split) != table.num_rows:
            problems.append(f"{path} holds {table.num_rows} rows, RELEASE.json counts {told.get(split, 0)}.")
    known = {parquet_path(folder, split) for split in SPLITS}
    problems += [f"{path} belongs to no split." for path in sorted(files)
                 if path.startswith(f"{folder}/") and path not in known]
    return found, problems


def _same_shapes(split: str, table: pa.Table, files: Files, prefix: str = "") -> Iterator[str]:
    """The training formats hold the words of the data, byte for byte."""
    for shape, wanted in shaped(table).items():
        if prefix and shape != "chat":
            continue
        path = f"formats/{prefix or shape}/{split}.jsonl"
        there = files.get(path, b"")
        lines = there.count(b"\n")
        if lines != table.num_rows:
            yield f"{path} holds {lines} rows, the data {table.num_rows}."
        elif there != wanted:
            pairs = zip(there.split(b"\n"), wanted.split(b"\n"), strict=False)
            odd = next(place for place, (one, other) in enumerate(pairs) if one != other)
            yield f"{path}, line {odd + 1}: not what the data says."


def _strong_in_full(data: Mapping[str, pa.Table], strong: Mapping[str, pa.Table], files: Files) -> list[str]:
    problems: list[str] = []
    for split, table in strong.items():
        full = {row["record_id"]: row for row in data[split].to_pylist()} if split in data else {}
        problems += [f"{parquet_path('strong', split)}: record {row['record_id']} is not the one of the full set."
                     for row in table.to_pylist() if full.get(row["record_id"]) != row][:_SHOWN]
        problems += _same_shapes(split, table, files, STRONG_CHAT)
    return problems


def _near_leaks(whole: pa.Table, facts: Facts) -> list[str]:
    """Near-duplicates are looked for anew: no list of them needs to be trusted."""
    threshold = facts.get("near_duplicate_jaccard")
    if not isinstance(threshold, (int, float)) or not 0 < threshold <= 1:
        return ["RELEASE.json: near_duplicate_jaccard is not there; near-duplicates cannot be looked for."]
    clusters = twin_clusters(whole, threshold)
    found = split_leaks(whole.append_column("near_duplicate_cluster", pa.array(clusters, pa.string())))
    return [leak for leak in found if leak.startswith("near-duplicate")]


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    """A record's id is the hash of what it says; records on patient data bear names instead."""
    return [f"record {row['record_id']}: its id is not that of its content." for row in rows
            if not row["patient_data"] and id_of(row) not in (None, row["record_id"])]


def _licences(rows: list[dict[str, Any]], settings: Settings | None) -> list[str]:
    if settings is None:
        return []
    good = {licence: may_be_shown(licence, settings) for licence in {row["licence"] for row in rows}}
    problems = [f"record {row['record_id']}: its licence {row['licence']!r} does not allow what config.yaml wants."
                for row in rows if not good[row["licence"]]]
    if not settings.release.allow_patient_data:
        problems += [f"record {row['record_id']} rests on patient data, which config.yaml does not allow."
                     for row in rows if row["patient_data"]]
    return problems + [f"record {row['record_id']} rests on patient data that was never de-identified."
                       for row in rows if row["patient_data"] and row["privacy_status"] != "de_identified"]


def _identifiers(rows: list[dict[str, Any]]) -> list[str]:
    """The scan of the last gate, on every word that is released."""
    problems = [f"record {row['record_id']}: privacy_status is residual_identifiers." for row in rows
                if row["privacy_status"] == "residual_identifiers"]
    return problems + [f"record {row['record_id']}: {name} holds an identifier ({kind})."
                       for row in rows for name, kind in identifier_hits(row)]


def _lineage(rows: list[dict[str, Any]], lineage: list[dict[str, Any]]) -> list[str]:
    """Every record has a whole chain in its own split, under its own licence."""
    by_id = {row["record_id"]: row for row in rows}
    traced: dict[str, list[dict[str, Any]]] = {}
    for row in lineage:
        traced.setdefault(row["record_id"], []).append(row)
    problems = [f"record {r} has no lineage." for r in sorted(by_id.keys() - traced.keys())]
    problems += [f"lineage names record {r}, which is not in the data." for r in sorted(traced.keys() - by_id.keys())]
    same = ("route", "author", "model", "model_version", "prompt_id", "prompt_hash", "request_id", "seed_ids",
            "review_status")
    for record_id in sorted(by_id.keys() & traced.keys()):
        record, pieces = by_id[record_id], traced[record_id]
        if any(piece["split"] != record["split"] for piece in pieces):
            problems.append(f"lineage puts record {record_id} into another split.")
        problems += [f"lineage of record {record_id}: {name} is not that of the record."
                     for name in same if any(piece[name] != record[name] for piece in pieces)]
        documents = {piece["document_id"] for piece in pieces if piece["document_id"]}
        passages = {piece["passage_id"] for piece in pieces if piece["passage_id"]}
        if not set(record["document_ids"]) <= documents or not set(record["passage_ids"]) <= passages:
            problems.append(f"lineage of record {record_id} lacks a document or passage that the record names.")
        if missing := gaps(record, bool(documents)):
            problems.append(f"lineage of record {record_id} is not whole: {', '.join(missing)}.")
        if not documents and any(piece["licence"] != record["licence"] for piece in pieces):
            problems.append(f"lineage of record {record_id}: licence is not that of the record.")
    licences: dict[str, set[str]] = {}
    for row in lineage:
        if row["document_id"]:
            licences.setdefault(row["document_id"], set()).add(row["licence"])
    problems += [f"lineage: document {d} has several licences: {', '.join(sorted(found))}."
                 for d, found in sorted(licences.items()) if len(found) > 1]
    problems += [f"record {r}: its licence {by_id[r]['licence']!r} is that of none of its documents."
                 for r in sorted(by_id.keys() & traced.keys())
                 if (found := {p["licence"] for p in traced[r] if p["document_id"]}) and not any(
                     licence in by_id[r]["licence"] or by_id[r]["licence"] in licence for licence in found)]
    groups = pa.table({
        "record_id": [row["record_id"] for row in lineage], "split": [row["split"] for row in lineage],
        "group_id": [row["document_group_id"] or f"of record {row['record_id']}" for row in lineage],
        "document_ids": pa.array([[row["document_id"]] if row["document_id"] else [] for row in lineage],
                                 pa.list_(pa.string())),
        "near_duplicate_cluster": pa.array([row["near_duplicate_cluster"] for row in lineage], pa.string()),
    })
    return problems + [f"lineage: {leak}" for leak in split_leaks(groups) if not leak.startswith("record")]


def _contamination(rows: list[dict[str, Any]], files: Files, facts: Facts) -> list[str]:
    """Records that were called clean share no thirteen words in a row with a benchmark."""
    if "contamination.parquet" not in files:
        checked = any(row["contamination_status"] != "not_checked" for row in rows)
        named = facts.get("benchmarks")
        return ["contamination.parquet is missing: contamination cannot be looked for again."] if named or (
            checked and _within(facts, "documents").get("prints")) else []
    table, problems = read_table("contamination.parquet", PRINTS, files)
    if table is None:
        return problems
    prints = {row["print"]: f"{row['benchmark']} {row['item']}" for row in table.to_pylist()}
    return problems + [
        f"record {row['record_id']} is called {row['contamination_status']}, and shares thirteen words in a row with "
        f"{', '.join(found[:3])}."
        for row in rows if row["contamination_status"] != "overlap" and (found := shared_items(row, prints))]


def _rejected(files: Files, settings: Settings | None) -> list[str]:
    """Rejected rows agree with the funnel; none shows text that its licence or a scan forbids."""
    table, problems = read_table("rejected.parquet", REJECTED, files)
    funnel, more = read_table("funnel.parquet", FUNNEL, files)
    problems += more
    if table is None or funnel is None:
        return problems
    counted: dict[tuple[str, str], int] = {}
    for row in table.to_pylist():
        key = (row["stage"], row["reason"])
        counted[key] = counted.get(key, 0) + 1
        name = f"rejected.parquet: {row['stage']} {row['row_id']}"
        if (row["row"] is None) != (row["withheld"] is not None):
            problems.append(f"{name}: text and `withheld` contradict each other.")
        elif row["row"] is not None and settings is not None and not may_be_shown(row["licence"], settings):
            problems.append(f"{name}: its licence does not allow its text to be shown.")
        elif row["row"] is not None and any(map(scan_identifiers, _strings(_read(row["row"])))):
            problems.append(f"{name}: its text holds an identifier.")
    told: dict[tuple[str, str], int] = {}
    for row in funnel.to_pylist():
        if row["reason"] is not None:
            told[row["stage"], row["reason"]] = told.get((row["stage"], row["reason"]), 0) + int(row["rejected"])
    return problems + [
        f"rejected.parquet: {stage} turned {told.get((stage, reason), 0)} away for {reason} by funnel.parquet, "
        f"{counted.get((stage, reason), 0)} are there."
        for stage, reason in sorted(told.keys() | counted.keys())
        if told.get((stage, reason), 0) != counted.get((stage, reason), 0)]


def _read(row: str) -> Any:
    try:
        return json.loads(row)
    except ValueError:
        return row


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _papers(facts: Facts, files: Files) -> list[str]:
    """Card and Croissant speak of these files and of this status."""
    problems: list[str] = []
    try:
        croissant = json.loads(files.get("croissant.json", b""))
        named = {part["contentUrl"]: part["sha256"] for part in croissant["distribution"]}
    except (ValueError, KeyError, TypeError):
        problems.append("croissant.json is missing or not readable.")
        named = {}
    problems += [f"croissant.json: {path} is not there, or has another SHA-256."
                 for path, digest in sorted(named.items())
                 if path not in files or hashlib.sha256(files[path]).hexdigest() != digest]
    text = files.get("README.md", b"").decode("utf-8", "replace")
    try:
        front = yaml.safe_load(text.split("---\n")[1])
    except (IndexError, yaml.YAMLError):
        return [*problems, "README.md has no readable front matter."]
    splits, strong = (_within(facts, *keys) for keys in (("rows_per_split",), ("strong", "rows_per_split")))
    wanted = front_matter_configs(configs([s for s in SPLITS if s in splits], [s for s in SPLITS if s in strong]))
    if not isinstance(front, dict) or front.get("configs") != wanted:
        problems.append("README.md: its configurations are not those of the files.")
    if (facts.get("status") == "draft") != ("**DRAFT." in text):
        problems.append("README.md and RELEASE.json do not agree on whether this is a draft.")
    return problems


def _within(facts: Facts, *keys: str) -> Mapping[str, Any]:
    value: Any = facts
    for key in keys:
        value = value.get(key, {}) if isinstance(value, Mapping) else {}
    return value if isinstance(value, Mapping) else {}
