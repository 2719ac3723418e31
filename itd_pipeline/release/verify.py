"""`verify_release`: whether a folder still is the release that its name says.

Checked, each by itself: every file is listed and unchanged, the version is that of the content, no record, group or
document stands in two splits, and all formats hold the same rows. Reads only; never follows a path or link out of
the folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.splits import split_leaks
from itd_pipeline.release.version import CHECKSUMS, VERSION, content_version, safe_path

_LINE = re.compile(r"^(?P<digest>[0-9a-f]{64})  (?P<path>.+)$")


def verify_release(folder: Path) -> list[str]:
    """Problems found in `folder`, one sentence each with the file or id; empty where there are none."""
    if not folder.is_dir():
        return [f"{folder.name}: there is no such folder."]
    if not (folder / CHECKSUMS).is_file():
        return [f"{CHECKSUMS} is missing: nothing can be checked."]
    listed, problems = _listed(folder / CHECKSUMS)
    there, links = _present(folder)
    problems += links
    files = {path: (folder / path).read_bytes() for path in there}
    for path in sorted(listed.keys() | files.keys()):
        if path not in files:
            problems.append(f"{path} is listed in {CHECKSUMS} but missing.")
        elif path not in listed:
            if path != CHECKSUMS:
                problems.append(f"{path} is not listed in {CHECKSUMS}.")
        elif hashlib.sha256(files[path]).hexdigest() != listed[path]:
            problems.append(f"{path} has been changed: its SHA-256 is not the one in {CHECKSUMS}.")
    facts, unreadable = _facts(files)
    problems += unreadable
    problems += _version(facts, files)
    return problems + _rows(facts, files)


def _listed(path: Path) -> tuple[dict[str, str], list[str]]:
    """Path -> digest, and what is wrong with the list. A path that could lead out of the folder is refused."""
    listed: dict[str, str] = {}
    problems = []
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        match = _LINE.match(line)
        if not match:
            problems.append(f"{CHECKSUMS}, line {number}: not a checksum and a path.")
        elif not safe_path(match["path"]):
            problems.append(f"{CHECKSUMS}, line {number}: refused, the path may lead out of the release.")
        elif match["path"] in listed:
            problems.append(f"{CHECKSUMS}, line {number}: {match['path']} is listed twice.")
        else:
            listed[match["path"]] = match["digest"]
    return listed, problems


def _present(folder: Path) -> tuple[list[str], list[str]]:
    """Plain files inside the folder, and links, which a release never holds."""
    files, problems = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(f"{name} is a link; a release holds only plain files.")
        elif path.is_file():
            files.append(name)
    return files, problems


def _facts(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    try:
        facts = json.loads(files.get("RELEASE.json", b""))
    except ValueError:
        return {}, ["RELEASE.json is missing or not JSON."]
    return (facts, []) if isinstance(facts, dict) else ({}, ["RELEASE.json holds no object."])


def _version(facts: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    version = str(facts.get("version", ""))
    match = VERSION.match(version)
    if not match:
        return ["RELEASE.json names no version of the form name-000000000000."]
    found = content_version(match["name"], files, version)
    return [] if found == version else [f"The content is that of version {found}, not of {version}."]


def _rows(facts: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    problems: list[str] = []
    tables = []
    told = facts.get("rows_per_split", {})
    for split in SPLITS:
        path = f"data/{split}-00000-of-00001.parquet"
        if path not in files:
            if told.get(split):
                problems.append(f"{path} is missing: RELEASE.json counts {told[split]} rows.")
            continue
        try:
            table = pq.ParquetFile(pa.BufferReader(files[path])).read(["record_id", "group_id", "document_ids"])
        except (pa.ArrowException, OSError):
            problems.append(f"{path} cannot be read as Parquet.")
            continue
        tables.append(table.append_column("split", pa.array([split] * table.num_rows, pa.string())))
        if told.get(split) != table.num_rows:
            problems.append(f"{path} holds {table.num_rows} rows, RELEASE.json counts {told.get(split, 0)}.")
        for shape in ("chat", "alpaca"):
            lines = files.get(f"formats/{shape}/{split}.jsonl", b"").count(b"\n")
            if lines != table.num_rows:
                problems.append(f"formats/{shape}/{split}.jsonl holds {lines} rows, {path} {table.num_rows}.")
    if not tables:
        return [*problems, "The release holds no records."]
    records = pa.concat_tables(tables)
    return problems + split_leaks(records) + _lineage(records, files)


def _lineage(records: pa.Table, files: Mapping[str, bytes]) -> list[str]:
    """Every record has a lineage in its own split, and no group of a document stands in two splits."""
    try:
        lineage = pq.ParquetFile(pa.BufferReader(files.get("lineage.parquet", b""))).read(
            ["record_id", "split", "document_group_id"])
    except (pa.ArrowException, OSError):
        return ["lineage.parquet is missing or cannot be read as Parquet."]
    split_of = dict(zip(records["record_id"].to_pylist(), records["split"].to_pylist(), strict=True))
    rows = lineage.to_pylist()
    traced = {row["record_id"] for row in rows}
    problems = [f"record {r} has no lineage." for r in sorted(split_of.keys() - traced)]
    problems += [f"lineage names record {r}, which is not in the data." for r in sorted(traced - split_of.keys())]
    astray = {row["record_id"] for row in rows if split_of.get(row["record_id"], row["split"]) != row["split"]}
    problems += [f"lineage puts record {r} into another split." for r in sorted(astray)]
    groups = pa.table({
        "record_id": [row["record_id"] for row in rows], "split": [row["split"] for row in rows],
        "group_id": [row["document_group_id"] or f"of record {row['record_id']}" for row in rows],
        "document_ids": pa.array([[] for _ in rows], pa.list_(pa.string())),
    })
    return problems + [leak for leak in split_leaks(groups) if leak.startswith("group")]
