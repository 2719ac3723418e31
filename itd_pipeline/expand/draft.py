"""A draft: what a route has made, before it becomes a record or a reject. Nothing else belongs here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.ports import canonical_json, content_id
from itd_pipeline.tables.records import DEFAULTS

STAGE = "synthetic_expansions"


@dataclass(frozen=True)
class Draft:
    """One candidate record on its way.

    Args:
        unit_id: id of the planned unit that it came from, unique within the source.
        passage_id: first passage behind it.
        row: every column of the record but its id.
    """

    unit_id: str
    passage_id: str
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Turned:
    """One planned unit that became no record.

    Args:
        unit_id: as in `Draft`.
        passage_id: passage that the unit was planned for.
        reason: stable reason code.
        detail: values behind it, never text.
        row: what there was.
    """

    unit_id: str
    passage_id: str
    reason: str
    detail: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)


def unit_id(route: str, maker: str, passage_id: str) -> str:
    """Id of a planned unit: one route, one form or prompt, one passage."""
    return content_id("unit", route, maker, passage_id)


def record_id(row: Mapping[str, Any]) -> str:
    """Id of a record, from content, route, seeds and passages."""
    return content_id(
        "rec", row["route"], row["instruction"], row.get("input") or "", row["output"],
        canonical_json(list(row["passage_ids"])), canonical_json(list(row["seed_ids"])),
    )


def span(passage_id: str, text: str, start: int, end: int) -> dict[str, Any]:
    """A citation of `text[start:end]`."""
    return {"passage_id": passage_id, "start": start, "end": end, "quote": text[start:end], "reference": ""}


def is_illustrative(passage: Mapping[str, Any]) -> bool:
    """Whether the document behind a passage says of itself `illustrative: true`."""
    attributes = passage["attributes"]
    return "illustrative" in attributes and str(json.loads(attributes).get("illustrative")).lower() == "true"


def from_passage(passage: Mapping[str, Any], language: str, **columns: Any) -> dict[str, Any]:
    """Columns that a record takes from its passage, then `columns` over them.

    Args:
        passage: a row of the passages table.
        language: language of the source, for passages too short to tell theirs.
        columns: the route's own columns.
    """
    return {
        **DEFAULTS,
        "illustrative": is_illustrative(passage),
        "language": language if passage["language"] == "und" else passage["language"],
        "specialty": passage["specialty"],
        "audience": passage["audience"],
        "source": passage["source"],
        "document_ids": [passage["document_id"]],
        "passage_ids": [passage["passage_id"]],
        "group_id": passage["group_id"],
        "licence": passage["licence"],
        "evidence_date": passage["evidence_date"],
        "patient_data": passage["patient_data"],
        "privacy_status": passage["privacy_status"],
        **columns,
    }
