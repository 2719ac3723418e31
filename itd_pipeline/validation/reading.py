"""A dataset of anybody as rows with our names: whatever files it has, whatever its columns are called.

Belongs here: files, and which of their columns means what. Does not belong here: judging it (`requirements.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from itd_pipeline.errors import SourceError

_DATA = (".parquet", ".jsonl", ".json", ".csv", ".tsv", ".xlsx")
_ASIDE = {"release.json", "croissant.json", "versions.json", "report.json", "lineage.parquet", "rejected.parquet",
          "dataset_infos.json", "dataset_dict.json", "state.json", "package.json"}
_DOCUMENTS = {
    "card": ("readme.md", "readme.txt", "readme", "dataset_card.md", "datasheet.md"),
    "licence": ("license", "licence", "license.md", "license.txt", "licence.txt", "data_license", "copying",
                "copying.txt"),
    "checksums": ("sha256sums", "sha256sums.txt", "md5sums", "checksums.txt", "manifest.sha256"),
    "croissant": ("croissant.json",),
    "rubric": ("rubric.yaml", "rubric.yml", "rubric.json"),
    "policy": ("policy.yaml", "policy.yml"),
    "report": ("report.json",),
}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "record_id": ("record_id", "id", "uid", "qid", "question_id", "item_id", "pmid", "index", "idx"),
    "instruction": ("instruction", "question", "prompt", "query", "chq", "message", "request",
                    "harmful_medical_request", "dialogue"),
    "input": ("input", "context", "contexts", "passage", "dialogue"),
    "output": ("output", "response", "answer", "completion", "long_answer", "free_form_answer", "section_text",
               "target", "summary", "safe_response"),
    "citations": ("citations", "evidence", "references", "quote", "supporting_text"),
    "source": ("source", "document_ids", "url", "doc_id", "source_id", "passage_ids", "reference", "link"),
    "route": ("route", "origin", "generated_by", "method", "annotation_type"),
    "author": ("author", "annotator", "model", "writer", "created_by", "author_role"),
    "licence": ("licence", "license"),
    "prompt": ("prompt_id", "prompt_hash", "template", "prompt_template"),
    "task_type": ("task_type", "task", "type", "question_type", "section_header", "view"),
    "specialty": ("specialty", "topic", "category", "medical_specialty", "subject", "focus_(drug)"),
    "audience": ("audience", "level", "reader", "readability"),
    "difficulty": ("difficulty", "difficulty_level", "hardness"),
    "language": ("language", "lang"),
    "evidence_date": ("evidence_date", "date", "year", "published"),
    "patient_data": ("patient_data", "contains_phi", "privacy_status"),
    "contamination": ("contamination_status", "contaminated", "benchmark_overlap"),
    "review": ("review_status", "rating", "ratings", "decision", "expert_score", "verified", "label", "must_have"),
    "split": ("split", "subset", "fold"),
}
"""Ours -> what others call it, best first; blanks as _, small letters."""
_SPLITS = {"train": "train", "training": "train", "trainset": "train", "validation": "validation",
           "valid": "validation", "val": "validation", "dev": "validation", "devset": "validation",
           "development": "validation", "test": "test", "testing": "test", "testset": "test"}
"""Words in the names of files, folders and keys -> split."""


_LOOKED_AT = 100
"""Rows whose columns are looked at."""


@dataclass(frozen=True)
class Dataset:
    """Rows under our names.

    Args:
        name: of the folder or file.
        rows: `split` is there where a column or the file's name says it; every other key is one of ours.
        columns: ours -> theirs.
        documents: what lies beside the data: `card`, `licence`, `checksums`, `croissant`, `rubric`, `policy`, `report`.
        ours: whether its columns are those of our own record.
        raw: the first rows as they are, for the JSON Schema.
        contents: `rubric` and `report` as read; a file that cannot be read is None.
        unreadable: files, and lines of files, that could not be read: name, line where there is one, and why.
    """

    name: str
    rows: Sequence[Mapping[str, Any]]
    columns: Mapping[str, str]
    documents: frozenset[str]
    ours: bool
    raw: Sequence[Mapping[str, Any]]
    contents: Mapping[str, Any] = field(default_factory=dict)
    unreadable: Sequence[str] = ()


def read_dataset(path: Path, limit: int | None = None) -> Dataset:
    """Read a folder or file: Parquet, JSONL, JSON, CSV, TSV, XLSX, plain or .gz.

    Of a folder, the files with answers to most different questions are the dataset; others stand beside it.

    Args:
        path: folder or file.
        limit: read at most so many rows.

    Raises:
        SourceError: there is no such path, or nothing in it is a table of records.
    """
    if not path.exists():
        raise SourceError(f"There is no {str(path)!r}.", "Name a folder or a file.")
    # A release of ours holds its records once more in other shapes, and tables about them.
    inside = path / "data" if (path / "RELEASE.json").is_file() and (path / "data").is_dir() else path
    files = [path] if path.is_file() else sorted(p for p in inside.rglob("*") if p.is_file())
    tables: dict[frozenset[str], list[tuple[str, list[Mapping[str, Any]]]]] = {}
    unreadable: list[str] = []
    for file in files:
        kind = file.name.removesuffix(".gz").lower()
        if not kind.endswith(_DATA) or kind in _ASIDE or "formats" in file.relative_to(path).parts[:1]:
            continue
        try:
            rows: list[Mapping[str, Any]] = [row for row in _rows(file, kind, unreadable) if row]
        except (ValueError, OSError, pa.ArrowException, csv.Error) as error:
            unreadable.append(f"{file.name} ({type(error).__name__})")
            continue
        if rows and (named := _meaning(_columns(rows))).get("instruction"):
            alike = tables.setdefault(frozenset(named.values()), [])
            alike.append((_split(_place(file, path)), rows))
    if not tables:
        told = f" Not readable: {', '.join(unreadable[:5])}." if unreadable else ""
        raise SourceError(f"{path.name} holds no table with a question and an answer.{told}",
                          "A dataset needs columns such as instruction and output, or question and answer.")
    parts = max(tables.values(), key=_worth)
    first = _columns(parts[0][1])
    columns = _meaning(first)
    read = [_row(row, columns, split) for split, part in parts for row in part][:limit]
    raw = [row for _, part in parts for row in part][:limit]
    return Dataset(path.name, read, columns, _beside(path), {"schema_version", "task_type", "route"} <= set(first),
                   raw, _contents(path), unreadable)


def _columns(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Every column of the first rows: in JSON a row may leave out what it has no value for."""
    return {name: None for row in rows[:_LOOKED_AT] for name in row}


def _place(file: Path, path: Path) -> str:
    """Where a file lies inside the dataset, without its endings."""
    folders = file.parent.relative_to(path).as_posix() if path.is_dir() else ""
    return f"{folders}/{file.name.removesuffix('.gz').rpartition('.')[0]}"


def _worth(parts: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> tuple[bool, int]:
    """Whether there are answers, and to how many different questions."""
    columns = _meaning(_columns(parts[0][1]))
    return "output" in columns, len({str(row.get(columns["instruction"])) for _, rows in parts for row in rows})


def _meaning(row: Mapping[str, Any]) -> dict[str, str]:
    """Ours -> theirs, for the columns of one row."""
    if "messages" in row or "conversations" in row:
        talk = "messages" if "messages" in row else "conversations"
        return {**_plain(row), "instruction": talk, "output": talk}
    return _plain(row)


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    there = {"_".join(str(name).lower().split()): str(name) for name in row}
    found: dict[str, str] = {}
    for ours, names in _NAMES.items():
        name = next((there[n] for n in names if n in there and there[n] not in found.values()), None)
        if name is not None:
            found[ours] = name
    return found


def _row(row: Mapping[str, Any], columns: Mapping[str, str], split: str) -> dict[str, Any]:
    found: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in columns.items()}
    if columns.get("instruction") in {"messages", "conversations"}:
        turns = row.get(columns["instruction"]) or []
        said = [str(turn.get("content") or turn.get("value") or "") for turn in turns if isinstance(turn, Mapping)]
        found |= {"instruction": said[-2] if len(said) > 1 else "", "output": said[-1] if said else ""}
    if split and not found.get("split"):
        found["split"] = split
    return found


def _rows(file: Path, kind: str, unreadable: list[str]) -> Iterator[Mapping[str, Any]]:
    """Rows of a file; lines that are no JSON are told in `unreadable`, and the others are read."""
    if kind.endswith(".parquet"):
        yield from pq.ParquetFile(file).read().to_pylist()
    elif kind.endswith(".xlsx"):
        yield from _sheet(file)
    else:
        raw = gzip.decompress(file.read_bytes()) if file.name.lower().endswith(".gz") else file.read_bytes()
        text = raw.decode("utf-8-sig", "replace")
        if kind.endswith(".jsonl"):
            yield from _lines(file.name, text, unreadable)
        elif kind.endswith(".json"):
            yield from _json(file.name, text, unreadable)
        else:
            yield from csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if kind.endswith(".tsv") else ",")


def _lines(name: str, text: str, unreadable: list[str]) -> Iterator[Mapping[str, Any]]:
    """One record a line.

    Raises:
        ValueError: not one line is a record.
    """
    good = 0
    bad: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, Mapping):
            good += 1
            yield row
        else:
            bad.append(f"{name}, line {number}")
    if bad and not good:
        raise ValueError("no line is a record")
    unreadable += bad


def _json(name: str, text: str, unreadable: list[str]) -> Iterator[Mapping[str, Any]]:
    """A list of records, a mapping of id to record, a list under one key or under each split, or one record a line."""
    try:
        content = json.loads(text)
    except ValueError:
        yield from _lines(name, text, unreadable)
        return
    if isinstance(content, Mapping):
        lists = {key: value for key, value in content.items() if isinstance(value, list) and value
                 and isinstance(value[0], Mapping)}
        if len(lists) > 1 and all(_split(key) for key in lists):
            content = [{"split": _split(key), **row} for key, part in lists.items() for row in part]
        elif lists:
            content = next(iter(lists.values()))
        elif content and all(isinstance(value, Mapping) for value in content.values()):
            content = [{"id": key, **{str(k).lower(): v for k, v in value.items()}} for key, value in content.items()]
    for row in content if isinstance(content, list) else ():
        if isinstance(row, Mapping):
            # Self-Instruct keeps inputs and outputs of one instruction in a list.
            inside = row.get("instances")
            yield from ({**row, **one} for one in inside) if isinstance(inside, list) and inside else (row,)


def _sheet(file: Path) -> Iterator[Mapping[str, Any]]:
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    head = [str(cell or "") for cell in next(rows, ())]
    yield from (dict(zip(head, row, strict=False)) for row in rows if any(cell is not None for cell in row))
    book.close()


def _split(name: str) -> str:
    """Split that a file's name tells, or the folder that it lies in: whole words, `latest.jsonl` is no test."""
    for part in reversed(name.split("/")):
        words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", part)
        found = next((_SPLITS[word.lower()] for word in words if word.lower() in _SPLITS), "")
        if found:
            return found
    return ""


def _contents(path: Path) -> dict[str, Any]:
    """Rubric and report beside the data, the ones that lie highest."""
    found: dict[str, Any] = {}
    for kind in ("rubric", "report"):
        files = [file for file in path.rglob("*") if file.name.lower() in _DOCUMENTS[kind]] if path.is_dir() else []
        for file in sorted(files, key=lambda f: (len(f.parts), f.name))[:1]:
            try:
                text = file.read_text(encoding="utf-8")
                found[kind] = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)
            except (ValueError, OSError, yaml.YAMLError):
                found[kind] = None
    return found


def _beside(path: Path) -> frozenset[str]:
    folder = path if path.is_dir() else path.parent
    there = {file.name.lower() for file in folder.rglob("*") if file.is_file()}
    there |= {name.split(".")[0] for name in there if name.startswith(("license", "licence"))}
    return frozenset(kind for kind, names in _DOCUMENTS.items() if there & set(names))
