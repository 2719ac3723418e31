"""Names that stand only in this release, for records that rest on patient data: `patient-record-0001` and the like.

An id of the lake is an unsalted hash. Whoever guesses what was hashed can check the guess, so an id is a test for
identifiers (45 CFR 164.514(c) allows no code that is derived from information about the individual):

- `group_id`, over the source and the patient's key: a six-digit record number is found in under a second.
- `document_id` and `content_hash`, over the original text: where a text holds little beside its placeholders, or the
  key of the row is a running number, the date or number behind a placeholder can be tried out.
- `passage_id`, over `document_id`, offsets and clean text; `record_id`, over `passage_ids` and the record's words. All
  but `document_id` is released or easily guessed, so both pass on the test for the original text. 80 bits are no
  protection: the guesses are few, not the hashes. So a record's own id is replaced too.

Also left out for these records: `request_id` and `further_request_ids` (hashes over prompts with more of the passage
than is released), the
passage's offsets in the original (their difference tells how long the identifiers were), the day and month of
`evidence_date`.

Names are numbered in the order of what the records say, never of their ids: the place in an order of hashes would
tell some bits of each. Only records that say exactly the same are ordered by id. Every name stands for one id
throughout the release, so splits can still be checked. The lake leads back by the words of the record.

What remains: a split is read off a hash of the group, so it tells a guesser of the key whether the guess falls into
that split. That is at most a few bits per patient and cannot single anyone out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import canonical_json
from itd_pipeline.release.evidence import Evidence, Row, passage_ids
from itd_pipeline.tables.records import RECORD_COLUMNS

_IDS = ("record_id", "group_id", "document_ids", "passage_ids", "citations", "seed_ids", "parent_ids", "request_id",
        "further_request_ids", "evidence_date")
_SAID = tuple(c.name for c in RECORD_COLUMNS if c.name not in _IDS and c.sensitivity != "identifying")
_LEAST_DIGITS = 4


@dataclass(frozen=True)
class LocalNames:
    """Id in the lake -> name in the release, by kind. What is not in them keeps its id."""

    records: Mapping[str, str]
    groups: Mapping[str, str]
    documents: Mapping[str, str]
    passages: Mapping[str, str]

    @classmethod
    def of(cls, kept: pa.Table, evidence: Evidence) -> LocalNames:
        """Names for everything that the patient records among `kept` (schema FILTERED) name or rest on."""
        private: list[Row] = kept.filter(kept.column("patient_data")).to_pylist()
        private.sort(key=lambda row: (_said(row), row["record_id"]))
        return cls(
            records=_numbered("record", (row["record_id"] for row in private)),
            groups=_numbered("group", (group for row in private for group in evidence.group_ids(row))),
            documents=_numbered("document", (d for row in private for d in evidence.document_ids(row))),
            passages=_numbered("passage", (p for row in private for p in passage_ids(row))),
        )

    def order(self, kept: pa.Table) -> list[int]:
        """Indices of `kept` in the order of the names."""
        told = [self.records.get(r, r) for r in kept.column("record_id").to_pylist()]
        return sorted(range(len(told)), key=told.__getitem__)

    def told(self, records: pa.Table) -> pa.Table:
        """`records` (schema FILTERED) as they are released, in the order given."""
        if not self.records:
            return records
        rows = [self._row(row) for row in records.select([*_IDS, "patient_data"]).to_pylist()]
        for name in _IDS:
            place = records.schema.get_field_index(name)
            field = records.schema.field(name)
            records = records.set_column(place, field, pa.array([row[name] for row in rows], field.type))
        return records

    def _row(self, row: Row) -> dict[str, Any]:
        told = {
            **row,
            "record_id": self.records.get(row["record_id"], row["record_id"]),
            "group_id": self.groups.get(row["group_id"], row["group_id"]),
            "document_ids": [self.documents.get(d, d) for d in row["document_ids"]],
            "passage_ids": [self.passages.get(p, p) for p in row["passage_ids"]],
            "citations": [{**c, "passage_id": self.passages.get(c["passage_id"], c["passage_id"])}
                          for c in row["citations"]],
            "seed_ids": [self.records.get(s, s) for s in row["seed_ids"]],
            "parent_ids": [self.records.get(p, p) for p in row["parent_ids"]],
        }
        if not row["patient_data"]:
            return told
        # A parent that was not released has no other name, and its own is a hash of patients' text.
        parents = [self.records[p] for p in row["parent_ids"] if p in self.records]
        return {**told, "parent_ids": parents, "request_id": None, "further_request_ids": [],
                "evidence_date": _year(row["evidence_date"])}

    def lineage(self, row: Row) -> dict[str, Any]:
        """A row of the lineage as it is released."""
        told = {
            **row,
            "record_id": self.records.get(row["record_id"], row["record_id"]),
            "seed_ids": [self.records.get(s, s) for s in row["seed_ids"]],
        }
        for column, names in (("document_id", self.documents), ("document_group_id", self.groups),
                              ("passage_id", self.passages), ("near_duplicate_cluster", self.records)):
            if row.get(column):
                told[column] = names.get(row[column], row[column])
        return told


def _said(row: Row) -> str:
    """What is released of a record apart from ids."""
    citations = [{name: value for name, value in c.items() if name != "passage_id"} for c in row["citations"]]
    return canonical_json([[row[name] for name in _SAID], citations, _year(row["evidence_date"])])


def _year(date: str | None) -> str | None:
    """The year of an ISO date. Cleaning keeps no more of it; this holds for records that came another way."""
    year = (date or "")[:4]
    return year if len(year) == 4 and year.isdigit() else None


def _numbered(kind: str, ids: Iterable[str]) -> dict[str, str]:
    """Each id once, numbered from 1; the same digits in all names, so that their order is that of the numbers."""
    once = list(dict.fromkeys(ids))
    digits = max(_LEAST_DIGITS, len(str(len(once))))
    return {value: f"patient-{kind}-{number:0{digits}}" for number, value in enumerate(once, start=1)}
