"""Pairs of outputs that answer the same thing, for judging side by side.

Belongs here: which records make a pair. Does not belong here: who judges it in which order (`tasks.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from itd_pipeline.ports import canonical_json, content_id


def find_pairs(records: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Pair id -> (record id, record id) of records with the same instruction, input and options but another output.

    Of several outputs for one thing, each is compared with the next in order of id: enough to order them all.
    """
    same: dict[str, dict[str, str]] = {}
    for record in records:
        key = canonical_json([record["instruction"], record["input"], list(record["options"] or [])])
        same.setdefault(key, {}).setdefault(record["output"], record["record_id"])
    found: dict[str, tuple[str, str]] = {}
    for outputs in same.values():
        ids = sorted(outputs.values())
        found |= {content_id("pair", a, b): (a, b) for a, b in itertools.pairwise(ids)}
    return dict(sorted(found.items()))
