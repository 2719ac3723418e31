"""What an instruction-tuning dataset for medicine should hold, and whether one does.

Each requirement is a question with a stable id and a share: of the rows, how many meet it. `must` is what training on
it, or judging it, depends on; `should` is what clinicians and auditors ask for. The list follows the parts that Nazar
et al. (2025) name (sources, well-made examples, metadata, human evaluation), METRIC (Schwabe et al. 2024, npj Digit Med
7:203) for data quality in medicine, and Datasheets for Datasets (Gebru et al. 2021).

Belongs here: requirements. Does not belong here: files (`reading.py`) or how findings are shown (`itd validate`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from itd_pipeline.tables.vocabularies import AUDIENCE, SPECIALTY, TASK_TYPE, UNSPECIFIED
from itd_pipeline.text.scan import scan_identifiers
from itd_pipeline.validation.reading import Dataset
from itd_pipeline.validation.schemas import record_schema, report_schema, rubric_schema

PROFILE_VERSION = "1"
_SCANNED = 2_000
_CHECKED = 2_000

Status = Literal["holds", "partly", "missing"]
_Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Finding:
    """One requirement on one dataset.

    Args:
        id: stable, such as `content.output`.
        level: `must` or `should`.
        question: what is asked.
        status: `holds` for all rows, `partly` for some, `missing` for none.
        share: of rows that meet it, 0 to 1.
        detail: counts in words; never text of a row.
    """

    id: str
    level: Literal["must", "should"]
    question: str
    status: Status
    share: float
    detail: str


def validate(dataset: Dataset) -> list[Finding]:
    """Every requirement, in order."""
    return [_judge(requirement, dataset) for requirement in REQUIREMENTS]


@dataclass(frozen=True)
class _Requirement:
    id: str
    level: Literal["must", "should"]
    question: str
    measure: Callable[[Dataset], tuple[float, str]]


def _judge(requirement: _Requirement, dataset: Dataset) -> Finding:
    share, detail = requirement.measure(dataset)
    status: Status = "holds" if share >= 1 else "missing" if share <= 0 else "partly"
    return Finding(requirement.id, requirement.level, requirement.question, status, share, detail)


def _filled(column: str) -> Callable[[Dataset], tuple[float, str]]:
    """Share of rows with a value that says something."""

    def measure(dataset: Dataset) -> tuple[float, str]:
        if column not in dataset.columns and not (column == "split" and any(r.get("split") for r in dataset.rows)):
            return 0.0, "no such column"
        count = sum(_says(row.get(column)) for row in dataset.rows)
        return count / len(dataset.rows), f"{count:,} of {len(dataset.rows):,} rows ({dataset.columns.get(column, '')})"

    return measure


def _says(value: Any) -> bool:
    if value is None or value == [] or value == {}:
        return False
    return not isinstance(value, str) or value.strip().lower() not in {"", UNSPECIFIED, "none", "nan", "n/a", "unknown"}


def _in_vocabulary(column: str, vocabulary: Sequence[str]) -> Callable[[Dataset], tuple[float, str]]:
    """Share of rows whose value is one of a controlled vocabulary, and how many spellings there are."""

    def measure(dataset: Dataset) -> tuple[float, str]:
        values = [str(row[column]).strip() for row in dataset.rows if _says(row.get(column))]
        if not values:
            return 0.0, "no value"
        fits = sum(value in vocabulary for value in values)
        return fits / len(dataset.rows), f"{len(set(values)):,} different values, {fits:,} rows in the vocabulary"

    return measure


def _unique(dataset: Dataset) -> tuple[float, str]:
    if "record_id" not in dataset.columns:
        return 0.0, "no id"
    ids = [str(row.get("record_id")) for row in dataset.rows]
    return len(set(ids)) / len(ids), f"{len(set(ids)):,} ids for {len(ids):,} rows"


def _distinct(dataset: Dataset) -> tuple[float, str]:
    seen = {_digest(row, ("instruction", "input", "output")) for row in dataset.rows}
    return len(seen) / len(dataset.rows), f"{len(dataset.rows) - len(seen):,} rows repeat another"


def _no_leak(dataset: Dataset) -> tuple[float, str]:
    splits: dict[bytes, set[str]] = {}
    for row in dataset.rows:
        splits.setdefault(_digest(row, ("instruction", "input")), set()).add(str(row.get("split") or ""))
    if not any(name for names in splits.values() for name in names):
        return 0.0, "no splits"
    leaks = sum(len(names) > 1 for names in splits.values())
    return 1 - leaks / len(splits), f"{leaks:,} questions stand in several splits"


def _no_identifiers(dataset: Dataset) -> tuple[float, str]:
    rows = dataset.rows[:_SCANNED]
    hits = sum(bool(scan_identifiers("\n".join(str(row.get(c) or "") for c in ("instruction", "input", "output"))))
               for row in rows)
    return 1 - hits / len(rows), f"{hits:,} of the first {len(rows):,} rows hold what looks like an identifier"


def _beside(kind: str) -> Callable[[Dataset], tuple[float, str]]:
    def measure(dataset: Dataset) -> tuple[float, str]:
        there = kind in dataset.documents
        return float(there), "there" if there else "not there"

    return measure


def _licensed(dataset: Dataset) -> tuple[float, str]:
    share, detail = _filled("licence")(dataset)
    return (1.0, "a licence file for the whole") if share < 1 and "licence" in dataset.documents else (share, detail)


def _schema(dataset: Dataset) -> tuple[float, str]:
    if not dataset.ours:
        return 0.0, "columns of its own"
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator(record_schema())
    rows = dataset.raw[:_CHECKED]
    good = sum(checker.is_valid({k: v for k, v in row.items() if k != "split"}) for row in rows)
    return good / len(rows), f"{good:,} of the first {len(rows):,} rows are valid"


def _document(kind: str, schema: Callable[[], dict[str, Any]]) -> Callable[[Dataset], tuple[float, str]]:
    """Whether a document beside the data is valid by its JSON Schema; where it is not, the first place that is not."""

    def measure(dataset: Dataset) -> tuple[float, str]:
        if kind not in dataset.contents:
            return 0.0, "not there"
        if dataset.contents[kind] is None:
            return 0.0, "not readable"
        from jsonschema import Draft202012Validator

        faults = sorted(Draft202012Validator(schema()).iter_errors(dataset.contents[kind]), key=lambda e: e.json_path)
        return (0.0, f"{len(faults):,} faults, the first at {faults[0].json_path}") if faults else (1.0, "valid")

    return measure


def _readable(dataset: Dataset) -> tuple[float, str]:
    lost = dataset.unreadable
    named = f": {', '.join(lost[:3])}{', ...' if len(lost) > 3 else ''}" if lost else ""
    return len(dataset.rows) / (len(dataset.rows) + len(lost)), f"{len(lost):,} files or lines are not readable{named}"


def _digest(row: Mapping[str, Any], columns: Sequence[str]) -> bytes:
    folded = "\x00".join(" ".join(str(row.get(column) or "").lower().split()) for column in columns)
    return hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=16).digest()


REQUIREMENTS: tuple[_Requirement, ...] = (
    _Requirement("identity.id", "must", "Does every row have an id of its own?", _unique),
    _Requirement("content.readable", "must", "Can every line and file with data be read?", _readable),
    _Requirement("content.instruction", "must", "Does every row ask something?", _filled("instruction")),
    _Requirement("content.output", "must", "Does every row have an answer?", _filled("output")),
    _Requirement("content.distinct", "must", "Is no row there twice?", _distinct),
    _Requirement("provenance.source", "must", "Does every row name what it rests on?", _filled("source")),
    _Requirement("provenance.route", "must", "Does every row say how it was made (expert, model, form)?",
                 _filled("route")),
    _Requirement("provenance.author", "should", "Does every row name its author or model?", _filled("author")),
    _Requirement("provenance.prompt", "should", "Does every row name the prompt or form behind it?",
                 _filled("prompt")),
    _Requirement("provenance.licence", "must", "Is the licence of every row known?", _licensed),
    _Requirement("evidence.citations", "should", "Does every row quote its evidence?", _filled("citations")),
    _Requirement("evidence.date", "should", "Does every row say how old its evidence is?", _filled("evidence_date")),
    _Requirement("task.type", "should", "Is the task of every row in the controlled vocabulary?",
                 _in_vocabulary("task_type", TASK_TYPE)),
    _Requirement("clinical.specialty", "should", "Is the specialty of every row in the controlled vocabulary?",
                 _in_vocabulary("specialty", [s for s in SPECIALTY if s != UNSPECIFIED])),
    _Requirement("clinical.audience", "should", "Is the audience of every row in the controlled vocabulary?",
                 _in_vocabulary("audience", [a for a in AUDIENCE if a != UNSPECIFIED])),
    _Requirement("clinical.difficulty", "should", "Does every row have a difficulty?", _filled("difficulty")),
    _Requirement("privacy.status", "must", "Does every row say whether it rests on patient data?",
                 _filled("patient_data")),
    _Requirement("privacy.scan", "must", "Does a scan find no identifier?", _no_identifiers),
    _Requirement("contamination.status", "must", "Does every row say whether it was compared with benchmarks?",
                 _filled("contamination")),
    _Requirement("review.status", "must", "Does every row say what experts decided?", _filled("review")),
    _Requirement("review.rubric", "should", "Is the rubric there by which it was judged?", _beside("rubric")),
    _Requirement("splits.declared", "should", "Is the split of every row known?", _filled("split")),
    _Requirement("splits.apart", "must", "Does no question stand in two splits?", _no_leak),
    _Requirement("documents.card", "must", "Is there a card or readme?", _beside("card")),
    _Requirement("documents.croissant", "should", "Is there a Croissant description for programs?",
                 _beside("croissant")),
    _Requirement("documents.checksums", "should", "Can it be told whether a file was changed?", _beside("checksums")),
    _Requirement("documents.policy", "should", "Is there the policy by which rows were chosen?", _beside("policy")),
    _Requirement("schema.record", "should", "Are the rows valid by the JSON Schema of an instruction record?", _schema),
    _Requirement("schema.rubric", "should", "Is the rubric valid by the JSON Schema of a rubric?",
                 _document("rubric", rubric_schema)),
    _Requirement("schema.report", "should", "Is there a report, valid by the JSON Schema of an evaluation report?",
                 _document("report", report_schema)),
)
"""In the order in which they are shown."""
