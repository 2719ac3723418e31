"""Answers, drafts and undo: one decision each, on disk before the next record shows, nothing overwritten unseen.

Each stored answer has a revision. Whoever sends one names the revision that their page showed. The same answer sent
twice counts once; another answer to an older revision is refused (`Conflict`). Every version stays in the history.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from itd_pipeline.ports import canonical_json
from itd_pipeline.review_store.database import Conflict, Store, note, now

_LONGEST_S = 4 * 3600.0


def save_answer(store: Store, reviewer: str, task_id: int, revision: int, answer: Mapping[str, str], seconds: float,
                rubric_version: str) -> None:
    """Keep the answer to a task.

    Args:
        revision: of the task as the page showed it; 0 for one without an answer.
        answer: checked values.
        seconds: from page shown to answer sent.

    Raises:
        Conflict: the task is not this reviewer's, is gone, or holds another answer already.
    """
    content = canonical_json(dict(answer))
    with store.writing() as connection:
        row = connection.execute("SELECT * FROM tasks WHERE task_id = ? AND reviewer = ?",
                                 (task_id, reviewer)).fetchone()
        if row is None:
            raise Conflict("This record is no longer on your list.")
        if _already(row["revision"], revision, row["answer"], content):
            return
        connection.execute(
            "UPDATE tasks SET answer = ?, revision = revision + 1, answered_at = ?, seconds = ?, rubric_version = ? "
            "WHERE task_id = ?", (content, now(), min(max(seconds, 0.0), _LONGEST_S), rubric_version, task_id))
        connection.execute("DELETE FROM drafts WHERE who = ? AND about = ?", (reviewer, f"task {task_id}"))
        note(connection, reviewer, "answered", f"task {task_id}", content)


def last_event(store: Store) -> int:
    """A number that grows with everything that anybody does; 0 before."""
    row = store.row("SELECT max(event_id) AS n FROM events")
    return int(row["n"] or 0) if row else 0


def _already(stored: int, shown: int, held: str | None, content: str) -> bool:
    """Whether this very answer is stored. Raises Conflict where another one is."""
    if stored == shown:
        return held == content
    if held == content:
        return True
    if held is None:
        raise Conflict("Your answer to this record was taken back in another tab or window. Look at it and save again.")
    raise Conflict("This record has been answered in another tab or window. What is stored has not been changed.")


def undo(store: Store, reviewer: str, position: int | None = None) -> int | None:
    """Take the latest answer back: it becomes a draft of its task. Returns the position of that task, or None.

    Args:
        position: of the answer that the page offered to take back: sent twice, it takes back one answer and no more.
    """
    with store.writing() as connection:
        row = connection.execute(
            "SELECT task_id, position, answer FROM tasks WHERE reviewer = ? AND answer IS NOT NULL "
            "ORDER BY answered_at DESC, position DESC LIMIT 1", (reviewer,)).fetchone()
        if position is not None and (row is None or row["position"] != position):
            return position
        if row is None:
            return None
        connection.execute("UPDATE tasks SET answer = NULL, answered_at = NULL, revision = revision + 1 "
                           "WHERE task_id = ?", (row["task_id"],))
        put_draft(connection, reviewer, f"task {row['task_id']}", row["answer"])
        note(connection, reviewer, "undone", f"task {row['task_id']}", row["answer"])
        return int(row["position"])


def save_draft(store: Store, who: str, about: str, content: Mapping[str, str]) -> None:
    """Keep what has been typed so far. A draft is no answer and counts nowhere."""
    with store.writing() as connection:
        put_draft(connection, who, about, canonical_json(dict(content)))


def draft_of_task(store: Store, reviewer: str, task_id: int, revision: int, content: Mapping[str, str]) -> bool:
    """Keep what has been typed about a task, unless it was answered meanwhile: a draft that is late on its way must
    not stand in front of the answer. Returns whether it was kept."""
    with store.writing() as connection:
        same = connection.execute("SELECT 1 FROM tasks WHERE task_id = ? AND reviewer = ? AND revision = ?",
                                  (task_id, reviewer, revision)).fetchone()
        if same:
            put_draft(connection, reviewer, f"task {task_id}", canonical_json(dict(content)))
        return same is not None


def draft_of_dispute(store: Store, adjudicator: str, item_id: str, revision: int, content: Mapping[str, str]) -> bool:
    """The same for a third opinion."""
    with store.writing() as connection:
        row = connection.execute("SELECT revision FROM opinions WHERE item_id = ?", (item_id,)).fetchone()
        same = revision == (row["revision"] if row else 0)
        if same:
            put_draft(connection, adjudicator, f"dispute {item_id}", canonical_json(dict(content)))
        return same


def draft(store: Store, who: str, about: str) -> dict[str, str]:
    """What has been typed so far; empty where nothing is kept."""
    row = store.row("SELECT content FROM drafts WHERE who = ? AND about = ?", (who, about))
    return dict(json.loads(row["content"])) if row else {}


def drop_draft(store: Store, who: str, about: str) -> None:
    """Forget what has been typed, once it is kept elsewhere."""
    with store.writing() as connection:
        connection.execute("DELETE FROM drafts WHERE who = ? AND about = ?", (who, about))


def put_draft(connection: sqlite3.Connection, who: str, about: str, content: str) -> None:
    """Keep a draft within a transaction that is open."""
    connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (who, about, content, now()))


def save_opinion(store: Store, adjudicator: str, item_id: str, revision: int, answer: Mapping[str, str],
                 rubric_version: str) -> None:
    """Keep the third opinion on a record, which decides.

    Raises:
        Conflict: somebody else has decided, or it was decided in another tab.
    """
    content = canonical_json(dict(answer))
    with store.writing() as connection:
        row: Any = connection.execute("SELECT * FROM opinions WHERE item_id = ?", (item_id,)).fetchone()
        if row is not None and row["adjudicator"] != adjudicator:
            raise Conflict("Somebody else has decided this record meanwhile. Their decision stands.")
        if row is not None and _already(row["revision"], revision, row["answer"], content):
            return
        if row is None and revision:
            raise Conflict("This record is no longer in dispute.")
        connection.execute("INSERT OR REPLACE INTO opinions VALUES (?, ?, ?, ?, ?, ?)",
                           (item_id, adjudicator, revision + 1, content, now(), rubric_version))
        connection.execute("DELETE FROM drafts WHERE who = ? AND about = ?", (adjudicator, f"dispute {item_id}"))
        note(connection, adjudicator, "decided", f"dispute {item_id}", content)
