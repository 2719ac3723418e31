"""Who judges what, in which order: a plan that is the same on every machine.

    calibration  the same few records for everybody, in the same order, before anything counts
    record       each record by so many reviewers, never by its author, in an order of each reviewer's own
    repeat       a few of a reviewer's records once more, unannounced and far from the first time
    pair         two outputs for the same instruction, by each of its reviewers in both orders, far apart

Belongs here: the plan. Does not belong here: which records are sampled (`sampling.py`) or where answers are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["calibration", "record", "repeat", "pair"]
LEAST_DISTANCE = 10
"""Records between the first time and the repeat, where the queue is long enough."""


@dataclass(frozen=True)
class Task:
    """One thing that one reviewer is asked.

    Args:
        reviewer: pseudonym.
        kind: see the module.
        item_id: record or pair.
        slot: which of the reviewers of this item, from 1; 0 for calibration and repeats.
        swapped: for a pair, whether the second output stands on the left.
    """

    reviewer: str
    kind: Kind
    item_id: str
    slot: int = 0
    swapped: bool = False


def share_out(
    authors: Mapping[str, str], reviewers: Sequence[str], per_item: int | Mapping[str, int], seed: int,
    taken: Mapping[str, Mapping[int, str]] | None = None,
) -> list[tuple[str, int, str]]:
    """(item, slot, reviewer) for every open place that somebody may fill; loads differ by one where authors allow it.

    Args:
        authors: item id -> pseudonym of its author, who never judges it.
        reviewers: who judges.
        per_item: places of each item, or of every item by its id.
        seed: decides ties.
        taken: item -> slot -> reviewer, for places that are filled and stay so.
    """
    taken = taken or {}
    load = dict.fromkeys(sorted(reviewers), 0)
    for places in taken.values():
        for reviewer in places.values():
            if reviewer in load:
                load[reviewer] += 1
    given = []
    for item in sorted(authors, key=lambda i: rank(seed, "share", i)):
        filled = dict(taken.get(item, {}))
        for slot in range(1, (per_item if isinstance(per_item, int) else per_item[item]) + 1):
            if slot in filled:
                continue
            free = [r for r in load if r != authors[item] and r not in filled.values()]
            if not free:
                break
            least = min(load[r] for r in free)
            tied = [r for r in free if load[r] == least]
            chosen = tied[0] if len(tied) == 1 else min(tied, key=lambda r: rank(seed, item, r))
            filled[slot] = chosen
            load[chosen] += 1
            given.append((item, slot, chosen))
    return given


def queue(
    reviewer: str, records: Mapping[str, int], seed: int, calibration: Sequence[str] = (), repeat_share: float = 0.0,
) -> list[Task]:
    """One reviewer's records in their own order, calibration first, repeats far behind their first time.

    Args:
        records: record id -> slot.
        calibration: records that everybody judges first.
        repeat_share: share of the records that come twice; none among fewer than two.
    """
    order = sorted(records, key=lambda r: rank(seed, reviewer, r))
    tasks = [Task(reviewer, "record", record, records[record]) for record in order]
    count = min(len(order) // 2, -(-int(repeat_share * 1000) * len(order) // 1000)) if repeat_share else 0
    early = order[: max(1, len(order) // 2)]
    chosen = sorted(early, key=lambda r: rank(seed, f"repeat {reviewer}", r))[:count]
    again = [Task(reviewer, "repeat", record) for record in chosen]
    return [Task(reviewer, "calibration", c) for c in calibration] + _apart(tasks, again)


def pair_queue(reviewer: str, pairs: Mapping[str, int], seed: int) -> list[Task]:
    """One reviewer's pairs, each twice: all once in an order of its own, then all again with the sides changed."""
    order = sorted(pairs, key=lambda p: rank(seed, reviewer, p))
    first = {p: int(rank(seed, f"side {reviewer}", p)[:8], 16) % 2 == 1 for p in order}
    return [Task(reviewer, "pair", p, pairs[p], swapped=first[p]) for p in order] + [
        Task(reviewer, "pair", p, pairs[p], swapped=not first[p]) for p in order]


def calibration_records(all_records: Iterable[str], sampled: Collection[str], count: int, seed: int) -> list[str]:
    """Records for the calibration round, none of them in the sample: talking about them then biases nothing."""
    return sorted(set(all_records) - set(sampled), key=lambda r: rank(seed, "calibration", r))[:count]


def rank(seed: int, purpose: str, item: str) -> str:
    """A place in a random order that depends on nothing but its arguments."""
    return hashlib.blake2b(f"{seed}:{purpose}:{item}".encode(), digest_size=16).hexdigest()


def _apart(tasks: list[Task], again: list[Task]) -> list[Task]:
    """`again` put into `tasks`, each at least `LEAST_DISTANCE` and a third of the queue behind its first time."""
    gap = max(LEAST_DISTANCE, len(tasks) // 3)
    due: dict[int, list[Task]] = {}
    at = {task.item_id: i for i, task in enumerate(tasks)}
    for repeat in again:
        due.setdefault(min(at[repeat.item_id] + gap, len(tasks) - 1), []).append(repeat)
    found: list[Task] = []
    for i, task in enumerate(tasks):
        found.append(task)
        found += due.get(i, [])
    return found
