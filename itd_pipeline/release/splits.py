"""Train, validation and test: by group, so that no patient, file, document or near-duplicate stands on both sides.

Records that share a group, a document or a cluster of near-duplicates are tied. The order of the rules:

1. What an earlier release decided stays: a record that was in it keeps its split, and a group or document that was in
   it gives its split to its new records.
2. Where a new tie joins what earlier releases have parted (two clusters merge, a document turns out to be one
   patient's), nothing moves. The held-out side keeps its records, and the others that are tied to it are turned away:
   `split_conflict`. A new record that would tie two splits is turned away itself: `ties_two_splits`.
3. All other records are new. Tied ones stay together, over any number of ties. These clusters are drawn within strata
   (route, task, specialty) in the order of a hash of their least group id, so that every stratum and the whole come as
   close to the wanted shares as whole clusters allow.

Test goes before validation, validation before train: a held-out set stays comparable, and training loses the rows.

Seeds shown as examples in prompts do not tie records together: a few seeds stand in many prompts, and nearly
everything would become one cluster. How many records have such a seed in another split is counted and printed.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.history import SplitHistory, Tie

HELD_OUT_FIRST = ("test", "validation", "train")
_STRATUM = ("route", "task_type", "specialty")


@dataclass(frozen=True)
class Assigned:
    """Split of each record, in their order; None where it was turned away, with reason and detail by its place."""

    splits: list[str | None]
    turned_away: Mapping[int, tuple[str, str]]


def assign_splits(
    records: pa.Table, evidence: Evidence, validation_share: float, test_share: float,
    history: SplitHistory | None = None, clusters: Sequence[str | None] | None = None,
) -> Assigned:
    """A split for each record.

    Args:
        records: at least record_id, group_id, document_ids, passage_ids, citations; sorted by record_id. Used where
            present: route, task_type, specialty.
        history: what earlier releases decided.
        clusters: near-duplicate cluster of each record, None where it has no twin.
    """
    history = history or SplitHistory()
    ties = _ties(records, evidence, clusters or [None] * records.num_rows)
    ids = records.column("record_id").to_pylist()
    old = {i: history.records[r] for i, r in enumerate(ids) if r in history.records}
    owner = _owners(ties, old, history)
    splits: list[str | None] = [None] * len(ids)
    turned: dict[int, tuple[str, str]] = {}
    for i, split in old.items():
        lost = [tie for tie in ties[i] if owner[tie] != split]
        if lost:
            turned[i] = ("split_conflict", f"was {split}; now tied by {_told(lost)} to {owner[lost[0]]}")
        else:
            splits[i] = split
    _follow(ties, owner, splits, turned)
    _draw(records, ties, splits, turned, {"test": test_share, "validation": validation_share})
    return Assigned(splits, turned)


def _ties(records: pa.Table, evidence: Evidence, clusters: Sequence[str | None]) -> list[list[Tie]]:
    rows = records.select(["group_id", "document_ids", "passage_ids", "citations"]).to_pylist()
    return [
        list(dict.fromkeys([
            *(("group", g) for g in evidence.group_ids(row)), *(("document", d) for d in evidence.document_ids(row)),
            *((("near-duplicate", cluster),) if cluster else ())]))
        for row, cluster in zip(rows, clusters, strict=True)
    ]


def _owners(ties: list[list[Tie]], old: Mapping[int, str], history: SplitHistory) -> dict[Tie, str]:
    """Split that a tie belongs to: the most held-out one that earlier releases gave to anything under it."""
    claims: dict[Tie, set[str]] = {}
    for i, of_row in enumerate(ties):
        for tie in of_row:
            if i in old:
                claims.setdefault(tie, set()).add(old[i])
            if tie in history.ties:
                claims.setdefault(tie, set()).add(history.ties[tie])
    return {tie: next(s for s in HELD_OUT_FIRST if s in claimed) for tie, claimed in claims.items()}


def _follow(
    ties: list[list[Tie]], owner: dict[Tie, str], splits: list[str | None], turned: dict[int, tuple[str, str]]
) -> None:
    """Records that are tied to a decided split follow it, and bring their other ties along."""
    under: dict[Tie, list[int]] = {}
    for i, of_row in enumerate(ties):
        for tie in of_row:
            under.setdefault(tie, []).append(i)
    waiting = deque(i for i, of_row in enumerate(ties) if any(tie in owner for tie in of_row))
    while waiting:
        i = waiting.popleft()
        if splits[i] is not None or i in turned:
            continue
        found = {owner[tie] for tie in ties[i] if tie in owner}
        if len(found) > 1:
            turned[i] = ("ties_two_splits", f"ties {' and '.join(s for s in SPLITS if s in found)}")
            continue
        splits[i] = found.pop()
        for tie in ties[i]:
            if tie not in owner:
                owner[tie] = splits[i] or ""
                waiting.extend(under[tie])


def _draw(
    records: pa.Table, ties: list[list[Tie]], splits: list[str | None], turned: Mapping[int, tuple[str, str]],
    shares: Mapping[str, float],
) -> None:
    """Split whole new clusters, stratum by stratum; what a stratum leaves over or takes too much passes to the next."""
    strata = _strata(records)
    before: dict[tuple[str, ...], Counter[str]] = {}
    for i, split in enumerate(splits):
        if split is not None:
            before.setdefault(strata[i], Counter())[split] += 1
    new: dict[tuple[str, ...], list[tuple[float, str, list[int]]]] = {}
    for members in _clusters(ties, [i for i, s in enumerate(splits) if s is None and i not in turned]):
        most = Counter(strata[i] for i in members)
        stratum = min(most, key=lambda s: (-most[s], s))
        least = min(value for i in members for kind, value in ties[i] if kind == "group")
        new.setdefault(stratum, []).append((point_of(least), least, members))
    seen = 0
    has = dict.fromkeys(shares, 0)
    for stratum in sorted({*before, *new}):
        held = before.get(stratum, Counter())
        seen += held.total()
        for split in has:
            has[split] += held[split]
        for _, _, members in sorted(new.get(stratum, [])):
            size = len(members)
            seen += size
            chosen = next((s for s in HELD_OUT_FIRST[:2] if 2 * (shares[s] * seen - has[s]) >= size), "train")
            if chosen != "train":
                has[chosen] += size
            for i in members:
                splits[i] = chosen


def _strata(records: pa.Table) -> list[tuple[str, ...]]:
    names = [name for name in _STRATUM if name in records.column_names]
    return [tuple(str(row[name]) for name in names) for row in records.select(names).to_pylist()] if names else [
        ()] * records.num_rows


def _clusters(ties: list[list[Tie]], rows: Sequence[int]) -> list[list[int]]:
    """Rows that are tied, directly or over others."""
    parents: dict[Tie, Tie] = {}

    def root(node: Tie) -> Tie:
        parents.setdefault(node, node)
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for i in rows:
        first = root(ties[i][0])
        for tie in ties[i][1:]:
            parents[root(tie)] = first
    found: dict[Tie, list[int]] = {}
    for i in rows:
        found.setdefault(root(ties[i][0]), []).append(i)
    return list(found.values())


def point_of(group_id: str) -> float:
    """A group's place in [0, 1): from its hash, so that it depends on nothing else."""
    digest = hashlib.sha256(b"split:" + group_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split_leaks(records: pa.Table) -> list[str]:
    """What stands in more than one split; empty where nothing does.

    Args:
        records: one row per record, with record_id, split, group_id and document_ids. Used where present:
            near_duplicate_cluster.
    """
    near = "near_duplicate_cluster"
    there = [near] if near in records.column_names else []
    rows = records.select(["record_id", "split", "group_id", "document_ids", *there]).to_pylist()
    ties = {
        "record": ((row["record_id"], row["split"]) for row in rows),
        "group": ((row["group_id"], row["split"]) for row in rows),
        "document": ((document, row["split"]) for row in rows for document in row["document_ids"]),
        "near-duplicate cluster": ((row[near], row["split"]) for row in rows if there and row[near]),
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


def _told(ties: Sequence[Tie]) -> str:
    """Kinds of ties, without ids: those of patients' groups are no business of a reject's detail."""
    return ", ".join(sorted({kind for kind, _ in ties}))


def seed_crossings(records: pa.Table, splits: Sequence[str], corrected: Mapping[str, str] | None = None) -> int:
    """How many records were written with an example seed that stands in another split of this release.

    Args:
        corrected: id of an original -> id of the corrected record that stands in its place.
    """
    ids = records.column("record_id").to_pylist()
    where = dict(zip(ids, splits, strict=True))
    where |= {old: where[new] for old, new in (corrected or {}).items() if new in where}
    return sum(
        any(where.get(seed, split) != split for seed in seeds)
        for seeds, split in zip(records.column("seed_ids").to_pylist(), splits, strict=True)
    )
