"""`build_release`: from kept records and run facts to every byte of a release.

Pure: the files are given back, not written. Order, compression and hashes are fixed, there is no clock: the same
inputs, in whatever order their rows come, give the same bytes. Written by the storage layer, checked by `verify.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch, reject
from itd_pipeline.release.contamination import PRINTS, shared_items
from itd_pipeline.release.content import SPLITS, STAGE, ReleaseContent, ReleaseInputs
from itd_pipeline.release.corrections import corrections_table, released_corrections
from itd_pipeline.release.croissant import croissant
from itd_pipeline.release.documents import documents
from itd_pipeline.release.encode import json_bytes, parquet_bytes
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.facts import release_facts, status_of
from itd_pipeline.release.formats import shaped
from itd_pipeline.release.gate import may_leave
from itd_pipeline.release.lineage import lineage_table
from itd_pipeline.release.local_names import LocalNames
from itd_pipeline.release.numbers import FUNNEL, NUMBERS, REVIEW_FACTS, funnel_rows, number_rows, review_rows, views
from itd_pipeline.release.profile_text import released_profile
from itd_pipeline.release.rejected import rejected_table
from itd_pipeline.release.splits import assign_splits
from itd_pipeline.release.training import STRONG_CHAT, parquet_path, training_files
from itd_pipeline.release.twins import twin_clusters
from itd_pipeline.release.version import (
    CHECKSUMS,
    SELF_NAMING,
    checksums,
    content_version,
    placeholder,
    require_safe,
)
from itd_pipeline.tables.records import FILTERED, RECORD_COLUMNS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import CORRECTIONS, METRICS, RELEASED

RELEASED_COLUMNS = tuple(column for column in RECORD_COLUMNS if column.sensitivity != "identifying")
"""Columns of the files in `data/`, in the order of the contract."""


def build_release(inputs: ReleaseInputs) -> ReleaseContent:
    """Everything that leaves the building.

    The batch counts every record that came in, and every corrected record that was made of one: units_in = rows +
    rejects. A release in which no record may leave is
    still built, without data files, so that its rejects are kept; `verify_release` reports it.

    The rows of the batch stay in the lake and keep its ids. In the files, everything that rests on patient data bears
    names of this release instead; see `local_names.py`.

    Raises:
        ConfigError: the policy or the profile is not readable as YAML.
        ContractError: a table lacks a column, or a prompt's name is no safe file name.
    """
    name = inputs.settings.dataset.name
    records = FILTERED.conform(inputs.records).sort_by([("record_id", "ascending")])
    evidence = Evidence.of(inputs.passages, inputs.documents)
    passed = may_leave(records, evidence, inputs.settings, inputs.decisions, inputs.corrections)
    originals = {new["record_id"]: old["record_id"] for old, new, _ in passed.corrected}
    inputs = _inherited(inputs, originals)
    kept, splits, clusters, rejects = _in_splits(passed.kept, passed.rejects, evidence, inputs)
    kept = _with_leaks(_with_decisions(kept, inputs.decisions), inputs.prints)

    names = LocalNames.of(kept, evidence)
    order = names.order(kept)
    told = kept.take(pa.array(order, pa.int64()))
    told_splits, told_clusters = [splits[i] for i in order], [clusters[i] for i in order]
    released = names.told(told)
    lineage = lineage_table(told, told_splits, told_clusters, evidence, inputs, names, originals)
    rejected = rejected_table(pa.concat_tables([inputs.rejects, rejects]), inputs.settings)
    staying = set(kept.column("record_id").to_pylist())
    corrections = corrections_table(pair for pair in passed.corrected if pair[1]["record_id"] in staying)
    told_corrections = released_corrections(corrections, {
        row["row_id"]: row["withheld"] for row in rejected.to_pylist() if row["stage"] == STAGE}, names)
    facts = release_facts(inputs, evidence, kept, splits, rejects, lineage, rejected, told_corrections,
                          passed.entered, placeholder(name))
    metrics = METRICS.conform(inputs.metrics).sort_by([(key, "ascending") for key in METRICS.key])

    ranks = [inputs.strong.get(r, {}).get("rank") for r in told.column("record_id").to_pylist()]
    files = _data(released, told_splits, ranks)
    files |= _tables(inputs, facts, lineage, rejected, metrics)
    files["corrections.parquet"] = parquet_bytes(told_corrections)
    files |= training_files(name.replace("-", "_"), list(facts["rows_per_split"]),
                            list(facts["strong"]["rows_per_split"]))
    files |= _documents(inputs)
    files["views.sql"] = views(files).encode()
    files["numbers.parquet"] = parquet_bytes(NUMBERS.from_rows(number_rows(facts, metrics) if kept.num_rows else []))
    files["RELEASE.json"] = json_bytes(facts)
    files["croissant.json"] = json_bytes(croissant(inputs.settings.dataset, facts, files, RELEASED_COLUMNS))
    files |= documents(inputs.settings.dataset, facts, inputs.policy, metrics, released)

    version = content_version(name, files)
    for path in SELF_NAMING:
        files[path] = files[path].replace(placeholder(name).encode(), version.encode())
    files[CHECKSUMS] = checksums(files)
    summary = {key: facts[key] for key in ("status", "rows", "rows_per_split", "empty_splits", "licences")}
    batch = Batch(
        rows=_released(kept, splits, clusters, version, originals), rejects=rejects, units_in=passed.entered,
        sides={CORRECTIONS.name: corrections},
        facts={"version": version, **summary, "corrected": corrections.num_rows,
               "size_bytes": sum(map(len, files.values()))},
    )
    return ReleaseContent(version, status_of(inputs.review), dict(sorted(files.items())), batch)


def _inherited(inputs: ReleaseInputs, originals: Mapping[str, str]) -> ReleaseInputs:
    """`inputs` where a corrected record has what its original had: its split in earlier releases, its place in the
    strong order, and what the policy's rules said of it.

    Args:
        originals: id of a corrected record -> id of its original.
    """
    def both(held: Mapping[str, Any]) -> dict[str, Any]:
        return {**held, **{new: held[old] for new, old in originals.items() if old in held and new not in held}}

    return replace(inputs, strong=both(inputs.strong), warned=both(inputs.warned),
                   history=replace(inputs.history, records=both(inputs.history.records)))


def _in_splits(
    kept: pa.Table, rejects: pa.Table, evidence: Evidence, inputs: ReleaseInputs
) -> tuple[pa.Table, list[str], list[str | None], pa.Table]:
    """Records that have a split, with it and their near-duplicate cluster; the others join the rejects."""
    release, threshold = inputs.settings.release, inputs.settings.signals.near_duplicate_jaccard
    clusters = twin_clusters(kept, threshold)
    assigned = assign_splits(kept, evidence, release.validation_share, release.test_share, inputs.history, clusters)
    if assigned.turned_away:
        turned = [reject(STAGE, "", row["record_id"], reason, detail, row, parent_id=row["record_id"])
                  for place, (reason, detail) in sorted(assigned.turned_away.items())
                  for row in kept.slice(place, 1).to_pylist()]
        rejects = pa.concat_tables([rejects, REJECTS.from_rows(turned)])
        kept = kept.filter(pa.array([place not in assigned.turned_away for place in range(kept.num_rows)], pa.bool_()))
        clusters = twin_clusters(kept, threshold)  # without those, what they alone joined falls apart
    return kept, [split for split in assigned.splits if split is not None], clusters, rejects


def _with_decisions(kept: pa.Table, decisions: Mapping[str, str]) -> pa.Table:
    """`kept` with what experts decided in the column `review_status`."""
    rows = kept.select(["record_id", "review_status"]).to_pylist()
    statuses = [decisions.get(row["record_id"], row["review_status"]) for row in rows]
    place = kept.schema.get_field_index("review_status")
    return FILTERED.conform(kept.set_column(place, "review_status", pa.array(statuses, pa.string())))


def _with_leaks(kept: pa.Table, prints: pa.Table | None) -> pa.Table:
    """`kept`, where what shares a run of words with a benchmark says so, whatever a lenient policy called it."""
    if prints is None:
        return kept
    items = {row["print"]: row["item"] for row in prints.to_pylist()}
    rows = kept.select(["instruction", "input", "output", "rationale", "contamination_status"]).to_pylist()
    statuses = ["overlap" if shared_items(row, items) else row["contamination_status"] for row in rows]
    place = kept.schema.get_field_index("contamination_status")
    return FILTERED.conform(kept.set_column(place, "contamination_status", pa.array(statuses, pa.string())))


def _data(kept: pa.Table, splits: list[str], ranks: list[int | None]) -> dict[str, bytes]:
    """Files of every split that holds records: all of them, and the small, strong configuration by rank."""
    files: dict[str, bytes] = {}
    columns = [column.name for column in RELEASED_COLUMNS]
    for split in SPLITS:
        chosen = [place for place, value in enumerate(splits) if value == split]
        strong = sorted((rank, place) for place in chosen if (rank := ranks[place]) is not None)
        if not chosen:
            continue
        part = kept.take(pa.array(chosen, pa.int64())).select(columns)
        files[parquet_path("data", split)] = parquet_bytes(part)
        for shape, made in shaped(part).items():
            files[f"formats/{shape}/{split}.jsonl"] = made
        if strong:
            best = kept.take(pa.array([place for _, place in strong], pa.int64())).select(columns)
            files[parquet_path("strong", split)] = parquet_bytes(best)
            files[f"formats/{STRONG_CHAT}/{split}.jsonl"] = shaped(best)["chat"]
    return files


def _tables(
    inputs: ReleaseInputs, facts: Mapping[str, Any], lineage: pa.Table, rejected: pa.Table, metrics: pa.Table
) -> dict[str, bytes]:
    files = {
        "lineage.parquet": parquet_bytes(lineage),
        "rejected.parquet": parquet_bytes(rejected),
        "funnel.parquet": parquet_bytes(FUNNEL.from_rows(list(funnel_rows(facts["funnel"])))),
        "evaluation.parquet": parquet_bytes(metrics),
        "review.parquet": parquet_bytes(REVIEW_FACTS.from_rows(list(review_rows(facts["review"])))),
    }
    if inputs.prints is not None:
        files["contamination.parquet"] = parquet_bytes(PRINTS.conform(inputs.prints))
    return files


def _documents(inputs: ReleaseInputs) -> dict[str, bytes]:
    """Files that are taken over as they are."""
    files: dict[str, bytes] = {
        "report.html": inputs.report_html,
        "report.json": inputs.report_json,
        "config.yaml": released_profile(inputs.config, inputs.settings).encode(),
        "policy.yaml": inputs.policy.encode(),
        "versions.json": json_bytes({**inputs.versions, "itd_pipeline": inputs.code_version}),
    }
    files |= {require_safe(f"prompts/{name}"): prompt.encode() for name, prompt in inputs.prompts.items()}
    files |= {require_safe(f"schemas/{name}"): json_bytes(schema) for name, schema in inputs.schemas.items()}
    if inputs.rubric:
        files["rubric.yaml"] = inputs.rubric.encode()
    if inputs.lock:
        files["requirements.lock"] = inputs.lock.encode()
    return files


def _released(kept: pa.Table, splits: list[str], clusters: list[str | None], version: str,
              originals: Mapping[str, str]) -> pa.Table:
    rows: list[dict[str, Any]] = kept.select(
        ["record_id", "group_id", "source", "route", "licence", "patient_data"]
    ).to_pylist()
    return RELEASED.from_rows([{**row, "filtered_id": originals.get(row["record_id"], row["record_id"]),
                                "version": version, "split": split, "near_duplicate_cluster": cluster}
                               for row, split, cluster in zip(rows, splits, clusters, strict=True)])
