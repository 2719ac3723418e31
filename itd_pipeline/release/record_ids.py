"""A record's id from what it says, as its maker computed it: `expand.draft` or `seeds.record`, other rooms than this.

A test holds the two against each other. Records on patient data bear names of the release instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.ports import canonical_json, content_id


def id_of(row: Mapping[str, Any]) -> str | None:
    """The id that a record's content asks for; None where its id is of no kind that is known here."""
    kind = str(row["record_id"]).split("-", 1)[0]
    if kind == "rec":
        return content_id(
            "rec", row["route"], row["instruction"], row["input"] or "", row["output"],
            canonical_json(list(row["passage_ids"])), canonical_json(list(row["seed_ids"])))
    if kind == "seed":
        said = (row["instruction"], row["input"], row["output"], row["options"], row["answer_key"], row["rationale"])
        return content_id("seed", *(canonical_json(part) for part in said))
    return None
