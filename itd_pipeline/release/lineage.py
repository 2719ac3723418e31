"""Where each row came from: one row per record and piece of evidence, in `lineage.parquet`.

A record has at least one row. A passage cited twice gives two rows; a document named without a passage, a reference
in words and a record without evidence give one row with the rest empty. For patient data the source's own id, file
and address, the hash of the text, offsets in it and the request are left out, and all ids are names of this release:
they may point at a person or confirm a guess at one (`local_names.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.release.evidence import Evidence, Row, passage_ids
from itd_pipeline.release.local_names import LocalNames
from itd_pipeline.settings import Source
from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Table, integer, term, text, texts

LINEAGE = Table(
    name="lineage",
    description="Which passage of which document, which model, prompt and seeds stand behind each record.",
    columns=(
        text("record_id", "The record."),
        term("split", "Split it stands in.", v.SPLIT),
        text("source", "Source of the evidence."),
        text("document_id", "Document behind the record.", nullable=True),
        text("document_group_id", "Group of the document; splits never part a group.", nullable=True),
        text("external_id", "The source's own id of the document; left out for patient data.", nullable=True),
        text("origin", "File inside the source; left out for patient data.", nullable=True),
        text("url", "Where the original stands; left out for patient data.", nullable=True),
        text("content_hash", "SHA-256 of the document; left out for patient data.", nullable=True),
        text("retrieved_on", "ISO date of retrieval as the profile states it.", nullable=True),
        text("licence", "Licence of the evidence; of the record where it has none."),
        text("passage_id", "Passage behind the record.", nullable=True),
        integer("passage_start", "First character of the passage in the document's text; left out for patient data.",
                nullable=True, minimum=0),
        integer("passage_end", "One past its last character there; left out for patient data.", nullable=True,
                minimum=0),
        integer("citation_start", "First character of the quote in the passage's text.", nullable=True, minimum=0),
        integer("citation_end", "One past its last character there.", nullable=True, minimum=0),
        text("reference", "Reference in words, where no passage is cited.", nullable=True, sensitivity="text"),
        term("route", "How the record was made.", v.ROUTE),
        text("model", "Model that wrote the output.", nullable=True),
        text("prompt_id", "Name and version of prompt or template.", nullable=True),
        text("prompt_hash", "SHA-256 of the prompt or template file.", nullable=True),
        text("request_id", "SHA-256 of the full payload sent to the model; left out for patient data.", nullable=True),
        texts("seed_ids", "Seeds that stood in the prompt as examples."),
    ),
    key=(),
    references={"record_id": "filtered_set.record_id"},
)


def lineage_table(
    records: pa.Table, splits: list[str], evidence: Evidence, sources: Mapping[str, Source], names: LocalNames
) -> pa.Table:
    """Lineage of `records` (schema FILTERED, with the ids of the lake), in their order, under `names`."""
    needed = ["record_id", "source", "document_ids", "passage_ids", "citations", "licence", "patient_data", "route",
              "model", "prompt_id", "prompt_hash", "request_id", "seed_ids"]
    rows: list[dict[str, Any]] = []
    for record, split in zip(records.select(needed).to_pylist(), splits, strict=True):
        shared = {name: record[name] for name in ("record_id", "source", "licence", "route", "model", "prompt_id",
                                                  "prompt_hash", "request_id", "seed_ids")}
        if record["patient_data"]:
            shared["request_id"] = None
        found = list(_pieces(record, evidence, sources))
        rows.extend(names.lineage({**shared, "split": split, **piece}) for piece in found or [{}])
    return LINEAGE.from_rows(rows)


def _pieces(record: Row, evidence: Evidence, sources: Mapping[str, Source]) -> Iterator[dict[str, Any]]:
    with_passage: set[str] = set()
    for passage_id in passage_ids(record):
        passage = evidence.passages[passage_id]
        with_passage.add(passage["document_id"])
        place = {**_document(passage["document_id"], record, evidence, sources, passage), "passage_id": passage_id}
        cited = [c for c in record["citations"] if c["passage_id"] == passage_id]
        for citation in cited or [{}]:
            yield {**place, "citation_start": citation.get("start"), "citation_end": citation.get("end")}
    for document_id in record["document_ids"]:
        if document_id not in with_passage:
            yield _document(document_id, record, evidence, sources, {})
    for citation in record["citations"]:
        if not citation["passage_id"]:
            yield {"reference": citation["reference"] or None}


def _document(
    document_id: str, record: Row, evidence: Evidence, sources: Mapping[str, Source], passage: Row
) -> dict[str, Any]:
    document = evidence.documents[document_id]
    source = sources.get(document["source"])
    of_patients = bool(
        record["patient_data"] or passage.get("patient_data") or document.get("patient_data")
        or (source and source.patient_data)
    )
    place = {
        "source": document["source"],
        "document_id": document_id,
        "document_group_id": passage.get("group_id") or document.get("group_id"),
        "retrieved_on": document.get("retrieved_on"),
        "licence": document["licence"],
    }
    if not of_patients:
        place |= {"external_id": document["external_id"], "origin": document.get("origin"),
                  "url": document["url"] or passage.get("url"), "content_hash": document.get("content_hash"),
                  "passage_start": passage.get("start"), "passage_end": passage.get("end")}
    return place
