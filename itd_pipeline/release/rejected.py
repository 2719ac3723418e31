"""The rows that were turned away, as far as they may be shown: `rejected.parquet`.

Every row of every stage is there, with its reason. The row itself stands beside it only where that does no harm; else
`withheld` says why not:

- `patient data`: it rests on patient data, or stands in a stage that speaks of people (review, ratings). Its ids are
  then names of this release (`local_names.py`), its detail is left out.
- `licence`: its licence does not let it be passed on as the profile wants, is not on the profile's list, or is unknown.
- `identifiers`: a scan finds something in it that may point at a person.
- `benchmark`: it was turned away for what it shares with a benchmark, whose text is not ours to pass on.
- `recalled`: it was withdrawn by whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.licensing import judge
from itd_pipeline.release.licences import is_declared, parts
from itd_pipeline.settings import Settings
from itd_pipeline.tables.contract import Table, text
from itd_pipeline.text import scan_identifiers

WITHHELD = ("patient data", "licence", "identifiers", "benchmark", "recalled")

REJECTED = Table(
    name="rejected_in_release",
    description="`rejected.parquet` of a release: rows that a stage turned away, with the reason; the row "
    "itself only where it may be shown.",
    columns=(
        text("stage", "Asset that turned the row away."),
        text("source", "Source it belongs to; empty where the asset is not partitioned."),
        text("row_id", "Id of the row, unique within stage and source."),
        text("parent_id", "Id of the row it came from.", nullable=True),
        text("reason", "Stable reason code."),
        text("detail", "Values, thresholds and positions behind the reason; never text of the row.", nullable=True),
        text("licence", "Licence of the row; empty where nobody said."),
        text("withheld", "Why the row itself is not here; null where it is.", nullable=True),
        text("row", "The row as JSON, where it may be shown.", nullable=True, sensitivity="text"),
    ),
    key=("stage", "source", "row_id"),
)
_ABOUT_PEOPLE = {"review_sample", "human_evaluation", "evaluation_report"}
_LEAKED = {"benchmark_contamination", "benchmark_paraphrase", "benchmark_overlap"}


def rejected_table(rejects: pa.Table, settings: Settings) -> pa.Table:
    """`rejects` (schema REJECTS) as they may leave, sorted by stage, source and id."""
    open_rows: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    for row in rejects.to_pylist():
        content = _content(row["row"])
        source = settings.sources.get(row["partition"])
        licence = str(content.get("licence") or (source.licence if source else ""))
        told = {"stage": row["stage"], "source": row["partition"], "row_id": row["row_id"],
                "parent_id": row["parent_id"], "reason": row["reason"], "detail": row["detail"], "licence": licence}
        if row["stage"] in _ABOUT_PEOPLE or _of_patients(content, row["partition"], settings):
            closed.append(told | {"parent_id": None, "detail": None, "withheld": "patient data", "row": None})
            continue
        why = _why_withheld(row["reason"], licence, content, settings)
        open_rows.append(told | {"withheld": why, "row": None if why else row["row"]})
    # Numbered in the order of what is told of them, never of their ids, which are hashes of what is not.
    closed.sort(key=lambda r: (r["stage"], r["source"], r["reason"], r["licence"]))
    for number, row in enumerate(closed, start=1):
        row["row_id"] = f"withheld-{number:06}"
    return REJECTED.from_rows(sorted([*open_rows, *closed], key=lambda r: (r["stage"], r["source"], r["row_id"])))


def _content(row: str) -> Mapping[str, Any]:
    try:
        content = json.loads(row)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _of_patients(content: Mapping[str, Any], partition: str, settings: Settings) -> bool:
    names = {partition, str(content.get("source") or "")}
    marked = any(source.patient_data for name, source in settings.sources.items() if name in names)
    return marked or bool(content.get("patient_data"))


def _why_withheld(reason: str, licence: str, content: Mapping[str, Any], settings: Settings) -> str | None:
    if reason == "recalled":
        return "recalled"
    if reason in _LEAKED:
        return "benchmark"
    if not may_be_shown(licence, settings):
        return "licence"
    return "identifiers" if any(scan_identifiers(words) for words in _words(content)) else None


def may_be_shown(licence: str, settings: Settings) -> bool:
    """Whether every part of a licence is declared, on the profile's list and grants what the profile wants."""
    allowed = {name.casefold() for name in settings.release.licences}
    return bool(licence) and all(
        is_declared(part) and (not allowed or part.casefold() in allowed) and judge(part, settings.licensing).allowed
        for part in parts(licence))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _words(part)
