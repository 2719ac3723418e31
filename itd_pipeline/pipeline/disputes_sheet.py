"""The spreadsheet with records in dispute, for teams that judge in spreadsheets alone.

Written where reviewers differ in returned spreadsheets and nobody has decided yet; filled in and put back among them,
it holds the third opinions. Where the review application is in use, disputes wait there. A sheet bears a hash of its
records in its name: one that has been handed out is never changed, and new disputes make a new one.

Belongs here: gathering its rows and putting it where people find it. Does not belong here: cells
(`review/workbook.py`), or reading it back (`review/returned.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.evaluation.adjudication import in_dispute, ratings_by_record
from itd_pipeline.pipeline.quarantine import quarantined
from itd_pipeline.pipeline.records import cited_passages
from itd_pipeline.pipeline.review_round import store_path
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import content_id
from itd_pipeline.review import Rubric, evidence, sheet
from itd_pipeline.review.judgements import answer_of, in_words
from itd_pipeline.review.workbook import Row, workbook_of
from itd_pipeline.storage.lake import write_atomically
from itd_pipeline.storage.manifest import Manifest

_BEGINNING = "third-opinions-"


def disputes_sheet(scope: Scope, ratings: pa.Table, third: Mapping[str, Any], sample: pa.Table, rubric: Rubric) \
        -> dict[str, bytes]:
    """Name and bytes of the workbook; nothing where no record waits, or where the review application is in use.

    Args:
        ratings: table `human_evaluation`.
        third: record id -> third opinion.
        sample: table `review_sample`.
        rubric: what is asked.
    """
    by_record = ratings_by_record(ratings)
    waiting = [record for record, rows in sorted(by_record.items()) if in_dispute(rows) and record not in third]
    if not waiting or store_path(scope.settings).is_file():
        return {}
    records = pa.concat_tables([scope.lake.read("filtered_set"), quarantined(scope)])
    records = records.filter(pc.is_in(records.column("record_id"), pa.array(waiting, pa.string())))
    passages = {p["passage_id"]: p for p in cited_passages(scope, records).to_pylist()}
    raw: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(ratings.to_pylist(), key=lambda row: row["assignment_id"]):
        raw.setdefault(row["record_id"], []).append(row)
    rows = []
    for position, record in enumerate(sorted(records.to_pylist(), key=lambda row: row["record_id"]), start=1):
        given = raw[record["record_id"]]
        texts = evidence.shown_texts(record, passages)
        texts["Evidence"] = f"{texts['Evidence']}\n\n{in_words([answer_of(row) for row in given], rubric)}"
        rows.append(Row(given[0]["assignment_id"], content_id("key", record["record_id"]), position, texts))
    name = f"{_BEGINNING}{content_id('dis', *waiting)[4:12]}.xlsx"
    return {name: workbook_of(rows, rubric, sheet.ADJUDICATOR, sample.column("sample_id")[0].as_py())} if rows else {}


def _target(scope: Scope, name: str) -> Path:
    facts = scope.lake.require("review_sample").facts
    return scope.lake.root / "review" / str(facts["sample_id"]) / name


def hand_out_disputes(scope: Scope, manifest: Manifest) -> None:
    """Copy the sheet to where people find the others; one that is there may be filled in and is never touched."""
    for name in _sheets(manifest):
        target = _target(scope, name)
        if not target.exists():
            write_atomically(target, scope.lake.read_bytes("human_evaluation", "", name))


def handed_out_disputes(scope: Scope, manifest: Manifest) -> bool:
    """Whether it is there."""
    return all(_target(scope, name).is_file() for name in _sheets(manifest))


def _sheets(manifest: Manifest) -> list[str]:
    return [name for name in manifest.files if name.startswith(_BEGINNING)]
