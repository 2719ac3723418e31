"""The numbers of a release, counted once: `RELEASE.json` holds them, the card and Croissant print them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from itd_pipeline.release.content import SPLITS, STAGE, ReleaseInputs, Status
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.splits import seed_crossings
from itd_pipeline.tables.records import SCHEMA_VERSION

COMPOSITION = (
    "source", "route", "task_type", "question_type", "specialty", "audience", "level_of_care", "severity",
    "age_group", "sex", "difficulty", "language", "jurisdiction", "author_role", "model", "licence",
    "privacy_status", "contamination_status", "review_status", "illustrative",
)
NOT_RECORDED = "not recorded"

_STAGES = (
    "raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals", "filtered_set",
    "review_sample", "human_evaluation", "evaluation_report", STAGE,
)


def status_of(review: Mapping[str, Any]) -> Status:
    """`reviewed` only where every condition of the profile's review gate holds."""
    return "reviewed" if review.get("ready") is True else "draft"


def release_facts(
    inputs: ReleaseInputs, evidence: Evidence, kept: pa.Table, splits: Sequence[str], rejects: pa.Table, version: str
) -> dict[str, Any]:
    """Content of `RELEASE.json`.

    Args:
        kept: records of the release, schema FILTERED.
        splits: split of each, in the same order.
        rejects: records turned away by the last gate, schema REJECTS.
        version: version or its placeholder.
    """
    dataset = inputs.settings.dataset
    release = inputs.settings.release
    funnel = _funnel(inputs, kept, rejects)
    per_split = Counter(splits)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(inputs.prompts.items())}
    used = {h for h in kept.column("prompt_hash").to_pylist() if h}
    return {
        "name": dataset.name,
        "title": dataset.title,
        "publisher": dataset.publisher or NOT_RECORDED,
        "version": version,
        "status": status_of(inputs.review),
        "schema_version": SCHEMA_VERSION,
        "code_version": inputs.code_version or NOT_RECORDED,
        "newest_date": newest_date(kept, evidence),
        "rows": kept.num_rows,
        "rows_per_split": {split: per_split[split] for split in SPLITS if per_split[split]},
        "empty_splits": [split for split in SPLITS if not per_split[split]],
        "groups": len(set(kept.column("group_id").to_pylist())),
        "split_shares": {"validation": release.validation_share, "test": release.test_share},
        "seed_crossings": seed_crossings(kept, list(splits)),
        "licences": count(kept, "licence"),
        "composition": {name: count(kept, name) for name in COMPOSITION},
        "sources": _sources(inputs, evidence, kept),
        "making": _making(kept),
        "prompts": hashes,
        "prompt_hashes_without_text": sorted(used - set(hashes.values())),
        "patient_data_rows": sum(kept.column("patient_data").to_pylist()),
        "illustrative_rows": sum(kept.column("illustrative").to_pylist()),
        "review": dict(inputs.review),
        "funnel": funnel,
        "rejected": _rejected(funnel),
    }


def count(table: pa.Table, column: str) -> dict[str, int]:
    """Value -> rows, most frequent first; a null counts as `not recorded`."""
    values = Counter(_word(value) for value in table.column(column).to_pylist())
    return dict(sorted(values.items(), key=lambda item: (-item[1], item[0])))


def _word(value: object) -> str:
    if value is None or value == "":
        return NOT_RECORDED
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def newest_date(kept: pa.Table, evidence: Evidence) -> str | None:
    """Newest whole ISO date among retrieval and evidence dates behind the records: the youngest date that is a fact
    of the content. None where there is none.

    Records on patient data count with the year alone: a day about a patient is an identifier (45 CFR
    164.514(b)(2)(i)(C)). So the answer is a bare year where theirs is later than every whole date.
    """
    dates: set[str] = set()
    columns = ["document_ids", "passage_ids", "citations", "evidence_date", "patient_data"]
    for row in kept.select(columns).to_pylist():
        retrieved = (evidence.documents[d].get("retrieved_on") for d in evidence.document_ids(row))
        whole = {value for value in (*retrieved, row["evidence_date"]) if value and _whole(value)}
        dates |= {value[:4] for value in whole} if row["patient_data"] else whole
    return max(dates, default=None)


def _whole(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _sources(inputs: ReleaseInputs, evidence: Evidence, kept: pa.Table) -> list[dict[str, Any]]:
    """One row per source of a kept record or of its evidence."""
    records: Counter[str] = Counter(kept.column("source").to_pylist())
    documents: dict[str, set[str]] = {}
    for row in kept.select(["document_ids", "passage_ids", "citations"]).to_pylist():
        for document_id in evidence.document_ids(row):
            documents.setdefault(evidence.documents[document_id]["source"], set()).add(document_id)
    rows = []
    for name in sorted({*records, *documents}):
        source = inputs.settings.sources.get(name)
        found = [evidence.documents[d] for d in sorted(documents.get(name, ()))]
        patients = bool(source and source.patient_data)
        hosts = Counter(urlsplit(d["url"]).hostname or "" for d in found if d["url"] and not patients)
        hosts.pop("", None)
        rows.append({
            "source": name,
            "records": records[name],
            "documents": len(found),
            "licences": sorted({d["licence"] for d in found}),
            "attribution": (source.attribution if source else "") or NOT_RECORDED,
            "hosts": dict(sorted(hosts.items(), key=lambda item: (-item[1], item[0]))),
            "retrieved_on": sorted({d["retrieved_on"] for d in found if d.get("retrieved_on")}),
            "patient_data": patients,
        })
    return rows


def _making(kept: pa.Table) -> list[dict[str, Any]]:
    """Records per route, model, prompt and its hash."""
    names = ["route", "model", "prompt_id", "prompt_hash"]
    counts = Counter(tuple(row[n] or "" for n in names) for row in kept.select(names).to_pylist())
    return [{**dict(zip(names, key, strict=True)), "records": n} for key, n in sorted(counts.items())]


def _funnel(inputs: ReleaseInputs, kept: pa.Table, rejects: pa.Table) -> list[dict[str, Any]]:
    """The given funnel in the order of the stages, ending with this one."""
    here = {
        "stage": STAGE, "partition": "", "unit": "record", "units_in": inputs.records.num_rows,
        "rows_out": kept.num_rows, "rejected": count(rejects, "reason"),
    }
    rows = [*(dict(row) for row in inputs.funnel if row["stage"] != STAGE), here]
    for row in rows:
        if not isinstance(row["rejected"], Mapping):
            row["rejected"] = {NOT_RECORDED: int(row["rejected"])} if row["rejected"] else {}
        row["rejected"] = dict(row["rejected"])
    order = {stage: place for place, stage in enumerate(_STAGES)}
    return sorted(rows, key=lambda r: (order.get(r["stage"], -1), r["stage"], r["partition"] or ""))


def _rejected(funnel: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rejected units per stage and reason, over all partitions."""
    counts: dict[str, Counter[str]] = {}
    for row in funnel:
        counts.setdefault(row["stage"], Counter()).update(row["rejected"])
    return [
        {"stage": stage, "reason": reason, "rejected_count": number}
        for stage, reasons in counts.items() for reason, number in sorted(reasons.items()) if number
    ]
