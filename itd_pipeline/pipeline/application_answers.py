"""What was answered in the review application, for the stages around the experts.

Belongs here: the application's answers beside those of spreadsheets. Does not belong here: either of the two formats.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from itd_pipeline.evaluation.corrections import Adjudicated, adjudicated, correction_facts
from itd_pipeline.pipeline.review_round import store_path
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import Batch, canonical_json, content_id, reject
from itd_pipeline.review import THIRD_OPINIONS, Rubric
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.ratings import answers_digest, opinions, ratings
from itd_pipeline.settings import Settings
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import RATINGS

_STATUS = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}


def application_digest(settings: Settings) -> dict[str, str]:
    """Digest of the answers in force; nothing where no review was opened."""
    path = store_path(settings)
    if not path.is_file():
        return {}
    with Store(path) as store:
        return {path.name: hashlib.sha256(answers_digest(store).encode()).hexdigest()}


def with_application(returned: Batch, settings: Settings, sample: pa.Table, rubric: Rubric) -> Batch:
    """Ratings from spreadsheets and those of the application together.

    Somebody who has judged a record in both counts once, as in the spreadsheet; the other is a reject
    (`duplicate_rating`). The third opinions are written beside the rows, as `third_opinions.json`; where a record has
    one in both, that of the application counts.
    """
    path = store_path(settings)
    if not path.is_file():
        return replace(returned, files={THIRD_OPINIONS: canonical_json(_with_status(returned, {})).encode()})
    with Store(path) as store:
        rows = ratings(store, sample, rubric).to_pylist()
        third = _with_status(returned, opinions(store))
    held = returned.rows.to_pylist()
    judged = {(row["record_id"], row["reviewer"]): row["origin"] for row in held}
    turned = [reject("human_evaluation", "", content_id("app", row["assignment_id"], row["reviewer"]),
                     "duplicate_rating", f"review application: {row['reviewer']} has judged {row['record_id']} before, "
                     f"in {judged[row['record_id'], row['reviewer']]}; the first counts.", row,
                     parent_id=row["assignment_id"]) for row in rows if (row["record_id"], row["reviewer"]) in judged]
    fresh = [row for row in rows if (row["record_id"], row["reviewer"]) not in judged]
    both = sorted([*held, *fresh], key=lambda r: (r["assignment_id"], r["reviewer"]))
    return replace(
        returned, rows=RATINGS.from_rows(both), units_in=returned.units_in + len(rows),
        rejects=pa.concat_tables([returned.rejects, REJECTS.from_rows(turned)]),
        files={THIRD_OPINIONS: canonical_json(third).encode()},
        facts={**returned.facts, "third_opinions": len(third), "ratings_of_application": len(fresh)})


def _with_status(returned: Batch, of_application: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Record id -> third opinion with its `status`, from spreadsheets and the application."""
    in_sheets: dict[str, dict[str, Any]] = json.loads(returned.files[THIRD_OPINIONS])
    return {record: {**found, "status": _STATUS[found["decision"]]}
            for record, found in sorted({**in_sheets, **of_application}.items())}


def third_opinions(scope: Scope) -> dict[str, str]:
    """Record id -> review status that an adjudicator decided; it stands above the ratings in dispute."""
    return {record: found["status"] for record, found in _third(scope).items()}


def decided(scope: Scope) -> dict[str, Adjudicated]:
    """Record id -> what experts decided, with the words of corrections, over all channels of review."""
    sample = scope.lake.read("review_sample", columns=["record_id"])
    return _decided(scope.lake.read("human_evaluation"), _third(scope), sample)


def corrections_told(answers: Batch, sample: pa.Table) -> dict[str, Any]:
    """How many corrections were asked for, stand and wait, from the batch of `with_application`."""
    return correction_facts(_decided(answers.rows, json.loads(answers.files[THIRD_OPINIONS]), sample))


def _decided(ratings: pa.Table, third: Mapping[str, Mapping[str, Any]], sample: pa.Table) -> dict[str, Adjudicated]:
    return adjudicated(ratings, third, Counter(sample.column("record_id").to_pylist()))


def _third(scope: Scope) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(scope.lake.read_bytes("human_evaluation", "", THIRD_OPINIONS))
    return found
