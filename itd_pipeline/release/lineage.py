"""Where each row came from: one row per record and piece of evidence, in `lineage.parquet`.

A record has at least one row. A passage cited twice gives two rows; a document named without a passage, a reference
in words and a record without evidence give one row with the rest empty. For patient data the source's own id, file
and address, the hash of the text, offsets in it and the request are left out, and all ids are names of this release:
they may point at a person or confirm a guess at one (`local_names.py`).

The chain of a record is whole where an expert wrote it and is named, or where it rests on a known document and its
form or prompt is named; one by a model names the model and the hash of what was asked, a hybrid one its seeds. The last
gate turns a record away whose chain is not whole (`lineage_incomplete`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.release.content import ReleaseInputs
from itd_pipeline.release.evidence import Evidence, Row, passage_ids
from itd_pipeline.release.local_names import LocalNames
from itd_pipeline.settings import Source
from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Table, integer, number, term, text, texts

LINEAGE = Table(
    name="lineage",
    description="`lineage.parquet` of a release: which passage of which document, which model, prompt and seeds "
    "stand behind each record.",
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
        text("author", "Pseudonym of the expert, name of the model, or id of the template."),
        text("model", "Model that wrote the output.", nullable=True),
        text("model_version", "What exactly answered, as far as the provider or the package tells.", nullable=True),
        text("prompt_id", "Name and version of prompt or template.", nullable=True),
        text("prompt_hash", "SHA-256 of the prompt or template file.", nullable=True),
        text("request_id", "SHA-256 of the full payload sent to the model; left out for patient data.", nullable=True),
        texts("seed_ids", "Seeds that stood in the prompt as examples."),
        text("near_duplicate_cluster", "Least record id of its near-duplicates in this release, where it has any; "
             "splits never part them.", nullable=True),
        text("decision", "What the policy decided: kept."),
        texts("warned_by", "Rules of the policy that only warn, and did."),
        term("review_status", "What experts decided.", v.REVIEW_STATUS),
        text("corrects", "The record in whose place it stands, its output corrected by experts; who wrote it and when "
             "stands in `corrections.parquet`. Left out for patient data.", nullable=True),
        integer("strong_rank", "Place in the order of the small, strong configuration; null where it is not in it.",
                nullable=True, minimum=1),
        number("complexity_score", "How demanding it is, where it is in that configuration.", nullable=True),
        number("quality_score", "How well its evidence covers it, where it is in that configuration.", nullable=True),
    ),
    key=(),
    references={"record_id": "filtered_set.record_id"},
)
_OF_RECORD = ("record_id", "source", "licence", "route", "author", "model", "model_version", "prompt_id", "prompt_hash",
              "request_id", "seed_ids", "review_status")
_BY_MODEL = {"synthetic", "hybrid"}
KEPT = "kept"


def gaps(record: Row, has_document: bool) -> list[str]:
    """What is missing from the chain of a record, by column; empty where it is whole.

    Args:
        record: a row of the contract of records. `request_id` may be missing for patient data, where it is left out.
        has_document: whether a known document stands behind it.
    """
    if record["route"] == "manual":
        return [] if record["author"] else ["author"]
    wanted = ["prompt_id"]
    if record["route"] in _BY_MODEL:
        wanted += ["model", "prompt_hash", *([] if record["patient_data"] else ["request_id"])]
    if record["route"] == "hybrid":
        wanted.append("seed_ids")
    return [*([] if has_document else ["document_ids"]), *(name for name in wanted if not record[name])]


def lineage_table(
    records: pa.Table, splits: Sequence[str], clusters: Sequence[str | None], evidence: Evidence, inputs: ReleaseInputs,
    names: LocalNames, corrects: Mapping[str, str] | None = None,
) -> pa.Table:
    """Lineage of `records` (schema FILTERED, with the ids of the lake), in their order, under `names`.

    Args:
        splits: split of each record.
        clusters: near-duplicate cluster of each record.
        inputs: sources, what warned and the strong order are used.
        corrects: id of a corrected record -> id of its original.
    """
    sources = inputs.settings.sources
    needed = [*_OF_RECORD, "document_ids", "passage_ids", "citations", "patient_data"]
    rows: list[dict[str, Any]] = []
    for record, split, cluster in zip(records.select(needed).to_pylist(), splits, clusters, strict=True):
        strong = inputs.strong.get(record["record_id"], {})
        shared = {name: record[name] for name in _OF_RECORD} | {
            "near_duplicate_cluster": cluster, "decision": KEPT,
            "warned_by": sorted(inputs.warned.get(record["record_id"], ())), "strong_rank": strong.get("rank"),
            "complexity_score": strong.get("complexity"), "quality_score": strong.get("quality"),
            "corrects": (corrects or {}).get(record["record_id"]),
        }
        if record["patient_data"]:
            shared |= {"request_id": None, "corrects": None}
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
