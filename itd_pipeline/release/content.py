"""What a release is made from and what it is. Values only; the work is in `build.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from itd_pipeline.ports import Batch
from itd_pipeline.release.corrections import Correction
from itd_pipeline.release.history import SplitHistory
from itd_pipeline.settings import Settings
from itd_pipeline.tables import vocabularies
from itd_pipeline.tables.rejects import REJECTS

Status = Literal["draft", "reviewed"]

STAGE = "dataset_release"
SPLITS = vocabularies.SPLIT


@dataclass(frozen=True)
class ReleaseInputs:
    """Everything that a release is made from.

    Args:
        records: table in the schema of `tables.records.FILTERED`.
        passages: the passages that records cite; at least passage_id, document_id, source, start, end, licence,
            patient_data. Used where present: group_id, url, privacy_status. Their text is not needed.
        documents: the documents behind those passages; at least document_id, source, external_id, url, licence.
            Used where present: group_id, origin, retrieved_on, content_hash.
        settings: the profile; dataset, release and sources are used.
        review: facts of the human evaluation. `ready` must be true for a release that is no draft;
            all other keys are printed as they are.
        funnel: one mapping per stage and partition: stage, partition, unit, units_in, rows_out and rejected, where
            rejected maps reason to count (a bare count is printed without a reason).
        metrics: table in the schema of `tables.review.METRICS`.
        report_html: the evaluation report for people.
        report_json: the same for programs.
        policy: the policy as YAML text.
        prompts: file name -> text of every prompt and template used.
        config: the profile as YAML text; absolute paths of `settings` are rewritten in it, and what may name hosts
            or hold passwords is left out.
        versions: library -> version.
        code_version: version of this pipeline.
        decisions: record id -> `review_status`, as experts decided (`evaluation.adjudicate`); it goes before what
            stands in the record.
        corrections: record id -> what experts wrote in place of its output, where they decided `corrected`.
        rejects: rows that the stages before turned away, table in the schema of `tables.rejects.REJECTS`.
        rubric: the rubric of the review as YAML text; empty where there is none.
        lock: the lock file of the environment; empty where there is none.
        schemas: file name -> JSON Schema.
        strong: record id -> `rank`, `complexity`, `quality`: the order of the small, strong configuration. Records
            that are not in it are not in that configuration.
        warned: record id -> names of the policy's rules that only warn and hit it.
        history: what earlier releases decided about splits.
        prints: hashed runs of words of the benchmarks, table in the schema of `contamination.PRINTS`.
    """

    records: pa.Table
    passages: pa.Table
    documents: pa.Table
    settings: Settings
    review: Mapping[str, Any]
    funnel: Sequence[Mapping[str, Any]]
    metrics: pa.Table
    report_html: bytes
    report_json: bytes
    policy: str
    prompts: Mapping[str, str]
    config: str
    versions: Mapping[str, str]
    code_version: str
    decisions: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    rejects: pa.Table = field(default_factory=REJECTS.empty)
    rubric: str = ""
    lock: str = ""
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    strong: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    history: SplitHistory = field(default_factory=SplitHistory)
    prints: pa.Table | None = None


@dataclass(frozen=True)
class ReleaseContent:
    """A release, not yet written.

    Args:
        version: `<dataset name>-` and 12 hex digits; see `version.py`.
        status: `draft` unless experts have reviewed.
        files: path inside the release folder -> bytes, sorted by path.
        batch: rows in the schema of `tables.review.RELEASED`, and the records that may not leave.
    """

    version: str
    status: Status
    files: Mapping[str, bytes]
    batch: Batch
