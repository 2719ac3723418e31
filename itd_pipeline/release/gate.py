"""Which records may leave. The last gate: it trusts no stage before it.

A record is judged together with its evidence: its licence is its own and those of its passages, it is patient data
if any passage is, and it must be traceable to documents that are known. Reasons, in the order in which they decide:

- `licence_not_allowed`: no licence declared (or declared unknown), or not on the list of the profile
- `licence_forbids`: the licence does not grant what the profile's `licensing` wants, or nobody knows it
- `patient_data_not_allowed`: patient data where the profile does not allow it, or never de-identified, or not
  marked as what it is
- `identifiers_found`: a scan finds identifiers in the record, or left some in its evidence
- `rejected_in_review`: experts rejected it
- `replaced_by_correction`: experts corrected its output; the corrected record goes through this gate in its place
- `correction_not_applied`: experts asked for a correction, and there is none that may leave; the detail says why and
  what to do
- `evidence_not_found`: it names a passage or document that is not there
- `lineage_incomplete`: what made it is not on record (`lineage.py`)
- `duplicate_record_id`: a record of the same id is already in

A corrected record enters beside its original and is judged as every other record is; the words that experts wrote are
scanned even where the rest is published text that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.licensing import judge
from itd_pipeline.ports import reject
from itd_pipeline.release.content import STAGE
from itd_pipeline.release.corrections import CORRECTED, NOT_APPLIED, REPLACED, Correction, corrected
from itd_pipeline.release.evidence import Evidence, Row
from itd_pipeline.release.identifiers import WRITTEN, identifier_hits
from itd_pipeline.release.licences import is_declared, parts
from itd_pipeline.release.lineage import gaps
from itd_pipeline.settings import Settings
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.rejects import REJECTS

_READ = ("record_id", "source", "licence", "patient_data", "privacy_status", "review_status", "document_ids",
         "passage_ids", "citations", "route", "author", "model", "prompt_id", "prompt_hash", "request_id", "seed_ids",
         *WRITTEN)


@dataclass(frozen=True)
class Passed:
    """What the gate decided.

    Args:
        kept: records that may leave, schema FILTERED, sorted by record_id; corrected ones among them.
        rejects: the others, schema REJECTS.
        entered: records that were judged: those given, and the corrected ones made of them.
        corrected: (original, corrected record, correction) of every corrected record that may leave.
    """

    kept: pa.Table
    rejects: pa.Table
    entered: int
    corrected: Sequence[tuple[Row, Row, Correction]] = ()


def may_leave(
    records: pa.Table, evidence: Evidence, settings: Settings, decisions: Mapping[str, str],
    corrections: Mapping[str, Correction] | None = None,
) -> Passed:
    """Part `records` (schema FILTERED, sorted by record_id) into those that may leave and the rejected rows.

    Args:
        decisions: record id -> what experts decided.
        corrections: record id -> what they wrote in place of its output, for the decision `corrected`.
    """
    rows = records.select(list(_READ)).to_pylist()
    ids = {row["record_id"] for row in rows}
    kept: list[int] = []
    turned_away: list[dict[str, Any]] = []
    made: list[tuple[Row, Row, Correction]] = []
    entered = records.num_rows
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        record_id, instead = row["record_id"], None
        decision = decisions.get(record_id, "")
        copies = seen[record_id] = seen.get(record_id, 0) + 1
        correction = (corrections or {}).get(record_id)
        if decision == CORRECTED != row["review_status"] and copies == 1:
            original = records.slice(index, 1).to_pylist()[0]
            new, why = corrected(original, correction)
            if new is not None and correction is not None:
                entered += 1
                found = list(_reasons(new, evidence, settings, ""))
                if new["record_id"] in ids:
                    found.append(("duplicate_record_id", "a record of this content is there already"))
                if found:
                    clash = f"#{record_id}" if new["record_id"] in ids else ""
                    turned_away.append(_turned(new, found, clash, record_id))
                    why = f"its correction {new['record_id']} may not leave: {found[0][0]}"
                else:
                    made.append((original, new, correction))
                    ids.add(new["record_id"])
            instead = (NOT_APPLIED, why) if why or new is None else (REPLACED, f"by {new['record_id']}")
        found = list(_reasons(row, evidence, settings, decision, instead))
        if copies > 1:
            found.append(("duplicate_record_id", f"copy {copies}"))
        if found:
            original = records.slice(index, 1).to_pylist()[0]
            turned_away.append(_turned(original, found, f"#{copies}" if copies > 1 else "", record_id))
        else:
            kept.append(index)
    staying = records.take(pa.array(kept, pa.int64()))
    if made:
        new_rows = FILTERED.from_rows([new for _, new, _ in made])
        staying = pa.concat_tables([FILTERED.conform(staying), new_rows]).sort_by([("record_id", "ascending")])
    return Passed(staying, REJECTS.from_rows(turned_away), entered, made)


def _turned(record: Row, found: Sequence[tuple[str, str]], clash: str, parent_id: str) -> dict[str, Any]:
    """A rejected row with the first reason; the others stand in its detail.

    Args:
        clash: what tells its row from another of the same record id; empty where there is none.
    """
    (reason, detail), *others = found
    if others:
        detail += "; also " + ", ".join(other for other, _ in others)
    return reject(STAGE, "", record["record_id"] + clash, reason, detail, record, parent_id=parent_id)


def _reasons(
    record: Row, evidence: Evidence, settings: Settings, decision: str, instead: tuple[str, str] | None = None,
) -> Iterator[tuple[str, str]]:
    """Why a record may not leave, in the order in which reasons decide.

    Args:
        instead: what became of its correction, as reason and detail; None where experts asked for none.
    """
    if instead is not None and instead[0] == REPLACED:
        yield instead
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
    elif instead is not None and instead[0] == NOT_APPLIED:
        yield instead

    lost_passages, lost_documents = evidence.missing(record)
    if lost_passages or lost_documents:
        yield "evidence_not_found", f"not found: {', '.join([*lost_passages, *lost_documents])}"
    elif missing := gaps(record, bool(documents)):
        yield "lineage_incomplete", f"not recorded: {', '.join(missing)}"


def _sources(record: Row, documents: list[Row]) -> set[str]:
    return {record["source"], *(document["source"] for document in documents)}
