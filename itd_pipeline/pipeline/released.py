"""What a release is made from besides records: rejects of all stages, the strong order, warnings, papers, prints.

Belongs here: reading them from the lake and the project. Does not belong here: what becomes of them (`release/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import signals, validation
from itd_pipeline.decontamination.items import parts_of
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.release.contamination import prints_table
from itd_pipeline.tables.rejects import REJECTS

PARTITIONED = ("raw_sources", "cleaned_text", "synthetic_expansions")
WHOLE = ("expert_seeds", "candidate_signals", "filtered_set", "review_sample", "human_evaluation", "evaluation_report")
LOCK = "requirements.lock"


def rejects_before(scope: Scope) -> pa.Table:
    """Rows that every stage before the release turned away."""
    places = [(stage, name) for stage in PARTITIONED for name in scope.built(stage)] + [(stage, "") for stage in WHOLE]
    return pa.concat_tables([REJECTS.empty(), *(scope.lake.read(stage, name, "rejected") for stage, name in places)])


def strong_order(scope: Scope) -> dict[str, dict[str, Any]]:
    """Record id -> rank and scores, where it has a place in the strong order."""
    columns = ["record_id", "strong_rank", "complexity_score", "quality_score"]
    found = scope.lake.read("candidate_signals", columns=columns)
    found = found.filter(pc.is_valid(found.column("strong_rank")))
    return {row["record_id"]: {"rank": row["strong_rank"], "complexity": row["complexity_score"],
                               "quality": row["quality_score"]} for row in found.to_pylist()}


def warnings(scope: Scope) -> dict[str, list[str]]:
    """Record id -> rules of the policy that only warn, and did."""
    verdicts = scope.lake.read("filtered_set", name="verdicts", columns=["record_id", "rule", "action", "passed"])
    hit = verdicts.filter(pc.and_(pc.equal(verdicts.column("action"), "warn"), pc.invert(verdicts.column("passed"))))
    found: dict[str, list[str]] = {}
    for row in hit.to_pylist():
        found.setdefault(row["record_id"], []).append(row["rule"])
    return found


def papers(scope: Scope) -> dict[str, Any]:
    """Rubric, lock and schemas as `ReleaseInputs` takes them."""
    rubric, lock = (scope.settings.resolve(path) for path in (scope.settings.review.rubric, scope.settings.root / LOCK))
    return {"rubric": rubric.read_text(encoding="utf-8"), "schemas": validation.schemas(),
            "lock": lock.read_text(encoding="utf-8") if lock.is_file() else ""}


def papers_digest(scope: Scope) -> Mapping[str, str]:
    """Digests of the files behind `papers`."""
    settings = scope.settings
    return files_digest({"rubric": settings.resolve(settings.review.rubric), "lock": settings.root / LOCK})


def benchmark_prints(scope: Scope) -> pa.Table | None:
    """Prints of the profile's benchmarks; None where it names none."""
    named = scope.settings.signals.benchmarks
    if not named:
        return None
    items = signals.load_benchmarks(named, scope.settings.resolve)
    texts: dict[tuple[str, str], list[str]] = {}
    for part in parts_of(items):
        item = items[part.item]
        texts.setdefault((item.benchmark, item.item_id), []).append(part.text)
    return prints_table((benchmark, item, found) for (benchmark, item), found in texts.items())


def documents_of(scope: Scope) -> dict[str, list[str]]:
    """Record id -> documents, of the filtered set; empty where that is no longer there."""
    try:
        rows = scope.lake.read("filtered_set", columns=["record_id", "document_ids"]).to_pylist()
    except NotBuiltError:
        return {}
    return {row["record_id"]: row["document_ids"] for row in rows}
