"""The papers of a release held against the facts that they were written from.

What is written from facts is written anew and compared byte for byte: card, datasheet, checklists, Croissant, the
configurations for training programs, `RELEASE.json` itself. What was written elsewhere is held against what it tells
of: each number of the report against `evaluation.parquet`, prompts against their hashes, the funnel against its own
sums. So a changed word is named by its file and line, whether or not fresh checksums and a fresh version were made up.

Belongs here: files for people and programs. Does not belong here: what the records say (`verify_rows.py`).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import TemplateError

import itd_pipeline
from itd_pipeline.errors import ItdError
from itd_pipeline.evaluation.page import in_words
from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.croissant import croissant
from itd_pipeline.release.documents import documents
from itd_pipeline.release.encode import json_bytes
from itd_pipeline.release.facts import in_order
from itd_pipeline.release.formats import SHAPES
from itd_pipeline.release.numbers import FUNNEL
from itd_pipeline.release.released_settings import released_settings
from itd_pipeline.release.training import STRONG_CHAT, parquet_path, training_files
from itd_pipeline.release.version import CHECKSUMS, SIGNATURE
from itd_pipeline.settings import Dataset
from itd_pipeline.tables.records import RECORD_COLUMNS
from itd_pipeline.tables.review import METRICS

_LATER = ("croissant.json", "README.md", "DATASHEET.md", "CHECKLISTS.md", CHECKSUMS, SIGNATURE)
"""Files that are written after Croissant, which tells of those before it."""
_ALWAYS = ("report.html", "report.json", "versions.json", "views.sql")
_NUMBER = re.compile(r'<data value="([^"]*)" data-key="([^"]*)"[^>]*>(.*?)</data>', re.DOTALL)
_UNMEASURED = re.compile(r'<span class="none" data-key="([^"]*)"[^>]*>(.*?)</span>', re.DOTALL)
_OURS = b"ARROW:schema"
_UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OSError, pa.ArrowException, ItdError,
               TemplateError)
"""What a file may raise that somebody else has written."""

Files = Mapping[str, bytes]
Facts = Mapping[str, Any]


def paper_problems(facts: Facts, files: Files) -> list[str]:
    """What the papers say that the facts do not."""
    problems = [f"{path} holds metadata that no release has: {', '.join(odd)}." for path in sorted(files)
                if path.endswith(".parquet") and (odd := _odd_metadata(files[path]))]
    problems += _prompts(facts, files)
    settings, _ = released_settings(files)
    if not facts or settings is None:
        return problems  # `verify.py` and `verify_rows.py` say so
    problems += [f"RELEASE.json: {name} is not the one of config.yaml." for name, told in (
        ("name", settings.dataset.name), ("title", settings.dataset.title)) if facts.get(name) != told]
    for check in (_balanced, _report, _citations, _ranks):
        try:
            problems += list(check(files))
        except _UNREADABLE as error:
            problems.append(f"{check.__name__.strip('_')}: could not be checked ({type(error).__name__}).")
    return problems + _written_anew(settings.dataset, facts, files)


def _written_anew(dataset: Dataset, facts: Facts, files: Files) -> list[str]:
    here = itd_pipeline.__version__
    if facts.get("code_version") != here:
        return [f"This release was made by itd_pipeline {facts.get('code_version')}, this is {here}: what its papers "
                "say cannot be compared. Verify it with the version that made it."]
    try:
        written = _papers(dataset, in_order(facts), files)
    except _UNREADABLE as error:
        return [f"RELEASE.json, policy.yaml or evaluation.parquet cannot be read ({type(error).__name__}): the papers "
                "cannot be compared."]
    return [f"{path}{_first_line(files[path], wanted)}: not what the facts of this release say."
            for path, wanted in sorted(written.items()) if path in files and files[path] != wanted] + [
        f"{path} is missing." for path in sorted({*written, *_ALWAYS}) if path not in files] + [
        f"{path} belongs to no release." for path in sorted(files)
        if path.startswith(("training/", "formats/")) and path not in written and not _of_a_shape(path, facts)]


def _of_a_shape(path: str, facts: Facts) -> bool:
    """Whether it holds a split in one of the training shapes; a loader reads every file of such a folder."""
    match = re.fullmatch(r"formats/([a-z-]+)/([a-z]+)\.jsonl", path)
    if match is None:
        return False
    told = facts["strong"] if match[1] == STRONG_CHAT else facts
    return match[1] in (*SHAPES, STRONG_CHAT) and match[2] in told["rows_per_split"]


def _papers(dataset: Dataset, facts: Facts, files: Files) -> dict[str, bytes]:
    metrics = METRICS.conform(pq.ParquetFile(pa.BufferReader(files["evaluation.parquet"])).read())
    parts = [pq.ParquetFile(pa.BufferReader(files[path])).read() for split in SPLITS
             if (path := parquet_path("data", split)) in files]
    records = pa.concat_tables(parts).sort_by([("record_id", "ascending")]) if parts else None
    columns = tuple(column for column in RECORD_COLUMNS if column.sensitivity != "identifying")
    before = {path: raw for path, raw in files.items() if path not in _LATER}
    return {
        "RELEASE.json": json_bytes(facts),
        "croissant.json": json_bytes(croissant(dataset, facts, before, columns)),
        **training_files(dataset.name.replace("-", "_"), [s for s in SPLITS if s in facts["rows_per_split"]],
                         [s for s in SPLITS if s in facts["strong"]["rows_per_split"]]),
        **documents(dataset, facts, files["policy.yaml"].decode(), metrics, records),
    }


def _first_line(there: bytes, wanted: bytes) -> str:
    """Where two texts part."""
    pairs = zip(there.split(b"\n"), wanted.split(b"\n"), strict=False)
    line = next((number for number, (one, other) in enumerate(pairs, start=1) if one != other), None)
    return f", line {line}" if line else ""


def _odd_metadata(raw: bytes) -> list[str]:
    """Keys of a Parquet file's metadata that we do not write; readers of data frames believe them."""
    try:
        found = pq.ParquetFile(pa.BufferReader(raw))
        keys = set(found.metadata.metadata or {}) | set(found.schema_arrow.metadata or {})
    except (pa.ArrowException, OSError):
        return []  # `verify_rows.py` says that it cannot be read
    return sorted(key.decode("utf-8", "replace") for key in keys - {_OURS})


def _prompts(facts: Facts, files: Files) -> list[str]:
    told = facts.get("prompts")
    told = told if isinstance(told, Mapping) else {}
    there = {path.removeprefix("prompts/"): hashlib.sha256(raw).hexdigest() for path, raw in files.items()
             if path.startswith("prompts/")}
    return [f"prompts/{name}: not the one whose hash RELEASE.json tells." for name in sorted(told.keys() | there.keys())
            if told.get(name) != there.get(name)]


def _balanced(files: Files) -> Iterator[str]:
    """No row is lost: what entered a stage left it or was turned away."""
    funnel = FUNNEL.conform(pq.ParquetFile(pa.BufferReader(files["funnel.parquet"])).read())
    sums: dict[tuple[str, str, str], list[float]] = {}
    for row in funnel.to_pylist():
        found = sums.setdefault((row["stage"], row["partition"], row["unit"]), [row["units_in"], row["rows_out"], 0])
        found[2] += row["rejected"]
    for (stage, partition, _), (units, rows, rejected) in sorted(sums.items()):
        if units != rows + rejected:
            yield (f"funnel.parquet: {stage} {partition}".rstrip() + f" took in {units:,.0f}, let {rows:,.0f} out and "
                   f"turned {rejected:,.0f} away: {units - rows - rejected:+,.0f} are not accounted for.")


def _report(files: Files) -> Iterator[str]:
    """`report.json` and every number on the page are those of `evaluation.parquet`."""
    metrics = METRICS.conform(pq.ParquetFile(pa.BufferReader(files["evaluation.parquet"])).read()).to_pylist()
    wanted = {f"{m['section']}|{m['metric']}|{m['group']}": m for m in metrics}
    there = {f"{m['section']}|{m['metric']}|{m['group']}": m for m in json.loads(files["report.json"])["metrics"]}
    for key in sorted(wanted.keys() | there.keys()):
        if wanted.get(key) != there.get(key):
            yield f"report.json: {key} is not what evaluation.parquet says."
    page = files["report.html"].decode("utf-8", "replace")
    for shown, key, words in _NUMBER.findall(page):
        row = wanted.get(html.unescape(key))
        if row is None or row["value"] is None or str(row["value"]) != shown or (
                html.unescape(words).strip() != in_words(row["value"], row["note"].split(";")[0])):
            yield f"report.html: {html.unescape(key)} is not what evaluation.parquet says."
    for key, words in _UNMEASURED.findall(page):
        row = wanted.get(html.unescape(key))
        if row is None or row["value"] is not None or words.strip() != in_words(None, "count"):
            yield f"report.html: {html.unescape(key)} is not what evaluation.parquet says."


def _citations(files: Files) -> Iterator[str]:
    """The lineage cites what the records cite."""
    cited: dict[str, set[tuple[Any, ...]]] = {}
    for split in SPLITS:
        if (path := parquet_path("data", split)) in files:
            for row in pq.ParquetFile(pa.BufferReader(files[path])).read(["record_id", "citations"]).to_pylist():
                cited[row["record_id"]] = {(c["passage_id"], c["start"], c["end"]) for c in row["citations"]
                                           if c["passage_id"]}
    columns = ["record_id", "passage_id", "citation_start", "citation_end"]
    traced: dict[str, set[tuple[Any, ...]]] = {}
    for row in pq.ParquetFile(pa.BufferReader(files["lineage.parquet"])).read(columns).to_pylist():
        if row["passage_id"] and row["citation_start"] is not None:
            traced.setdefault(row["record_id"], set()).add(
                (row["passage_id"], row["citation_start"], row["citation_end"]))
    for record_id, places in sorted(cited.items()):
        if traced.get(record_id, set()) != places:
            yield f"lineage of record {record_id}: its citations are not those of the record."


def _ranks(files: Files) -> Iterator[str]:
    """The strong records stand in the order of their ranks: whoever takes the first rows takes the best."""
    rank = {row["record_id"]: row["strong_rank"] for row in pq.ParquetFile(pa.BufferReader(
        files["lineage.parquet"])).read(["record_id", "strong_rank"]).to_pylist()}
    for split in SPLITS:
        if (path := parquet_path("strong", split)) in files:
            ids = pq.ParquetFile(pa.BufferReader(files[path])).read(["record_id"]).column("record_id").to_pylist()
            for one, other in pairwise(ids):
                if not (rank.get(one) or 0) < (rank.get(other) or 0):
                    yield f"{path}: record {other} stands after {one}, its rank in lineage.parquet is not."
