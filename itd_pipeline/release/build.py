"""`build_release`: from kept records and run facts to every byte of a release.

Pure: the files are given back, not written. Order, compression and hashes are fixed, there is no clock: the same
inputs, in whatever order their rows come, give the same bytes. Written by the storage layer, checked by `verify.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch
from itd_pipeline.release import formats
from itd_pipeline.release.card import card
from itd_pipeline.release.content import SPLITS, ReleaseContent, ReleaseInputs
from itd_pipeline.release.croissant import croissant
from itd_pipeline.release.encode import json_bytes, jsonl_bytes, parquet_bytes
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.facts import release_facts, status_of
from itd_pipeline.release.gate import may_leave
from itd_pipeline.release.lineage import LINEAGE, lineage_table
from itd_pipeline.release.local_names import LocalNames
from itd_pipeline.release.profile_text import released_profile
from itd_pipeline.release.splits import assign_splits
from itd_pipeline.release.version import (
    CHECKSUMS,
    SELF_NAMING,
    checksums,
    content_version,
    placeholder,
    require_safe,
)
from itd_pipeline.tables.contract import Table, integer, text
from itd_pipeline.tables.records import FILTERED, RECORD_COLUMNS
from itd_pipeline.tables.review import METRICS, RELEASED

RELEASED_COLUMNS = tuple(column for column in RECORD_COLUMNS if column.sensitivity != "identifying")
"""Columns of the files in `data/`, in the order of the contract."""

REJECTED = Table(
    name="rejected_counts",
    description="How many units each stage turned away, by reason. The rows themselves stay in the lake.",
    columns=(
        text("stage", "Asset that turned them away."),
        text("reason", "Stable reason code."),
        integer("rejected_count", "Units turned away.", minimum=1),
    ),
    key=("stage", "reason"),
)


def build_release(inputs: ReleaseInputs) -> ReleaseContent:
    """Everything that leaves the building.

    The batch counts every record that came in: units_in = rows + rejects. A release in which no record may leave is
    still built, without data files, so that its rejects are kept; `verify_release` reports it.

    The rows of the batch stay in the lake and keep its ids. In the files, everything that rests on patient data bears
    names of this release instead; see `local_names.py`.

    Raises:
        ConfigError: the policy or the profile is not readable as YAML.
        ContractError: a table lacks a column, or a prompt's name is no safe file name.
    """
    settings = inputs.settings
    name = settings.dataset.name
    records = FILTERED.conform(inputs.records).sort_by([("record_id", "ascending")])
    evidence = Evidence.of(inputs.passages, inputs.documents)
    kept, rejects = may_leave(records, evidence, settings, inputs.decisions)
    kept = _with_decisions(kept, inputs.decisions)
    splits = assign_splits(kept, evidence, settings.release.validation_share, settings.release.test_share)
    facts = release_facts(inputs, evidence, kept, splits, rejects, placeholder(name))

    names = LocalNames.of(kept, evidence)
    order = names.order(kept)
    told, told_splits = kept.take(pa.array(order, pa.int64())), [splits[index] for index in order]
    released = names.told(told)
    files, data_files = _data(released, told_splits)
    files["lineage.parquet"] = parquet_bytes(lineage_table(told, told_splits, evidence, settings.sources, names))
    files["rejected.parquet"] = parquet_bytes(REJECTED.from_rows(facts["rejected"]))
    files |= _documents(inputs)
    files["RELEASE.json"] = json_bytes(facts)
    record_sets = {
        split: (path, f"Records of the split {split}.", RELEASED_COLUMNS) for split, path in data_files.items()
    }
    if kept.num_rows:
        record_sets["lineage"] = ("lineage.parquet", LINEAGE.description, LINEAGE.columns)
    files["croissant.json"] = json_bytes(croissant(settings.dataset, facts, files, record_sets))
    metrics = METRICS.conform(inputs.metrics).sort_by([(key, "ascending") for key in METRICS.key])
    files["README.md"] = card(settings.dataset, facts, data_files, inputs.policy, metrics, released).encode()

    version = content_version(name, files)
    for path in SELF_NAMING:
        files[path] = files[path].replace(placeholder(name).encode(), version.encode())
    files[CHECKSUMS] = checksums(files)
    summary = {key: facts[key] for key in ("status", "rows", "rows_per_split", "empty_splits", "licences")}
    batch = Batch(
        rows=_released(kept, splits, version), rejects=rejects, units_in=inputs.records.num_rows,
        facts={"version": version, **summary, "size_bytes": sum(map(len, files.values()))},
    )
    return ReleaseContent(version, status_of(inputs.review), dict(sorted(files.items())), batch)


def _with_decisions(kept: pa.Table, decisions: Mapping[str, str]) -> pa.Table:
    """`kept` with what experts decided in the column `review_status`."""
    rows = kept.select(["record_id", "review_status"]).to_pylist()
    statuses = [decisions.get(row["record_id"], row["review_status"]) for row in rows]
    place = kept.schema.get_field_index("review_status")
    return FILTERED.conform(kept.set_column(place, "review_status", pa.array(statuses, pa.string())))


def _data(kept: pa.Table, splits: list[str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Files of every split that holds records, and split -> its Parquet file."""
    files: dict[str, bytes] = {}
    data_files: dict[str, str] = {}
    for split in SPLITS:
        chosen = [index for index, value in enumerate(splits) if value == split]
        if not chosen:
            continue
        part = kept.take(pa.array(chosen, pa.int64())).select([column.name for column in RELEASED_COLUMNS])
        data_files[split] = f"data/{split}-00000-of-00001.parquet"
        files[data_files[split]] = parquet_bytes(part)
        rows = part.select(["record_id", "instruction", "input", "output", "options", "turns"]).to_pylist()
        files[f"formats/chat/{split}.jsonl"] = jsonl_bytes(map(formats.chat, rows))
        files[f"formats/alpaca/{split}.jsonl"] = jsonl_bytes(map(formats.alpaca, rows))
    return files, data_files


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
    return files


def _released(kept: pa.Table, splits: list[str], version: str) -> pa.Table:
    rows: list[dict[str, Any]] = kept.select(
        ["record_id", "group_id", "source", "route", "licence", "patient_data"]
    ).to_pylist()
    return RELEASED.from_rows([{**row, "version": version, "split": s} for row, s in zip(rows, splits, strict=True)])
