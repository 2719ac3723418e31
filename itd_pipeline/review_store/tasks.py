"""What each reviewer is asked, in which order, and how far they are.

Belongs here: keeping the plan of `review.tasks` and reading from it. Does not belong here: making it up.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.ports import canonical_json
from itd_pipeline.review import tasks as planning
from itd_pipeline.review_store.database import Store, note
from itd_pipeline.review_store.people import people

_RECENT = 25
_FIRST_GUESS_S = 120.0
_PAUSE_S = 900.0
_LAST_POSITION = 2**31


@dataclass(frozen=True)
class Item:
    """What is judged: a record, or a pair of them, as its page shows it."""

    item_id: str
    kind: str
    author: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Progress:
    """How far a reviewer is; `seconds_left` from the median of their last answers."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Plan:
    """How tasks are given out; see `review.tasks`.

    Args:
        per_item: reviewers of each item.
        per_record: record id -> reviewers, where they are not `per_item`.
    """

    per_item: int = 2
    seed: int = 7
    repeat_share: float = 0.05
    calibration: tuple[str, ...] = ()
    per_record: Mapping[str, int] = field(default_factory=dict)


def keep_items(store: Store, items: Iterable[Item]) -> None:
    """Add what is judged. An item that is there stays as people have seen it."""
    rows = [(i.item_id, i.kind, i.author, canonical_json(i.content)) for i in items]
    with store.writing() as connection:
        connection.executemany("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)", rows)


def give_out(store: Store, records: Sequence[str], pairs: Sequence[str], plan: Plan) -> int:
    """Give every open place of these items to a reviewer; returns how many tasks are new.

    Answered tasks stay, and so do open ones of people who still review; those of others are given to somebody else.
    Tasks of items that are no longer asked are withdrawn unless answered. May be called at any time.
    """
    reviewers = [p.pseudonym for p in people(store) if p.active and p.may("reviewer")]
    with store.writing() as connection:
        marks = ",".join("?" * len(reviewers))
        connection.execute(f"DELETE FROM tasks WHERE answer IS NULL AND reviewer NOT IN ({marks})", reviewers)
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (item_id TEXT PRIMARY KEY)")
        connection.execute("DELETE FROM wanted")
        connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)",
                               [(i,) for i in (*records, *pairs, *plan.calibration)])
        connection.execute("DELETE FROM tasks WHERE answer IS NULL AND item_id NOT IN (SELECT item_id FROM wanted)")
        held = [dict(row) for row in connection.execute(
            "SELECT reviewer, kind, item_id, slot, position FROM tasks")]
        authors = {row["item_id"]: row["author"] for row in connection.execute(
            "SELECT item_id, author FROM items WHERE item_id IN (SELECT item_id FROM wanted)")}
        last: dict[str, int] = {}
        seen: dict[str, set[str]] = {}
        for row in held:
            last[row["reviewer"]] = max(last.get(row["reviewer"], 0), row["position"])
            seen.setdefault(row["reviewer"], set()).add(f"{row['kind']} {row['item_id']}")
        fresh: list[tuple[Any, ...]] = []
        queues = _queues(reviewers, [r for r in records if r in authors], [p for p in pairs if p in authors],
                         authors, held, plan)
        for reviewer in reviewers:
            position = last.get(reviewer, 0)
            for task in queues[reviewer]:
                if f"{task.kind} {task.item_id}" in seen.get(reviewer, ()):
                    continue
                position += 1
                fresh.append((reviewer, position, task.kind, task.item_id, task.slot, task.swapped))
        connection.executemany("INSERT INTO tasks (reviewer, position, kind, item_id, slot, swapped) "
                               "VALUES (?, ?, ?, ?, ?, ?)", fresh)
        if fresh:
            note(connection, "program", "tasks given out", str(len(fresh)))
    return len(fresh)


def _queues(reviewers: Sequence[str], records: Sequence[str], pairs: Sequence[str], authors: Mapping[str, str],
            held: Sequence[Mapping[str, Any]], plan: Plan) -> dict[str, list[planning.Task]]:
    found: dict[str, list[planning.Task]] = {r: [] for r in reviewers}
    for kind, items in (("record", records), ("pair", pairs)):
        taken: dict[str, dict[int, str]] = {}
        for row in held:
            if row["kind"] == kind:
                taken.setdefault(row["item_id"], {})[row["slot"]] = row["reviewer"]
        places = {item: plan.per_record.get(item, plan.per_item) for item in items}
        given = planning.share_out({i: authors[i] for i in items}, reviewers, places, plan.seed, taken)
        new: dict[str, dict[str, int]] = {}
        for item, slot, reviewer in given:
            new.setdefault(reviewer, {})[item] = slot
        for reviewer in reviewers:
            mine = new.get(reviewer, {})
            if kind == "pair":
                found[reviewer] += planning.pair_queue(reviewer, mine, plan.seed)
            else:
                asked = [c for c in plan.calibration if authors.get(c) not in (None, reviewer)]
                found[reviewer] += planning.queue(reviewer, mine, plan.seed, asked, plan.repeat_share)
    return found


def next_position(store: Store, reviewer: str) -> int | None:
    """Position of the first open task."""
    row = store.row("SELECT min(position) AS p FROM tasks WHERE reviewer = ? AND answer IS NULL", (reviewer,))
    return int(row["p"]) if row and row["p"] is not None else None


def task_at(store: Store, reviewer: str, position: int) -> dict[str, Any] | None:
    """A task with the content of its item, and the draft or answer that is there."""
    if position > _LAST_POSITION:
        return None
    row = store.row(
        "SELECT t.*, i.content, i.kind AS item_kind, d.content AS draft FROM tasks t JOIN items i USING (item_id) "
        "LEFT JOIN drafts d ON d.who = t.reviewer AND d.about = 'task ' || t.task_id "
        "WHERE t.reviewer = ? AND t.position = ?", (reviewer, position))
    if row is None:
        return None
    for name in ("content", "answer", "draft"):
        row[name] = json.loads(row[name]) if row[name] else None
    return row


def progress(store: Store, reviewer: str) -> Progress:
    """How far a reviewer is, and how long the rest may take."""
    row = store.row("SELECT count(*) AS total, count(answer) AS done FROM tasks WHERE reviewer = ?", (reviewer,)) or {}
    recent = [r["seconds"] for r in store.rows(
        "SELECT seconds FROM tasks WHERE reviewer = ? AND answer IS NOT NULL ORDER BY answered_at DESC LIMIT ?",
        (reviewer, _RECENT)) if r["seconds"]]
    each = statistics.median(min(s, _PAUSE_S) for s in recent) if recent else _FIRST_GUESS_S
    return Progress(row["done"], row["total"], each * (row["total"] - row["done"]))


def answered(store: Store, reviewer: str) -> list[dict[str, Any]]:
    """A reviewer's own answers, latest first, without a word on which of them are repeats."""
    found = store.rows("SELECT position, kind = 'pair' AS is_pair, answer, answered_at FROM tasks "
                       "WHERE reviewer = ? AND answer IS NOT NULL ORDER BY answered_at DESC, position DESC",
                       (reviewer,))
    return [{**row, "answer": json.loads(row["answer"])} for row in found]
