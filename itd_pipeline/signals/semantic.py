"""Semantic duplicates: records that say the same in other words.

By vectors of instruction and output together (Abbas et al. 2023, arXiv:2303.09540), inside one specialty and task.
Told is the greatest cosine with a record of better quality rank, so that a rule on it never drops the best of a group.
Without an embedding model the signal is null; so it is of records that the model may not see (`egress`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from itd_pipeline.signals.egress import as_parameter
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.vectors import nearest_before


def duplicates(records: Records) -> Columns:
    """Nearest better record in meaning, among all records."""
    embedder = records.study.embedder
    count = len(records)
    if embedder is None or not count:
        return {"semantic_cosine": [None] * count, "semantic_nearest": [None] * count}
    order = np.argsort(np.array(records.measured("quality_rank")))
    shown = np.array(records.shown_to(embedder))
    order = order[shown[order]]
    if not len(order):
        return {"semantic_cosine": [None] * count, "semantic_nearest": [None] * count}
    names = list(zip(records.column("specialty"), records.column("task_type"), strict=True))
    number = {name: i for i, name in enumerate(sorted(set(names)))}
    groups = np.array([number[name] for name in names], np.int64)
    best, which = nearest_before(embedder.embed([text_of(records, i) for i in order.tolist()]), groups[order])
    ids = records.column("record_id")
    cosines: list[float | None] = [0.0 if seen else None for seen in shown.tolist()]
    nearest: list[str | None] = [None] * count
    for place, row in enumerate(order.tolist()):
        cosines[row] = float(best[place])
        nearest[row] = None if which[place] < 0 else ids[order[which[place]]]
    return {"semantic_cosine": cosines, "semantic_nearest": nearest}


def text_of(records: Records, row: int) -> str:
    return f"{records.column('instruction')[row]}\n{records.column('output')[row]}"


def embedder_name(study: Study) -> Mapping[str, Any]:
    if study.embedder is None:
        return {"embedder": None}
    return {"embedder": study.embedder.name, "uses": as_parameter(study.uses)}


SIGNAL = Signal(
    name="semantic_duplicates", version=1, columns=("semantic_cosine", "semantic_nearest"), compute=duplicates,
    each=False, needs=("quality_rank",), parameters=embedder_name, libraries=("numpy",),
)
