"""The numbers of a release, counted once: `RELEASE.json` holds them, the card and Croissant print them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from itd_pipeline.release.content import SPLITS, STAGE, ReleaseInputs, Status
from itd_pipeline.release.encode import json_bytes
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.lineage import gaps
from itd_pipeline.release.splits import seed_crossings
from itd_pipeline.tables.records import SCHEMA_VERSION

COMPOSITION = (
    "source", "route", "task_type", "question_type", "specialty", "audience", "level_of_care", "severity",
    "age_group", "sex", "difficulty", "language", "jurisdiction", "author_role", "licence",
    "privacy_status", "contamination_status", "review_status", "illustrative",
)
NOT_RECORDED = "not recorded"
_BY_MODEL = {"synthetic", "hybrid"}

_STAGES = (
    "raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals", "filtered_set",
    "review_sample", "human_evaluation", "evaluation_report", STAGE,
)


def status_of(review: Mapping[str, Any]) -> Status:
    """`reviewed` only where every condition of the profile's review gate holds."""
    return "reviewed" if review.get("ready") is True else "draft"


def release_facts(
    inputs: ReleaseInputs, evidence: Evidence, kept: pa.Table, splits: Sequence[str], rejects: pa.Table,
    lineage: pa.Table, rejected: pa.Table, corrections: pa.Table, entered: int, version: str,
) -> dict[str, Any]:
    """Content of `RELEASE.json`.

    Args:
        kept: records of the release, schema FILTERED.
        splits: split of each, in the same order.
        rejects: records turned away by the last gate, schema REJECTS.
        lineage: lineage of the release, schema LINEAGE.
        rejected: rows turned away by all stages, schema REJECTED.
        corrections: records corrected by experts, schema CORRECTIONS.
        entered: records that the last gate judged, corrected ones beside their originals.
        version: version or its placeholder.
    """
    dataset = inputs.settings.dataset
    release = inputs.settings.release
    funnel = _funnel(inputs, kept, rejects, entered)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(inputs.prompts.items())}
    used = {h for h in kept.column("prompt_hash").to_pylist() if h}
    making = _making(kept)
    without_text = used - set(hashes.values())
    forms = {m["prompt_hash"] for m in making if m["route"] not in _BY_MODEL} & without_text
    strong = [split for record, split in zip(kept.column("record_id").to_pylist(), splits, strict=True)
              if record in inputs.strong]
    return in_order({
        "name": dataset.name,
        "title": dataset.title,
        "publisher": dataset.publisher or NOT_RECORDED,
        "version": version,
        "status": status_of(inputs.review),
        "schema_version": SCHEMA_VERSION,
        "code_version": inputs.code_version or NOT_RECORDED,
        "oldest_date": oldest_date(kept, evidence),
        "newest_date": newest_date(kept, evidence),
        "rows": kept.num_rows,
        "rows_per_split": _per_split(splits),
        "empty_splits": [split for split in SPLITS if split not in splits],
        "strong": {"rows": len(strong), "rows_per_split": _per_split(strong)},
        "groups": len(set(kept.column("group_id").to_pylist())),
        "split_shares": {"validation": release.validation_share, "test": release.test_share},
        "near_duplicate_jaccard": inputs.settings.signals.near_duplicate_jaccard,
        "leaks": _leaks(lineage, kept, splits),
        "seed_crossings": seed_crossings(kept, list(splits), {
            row["corrects"]: row["record_id"] for row in corrections.to_pylist() if row["corrects"]}),
        "licences": count(kept, "licence"),
        "composition": {name: count(kept, name) for name in COMPOSITION},
        "sources": _sources(inputs, kept, lineage, evidence),
        "making": making,
        "models": _models(making, count(kept, "model")),
        "prompts": hashes,
        "prompt_hashes_without_text": sorted(without_text),
        "prompts_without_text": {"forms": len(forms), "prompts": len(without_text - forms)},
        "patient_data_rows": sum(kept.column("patient_data").to_pylist()),
        "illustrative_rows": sum(kept.column("illustrative").to_pylist()),
        "documents": {"lock": bool(inputs.lock), "rubric": bool(inputs.rubric), "schemas": bool(inputs.schemas),
                      "prints": inputs.prints is not None},
        "lineage": _lineage(lineage),
        "benchmarks": _benchmarks(inputs.prints),
        "review": dict(inputs.review),
        "corrections": {
            "records": corrections.num_rows, "original_shown": corrections.column("withheld").null_count,
            "basis": dict(sorted(Counter(corrections.column("basis").to_pylist()).items()))},
        "funnel": funnel,
        "stages": _stages(funnel),
        "rejected": _rejected(funnel),
        "rejected_rows": {
            "all": rejected.num_rows, "shown": rejected.column("withheld").null_count,
            "withheld": dict(sorted(Counter(w for w in rejected.column("withheld").to_pylist() if w).items()))},
    })


def in_order(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` as who reads `RELEASE.json` has them, in the order that its sorted keys lose: splits as ever, counts
    greatest first. So the papers can be written again from the file, and come out the same.

    Raises KeyError, TypeError or AttributeError where they are not facts of a release.
    """
    told: dict[str, Any] = json.loads(json_bytes(facts))
    for place in (told, told["strong"]):
        place["rows_per_split"] = {split: place["rows_per_split"][split] for split in SPLITS
                                   if split in place["rows_per_split"]}
    told["composition"] = {name: _greatest_first(told["composition"][name]) for name in COMPOSITION}
    for name in ("licences", "models"):
        told[name] = _greatest_first(told[name])
    for source in told["sources"]:
        source["hosts"] = _greatest_first(source["hosts"])
    for row in (*told["funnel"], *told["stages"]):
        row["rejected"] = _greatest_first(row["rejected"])
    return told


def _greatest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _per_split(splits: Sequence[str]) -> dict[str, int]:
    counts = Counter(splits)
    return {split: counts[split] for split in SPLITS if counts[split]}


def _lineage(lineage: pa.Table) -> dict[str, int]:
    rows = lineage.to_pylist()
    whole = {row["record_id"] for row in rows if not gaps(
        {**row, "patient_data": (row["document_id"] or "").startswith("patient-document-")}, bool(row["document_id"]))}
    return {
        "rows": len(rows), "records": len({row["record_id"] for row in rows}), "complete": len(whole),
        "documents": len({row["document_id"] for row in rows if row["document_id"]}),
        "near_duplicate_clusters": len({r["near_duplicate_cluster"] for r in rows if r["near_duplicate_cluster"]}),
    }


def _leaks(lineage: pa.Table, kept: pa.Table, splits: Sequence[str]) -> dict[str, int]:
    """Groups, documents and near-duplicate clusters that stand in more than one split."""
    rows = lineage.to_pylist()
    records = list(zip(kept.select(["group_id", "document_ids"]).to_pylist(), splits, strict=True))
    by_document = [(row["document_id"], row["split"]) for row in rows]
    return {
        "group": _apart([*((r["group_id"], s) for r, s in records),
                         *((row["document_group_id"], row["split"]) for row in rows)]),
        "document": _apart([*((d, s) for r, s in records for d in r["document_ids"]), *by_document]),
        "near_duplicate": _apart([(row["near_duplicate_cluster"], row["split"]) for row in rows]),
    }


def _apart(pairs: Iterable[tuple[str | None, str]]) -> int:
    where: dict[str, set[str]] = {}
    for value, split in pairs:
        if value:
            where.setdefault(value, set()).add(split)
    return sum(len(found) > 1 for found in where.values())


def _models(making: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> dict[str, int]:
    """Model -> records. A record that no model wrote says so; `not recorded` is left for those that one wrote."""
    named = dict(counts)
    unnamed = named.pop(NOT_RECORDED, 0)
    unknown = sum(m["records"] for m in making if not m["model"] and m["route"] in _BY_MODEL)
    found = {**named, "none (no model)": unnamed - unknown, NOT_RECORDED: unknown}
    return dict(sorted(((name, n) for name, n in found.items() if n), key=lambda item: (-item[1], item[0])))


def _benchmarks(prints: pa.Table | None) -> dict[str, dict[str, int]]:
    """Benchmark -> how many of its items have prints here, and how many prints."""
    found: dict[str, dict[str, Any]] = {}
    for row in prints.to_pylist() if prints is not None else ():
        one = found.setdefault(row["benchmark"], {"items": set(), "prints": 0})
        one["items"].add(row["item"])
        one["prints"] += 1
    return {name: {"items": len(one["items"]), "prints": one["prints"]} for name, one in sorted(found.items())}


def _stages(funnel: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The funnel over all partitions of a stage."""
    stages: dict[tuple[str, str], dict[str, Any]] = {}
    for row in funnel:
        total = stages.setdefault(
            (row["stage"], row["unit"]),
            {"stage": row["stage"], "unit": row["unit"], "units_in": 0, "rows_out": 0, "rejected": {}},
        )
        total["units_in"] += row["units_in"]
        total["rows_out"] += row["rows_out"]
        for reason, number in row["rejected"].items():
            total["rejected"][reason] = total["rejected"].get(reason, 0) + number
    return list(stages.values())


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
    return max(_dates(kept, evidence), default=None)


def oldest_date(kept: pa.Table, evidence: Evidence) -> str | None:
    """Oldest of the same dates."""
    return min(_dates(kept, evidence), default=None)


def _dates(kept: pa.Table, evidence: Evidence) -> set[str]:
    dates: set[str] = set()
    columns = ["document_ids", "passage_ids", "citations", "evidence_date", "patient_data"]
    for row in kept.select(columns).to_pylist():
        retrieved = (evidence.documents[d].get("retrieved_on") for d in evidence.document_ids(row))
        whole = {value for value in (*retrieved, row["evidence_date"]) if value and _whole(value)}
        dates |= {value[:4] for value in whole} if row["patient_data"] else whole
    return dates


def _whole(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _sources(
    inputs: ReleaseInputs, kept: pa.Table, lineage: pa.Table, evidence: Evidence
) -> list[dict[str, Any]]:
    """One row per source of a kept record or of its evidence."""
    records: Counter[str] = Counter(kept.column("source").to_pylist())
    documents: dict[str, set[str]] = {}
    for row in kept.select(["document_ids", "passage_ids", "citations"]).to_pylist():
        for document_id in evidence.document_ids(row):
            documents.setdefault(evidence.documents[document_id]["source"], set()).add(document_id)
    hosts: dict[str, set[tuple[str, str]]] = {}
    for row in lineage.select(["source", "document_id", "url"]).to_pylist():
        if (host := _host(row["url"])) and row["document_id"]:
            hosts.setdefault(row["source"], set()).add((row["document_id"], host))
    rows = []
    for name in sorted({*records, *documents}):
        source = inputs.settings.sources.get(name)
        found = [evidence.documents[d] for d in sorted(documents.get(name, ()))]
        named = Counter(host for _, host in hosts.get(name, ()))
        rows.append({
            "source": name,
            "records": records[name],
            "documents": len(found),
            "licences": sorted({d["licence"] for d in found}),
            "attribution": (source.attribution if source else "") or NOT_RECORDED,
            "hosts": dict(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
            "retrieved_on": sorted({d["retrieved_on"] for d in found if d.get("retrieved_on")}),
            "patient_data": bool(source and source.patient_data),
        })
    return rows


def _host(url: str | None) -> str:
    match = re.match(r"[a-z]+://([^/:?#]+)", (url or "").lower())
    return match[1] if match else ""


def _making(kept: pa.Table) -> list[dict[str, Any]]:
    """Records per route, model, prompt and its hash."""
    names = ["route", "model", "prompt_id", "prompt_hash"]
    counts = Counter(tuple(row[n] or "" for n in names) for row in kept.select(names).to_pylist())
    return [{**dict(zip(names, key, strict=True)), "records": n} for key, n in sorted(counts.items())]


def _funnel(inputs: ReleaseInputs, kept: pa.Table, rejects: pa.Table, entered: int) -> list[dict[str, Any]]:
    """The given funnel in the order of the stages, ending with this one."""
    here = {
        "stage": STAGE, "partition": "", "unit": "record", "units_in": entered,
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
