"""Train, validation and test: by group, so that no patient, file or document stands on both sides.

Records that share a group or a document, directly or over other records, are one cluster. The split is read off a
hash of the cluster's least group id: it depends on no other cluster and on no order, so a record keeps its split
from release to release, unless the shares are changed or a new record ties its cluster to one with a lesser id.

Seeds shown as examples in prompts do not tie records together: a few seeds stand in many prompts, and nearly
everything would become one cluster. How many records have such a seed in another split is counted and printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow as pa

from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.evidence import Evidence


def split_of(group_id: str, validation_share: float, test_share: float) -> str:
    """Split of a group: its hash as a point in [0, 1), test from the left, then validation."""
    digest = hashlib.sha256(b"split:" + group_id.encode("utf-8", "surrogatepass")).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < test_share:
        return "test"
    return "validation" if point < test_share + validation_share else "train"


def assign_splits(records: pa.Table, evidence: Evidence, validation_share: float, test_share: float) -> list[str]:
    """One split per record, in their order. `records`: at least record_id, group_id, document_ids, passage_ids,
    citations."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parents.setdefault(node, node)
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    rows = records.select(["group_id", "document_ids", "passage_ids", "citations"]).to_pylist()
    for row in rows:
        nodes = [("group", g) for g in evidence.group_ids(row)]
        nodes += [("document", d) for d in evidence.document_ids(row)]
        first = root(nodes[0])
        for node in nodes[1:]:
            parents[root(node)] = first
    least: dict[tuple[str, str], str] = {}
    for kind, value in parents:
        if kind == "group":
            top = root((kind, value))
            least[top] = min(value, least.get(top, value))
    return [
        split_of(least[root(("group", row["group_id"]))], validation_share, test_share) for row in rows
    ]


def split_leaks(records: pa.Table) -> list[str]:
    """What stands in more than one split; empty where nothing does.

    Args:
        records: one row per record, with record_id, split, group_id and document_ids.
    """
    rows = records.select(["record_id", "split", "group_id", "document_ids"]).to_pylist()
    ties = {
        "record": ((row["record_id"], row["split"]) for row in rows),
        "group": ((row["group_id"], row["split"]) for row in rows),
        "document": ((document, row["split"]) for row in rows for document in row["document_ids"]),
    }
    return [leak for kind, pairs in ties.items() for leak in _in_several(kind, pairs)]


def _in_several(kind: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    where: dict[str, set[str]] = {}
    for value, split in pairs:
        where.setdefault(value, set()).add(split)
    return [
        f"{kind} {value} stands in {' and '.join(s for s in SPLITS if s in splits)}"
        for value, splits in sorted(where.items()) if len(splits) > 1
    ]


def seed_crossings(records: pa.Table, splits: list[str]) -> int:
    """How many records were written with an example seed that stands in another split of this release."""
    ids = records.column("record_id").to_pylist()
    where = dict(zip(ids, splits, strict=True))
    return sum(
        any(where.get(seed, split) != split for seed in seeds)
        for seeds, split in zip(records.column("seed_ids").to_pylist(), splits, strict=True)
    )
