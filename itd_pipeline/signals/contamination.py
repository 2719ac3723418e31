"""Contamination: which benchmark items stand in a record, whole, in part, in other words or in meaning.

Belongs here: the signal's columns. Does not belong here: how items are found (`decontamination`), or from which value
on a record is turned away (the policy). A record's values depend on that record and on the benchmarks
alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from itd_pipeline.decontamination.index import Index, build_index
from itd_pipeline.decontamination.items import BenchmarkItem
from itd_pipeline.decontamination.matching import CUT_WORDS, KINDS, Match, find_matches
from itd_pipeline.ports import canonical_json
from itd_pipeline.signals.benchmark_meaning import retold
from itd_pipeline.signals.egress import as_parameter
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.tables.signals import MATCH_FIELDS, MATCHES

COLUMNS = ("contamination_share", "contamination_words", "contamination_paraphrase", "contamination_cosine",
           "contamination_item", "contamination_matches")


def measured(records: Records) -> Columns:
    """Columns of this file for each record; null where the study names no benchmark."""
    if not records.study.benchmarks:
        nothing = [None] * len(records)
        return {**dict.fromkeys(COLUMNS[:-1], nothing), "contamination_matches": [[]] * len(records)}
    workers = records.study.signals.workers or os.cpu_count() or 1
    index, embedder = _index(records.study.benchmarks), records.study.benchmark_embedder
    found = find_matches(records.table, index, workers)
    held: list[list[Match]] = [[] for _ in range(len(records))]
    for match in found.matches:
        held[match.row].append(match)
    cosines: list[float | None] = [None] * len(records)
    if embedder is not None:
        cosines, retold_ones = retold(records, index, embedder)
        for match in retold_ones:
            held[match.row].append(match)
        held = [sorted(of, key=lambda match: match.order) for of in held]
    return {
        "contamination_share": found.share.tolist(),
        "contamination_words": [max([0, *(m.words for m in of if m.kind in ("exact", "cut") and m.words >= CUT_WORDS)])
                                for of in held],
        "contamination_paraphrase": [max([0.0, *(m.evidence for m in of)]) for of in held],
        "contamination_cosine": cosines,
        "contamination_item": [f"{of[0].item.benchmark}:{of[0].item.item_id}" if of else None for of in held],
        "contamination_matches": [[_as_row(match) for match in of] for of in held],
    }


def matches_table(rows: pa.Table) -> pa.Table:
    """The side table of all matches, from the finished table of signals."""
    listed = rows.column("contamination_matches").combine_chunks()
    ids = rows.column("record_id").take(listed.value_parent_indices())
    fields = listed.flatten()
    arrays = {"record_id": ids, **{name: fields.field(name) for name in MATCH_FIELDS}}
    return MATCHES.conform(pa.table(arrays))


@lru_cache(maxsize=1)
def _index(items: tuple[BenchmarkItem, ...]) -> Index:
    return build_index(items)


def _as_row(match: Match) -> Mapping[str, Any]:
    return {"benchmark": match.item.benchmark, "item": match.item.item_id, "part": match.part, "field": match.field,
            "kind": match.kind, "share": match.share, "words": match.words, "start": match.start, "end": match.end}


def _parameters(study: Study) -> Mapping[str, Any]:
    digest = hashlib.sha256()
    for item in study.benchmarks:
        line = canonical_json([item.benchmark, item.item_id, item.prompt, item.options, item.answer, item.more])
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    embedder = study.benchmark_embedder if study.benchmarks else None
    asked = {} if embedder is None else {"embedder": embedder.name, "uses": as_parameter(study.uses)}
    return {"benchmarks": digest.hexdigest(), **asked}


def _facts(study: Study, rows: pa.Table) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"benchmark_items": len(study.benchmarks)}
    if study.benchmarks:
        facts["benchmark_texts_left_out"] = _index(study.benchmarks).too_short
        kinds: Sequence[str] = rows.column("contamination_matches").combine_chunks().flatten().field("kind").to_pylist()
        facts["benchmark_matches"] = {kind: kinds.count(kind) for kind in KINDS}
    return facts


SIGNAL = Signal(
    name="contamination", version=3, columns=COLUMNS, compute=measured, workers=False, parameters=_parameters,
    libraries=("numpy", "pyarrow"), facts=_facts,
)
