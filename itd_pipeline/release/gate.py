"""Which records may leave. The last gate: it trusts no stage before it.

A record is judged together with its evidence: its licence is its own and those of its passages, it is patient data
if any passage is, and it must be traceable to documents that are known. Reasons, in the order in which they decide:

- `licence_not_allowed`: no licence declared (or declared unknown), or not on the list of the profile
- `licence_forbids`: the licence does not grant what the profile's `licensing` wants, or nobody knows it
- `patient_data_not_allowed`: patient data where the profile does not allow it, or never de-identified, or not
  marked as what it is
- `identifiers_found`: a scan finds identifiers in the record, or left some in its evidence
- `rejected_in_review`: experts rejected it
- `correction_not_applied`: experts asked for a correction, and the record is still the one that they saw
- `evidence_not_found`: it names a passage or document that is not there
- `lineage_incomplete`: what made it is not on record (`lineage.py`)
- `duplicate_record_id`: a record of the same id is already in
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.licensing import judge
from itd_pipeline.ports import reject
from itd_pipeline.release.content import STAGE
from itd_pipeline.release.evidence import Evidence, Row
from itd_pipeline.release.identifiers import WRITTEN, identifier_hits
from itd_pipeline.release.licences import is_declared, parts
from itd_pipeline.release.lineage import gaps
from itd_pipeline.settings import Settings
from itd_pipeline.tables.rejects import REJECTS

_READ = ("record_id", "source", "licence", "patient_data", "privacy_status", "review_status", "document_ids",
         "passage_ids", "citations", "route", "author", "model", "prompt_id", "prompt_hash", "request_id", "seed_ids",
         *WRITTEN)


def may_leave(
    records: pa.Table, evidence: Evidence, settings: Settings, decisions: Mapping[str, str]
) -> tuple[pa.Table, pa.Table]:
    """Part `records` (schema FILTERED, sorted by record_id) into those that may leave and the rejected rows.

    Args:
        decisions: record id -> what experts decided.
    """
    rows = records.select(list(_READ)).to_pylist()
    kept: list[int] = []
    turned_away: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        found = list(_reasons(row, evidence, settings, decisions.get(row["record_id"], "")))
        copies = seen[row["record_id"]] = seen.get(row["record_id"], 0) + 1
        if copies > 1:
            found.append(("duplicate_record_id", f"copy {copies}"))
        if not found:
            kept.append(index)
            continue
        (reason, detail), *others = found
        if others:
            detail += "; also " + ", ".join(other for other, _ in others)
        row_id = row["record_id"] if copies == 1 else f"{row['record_id']}#{copies}"
        turned_away.append(reject(
            STAGE, "", row_id, reason, detail, records.slice(index, 1).to_pylist()[0], parent_id=row["record_id"]))
    return records.take(pa.array(kept, pa.int64())), REJECTS.from_rows(turned_away)


def _reasons(record: Row, evidence: Evidence, settings: Settings, decision: str) -> Iterator[tuple[str, str]]:
    passages = evidence.passages_of(record)
    documents = [evidence.documents[d] for d in evidence.document_ids(record) if d in evidence.documents]

    release = settings.release
    allowed = {licence.casefold() for licence in release.licences}
    licences = {part for row in (record, *passages, *documents) for part in parts(row["licence"] or "")}
    refused = sorted(
        licence for licence in licences
        if not is_declared(licence) or (allowed and licence.casefold() not in allowed)
    )
    # Documents passed this gate when they were read; seeds, and what another policy let in, did not.
    verdicts = [judge(licence, settings.licensing) for licence in sorted(licences) if licence not in refused]
    forbidden = next((verdict for verdict in verdicts if not verdict.allowed), None)
    if refused:
        of = ", ".join(release.licences) or "every declared licence"
        yield "licence_not_allowed", f"licence {', '.join(repr(licence) for licence in refused)}; allowed: {of}"
    if forbidden is not None:
        yield "licence_forbids", f"clause={forbidden.clause}: {forbidden.detail}"

    statuses = {record["privacy_status"], *(p["privacy_status"] for p in passages if p.get("privacy_status"))}
    from_patients = any(bool(row.get("patient_data")) for row in (record, *passages, *documents)) or any(
        source.patient_data for name, source in settings.sources.items() if name in _sources(record, documents)
    )
    if from_patients and not release.allow_patient_data:
        yield "patient_data_not_allowed", "release.allow_patient_data is false"
    elif from_patients and record["privacy_status"] == "no_patient_data":
        yield "patient_data_not_allowed", "privacy_status is no_patient_data: never de-identified"
    elif from_patients and not record["patient_data"]:
        yield "patient_data_not_allowed", "the evidence is patient data, the record is not marked so"
    if "residual_identifiers" in statuses:
        yield "identifiers_found", "privacy_status is residual_identifiers"
    elif hits := identifier_hits(record):
        yield "identifiers_found", ", ".join(sorted({f"{name}: {kind}" for name, kind in hits}))

    if "rejected" in (decision, record["review_status"]):
        yield "rejected_in_review", "experts rejected it"
    elif decision == "corrected" != record["review_status"]:
        yield "correction_not_applied", "experts asked for a correction"

    lost_passages, lost_documents = evidence.missing(record)
    if lost_passages or lost_documents:
        yield "evidence_not_found", f"not found: {', '.join([*lost_passages, *lost_documents])}"
    elif missing := gaps(record, bool(documents)):
        yield "lineage_incomplete", f"not recorded: {', '.join(missing)}"


def _sources(record: Row, documents: list[Row]) -> set[str]:
    return {record["source"], *(document["source"] for document in documents)}
