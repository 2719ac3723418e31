"""Records on which two reviewers disagree, for the third opinion; and how reviewers agree with themselves.

In dispute: one finds a defect (rejects, or answers a gate question with no) and the other does not, their decisions
differ, or they propose different corrections: only one can replace the original. Belongs here: finding them. Does not
belong here: agreement coefficients (`evaluation/`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from itd_pipeline.review_store.database import Store
from itd_pipeline.review_store.people import people

_DISPUTED = """
WITH judged AS (
    SELECT item_id, json_extract(answer, '$.decision') AS decision,
           CASE json_extract(answer, '$.decision') WHEN 'correct' THEN trim(json_extract(answer, '$.correction'))
           END AS correction,
           json_extract(answer, '$.decision') = 'reject'
           OR EXISTS (SELECT 1 FROM json_each(answer) WHERE value = 'no' AND key NOT IN ('comment', 'correction'))
           AS defect
    FROM tasks WHERE kind = 'record' AND answer IS NOT NULL)
SELECT item_id FROM judged GROUP BY item_id
HAVING count(DISTINCT decision) > 1 OR count(DISTINCT defect) > 1 OR count(DISTINCT correction) > 1
"""
_ONE_DISPUTED = _DISPUTED.replace("answer IS NOT NULL)", "answer IS NOT NULL AND item_id = ?)")


def disputes(store: Store, adjudicator: str) -> list[str]:
    """Records in dispute that this person may decide: nobody's own, none that they have judged, undecided first come.
    """
    return [row["item_id"] for row in store.rows(
        f"SELECT d.item_id FROM ({_DISPUTED}) d JOIN items i USING (item_id) WHERE i.author != ?1 "
        "AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.item_id = d.item_id AND t.reviewer = ?1 "
        "AND t.answer IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM opinions o WHERE o.item_id = d.item_id) ORDER BY d.item_id", (adjudicator,))]


@dataclass(frozen=True)
class Waiting:
    """A record that waits for a third opinion.

    Args:
        item_id: the record.
        key: short name of the record, as its page shows it.
        since: when the answer came in that made it a dispute, ISO 8601.
        decisions: what the reviewers decided, in the order of their slots.
        turn: who may decide it; empty where nobody may.
    """

    item_id: str
    key: str
    since: str
    decisions: tuple[str, ...]
    turn: tuple[str, ...]


def waiting(store: Store) -> list[Waiting]:
    """Every record that waits for a third opinion, longest first."""
    adjudicators = [person.pseudonym for person in people(store) if person.active and person.may("adjudicator")]
    judged: dict[str, list[dict[str, Any]]] = {}
    for row in store.rows(
            "SELECT t.item_id, t.kind, t.reviewer, t.answered_at, json_extract(t.answer, '$.decision') AS decision, "
            f"i.author, json_extract(i.content, '$.key') AS key FROM ({_DISPUTED}) d JOIN tasks t USING (item_id) "
            "JOIN items i USING (item_id) WHERE t.answer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM opinions o "
            "WHERE o.item_id = d.item_id) ORDER BY t.item_id, t.slot"):
        judged.setdefault(row["item_id"], []).append(row)
    found = []
    for item_id, rows in judged.items():
        barred = {rows[0]["author"], *(row["reviewer"] for row in rows)}
        records = [row for row in rows if row["kind"] == "record"]
        found.append(Waiting(item_id, str(rows[0]["key"]), max(row["answered_at"] for row in records),
                             tuple(row["decision"] for row in records),
                             tuple(a for a in adjudicators if a not in barred)))
    return sorted(found, key=lambda w: (w.since, w.item_id))


def dispute(store: Store, item_id: str, adjudicator: str) -> dict[str, Any] | None:
    """A record in dispute with the answers given, unnamed and in the order of their slots; None where this person
    may not decide it."""
    item = store.row("SELECT * FROM items WHERE item_id = ? AND author != ?", (item_id, adjudicator))
    judged = store.rows("SELECT reviewer, answer FROM tasks WHERE item_id = ? AND kind = 'record' AND answer IS NOT "
                        "NULL ORDER BY slot", (item_id,))
    if item is None or len(judged) < 2 or any(row["reviewer"] == adjudicator for row in judged):
        return None
    opinion = store.row("SELECT * FROM opinions WHERE item_id = ?", (item_id,))
    if opinion is None and store.row(_ONE_DISPUTED, (item_id,)) is None:
        return None
    return {"item_id": item_id, "content": json.loads(item["content"]),
            "answers": [json.loads(row["answer"]) for row in judged],
            "opinion": json.loads(opinion["answer"]) if opinion else None,
            "adjudicator": opinion["adjudicator"] if opinion else None,
            "revision": opinion["revision"] if opinion else 0}


def self_agreement(store: Store) -> dict[str, tuple[int, int]]:
    """Reviewer -> (repeats with the same decision, repeats answered)."""
    found = store.rows(
        "SELECT a.reviewer, count(*) AS n, sum(json_extract(a.answer, '$.decision') = "
        "json_extract(b.answer, '$.decision')) AS same FROM tasks a JOIN tasks b ON a.reviewer = b.reviewer "
        "AND a.item_id = b.item_id WHERE a.kind = 'record' AND b.kind = 'repeat' AND a.answer IS NOT NULL "
        "AND b.answer IS NOT NULL GROUP BY 1 ORDER BY 1")
    return {row["reviewer"]: (int(row["same"]), int(row["n"])) for row in found}


def pair_results(store: Store) -> dict[str, int]:
    """How often each side won, with the sides put back, and how often a reviewer stayed with a choice when the sides
    were changed: keys `first`, `second`, `tie`, `judged_in_both_orders`, `same_in_both_orders`."""
    counts = dict.fromkeys(("first", "second", "tie", "judged_in_both_orders", "same_in_both_orders"), 0)
    given: dict[tuple[str, str], list[str]] = {}
    for row in store.rows("SELECT reviewer, item_id, swapped, answer FROM tasks WHERE kind = 'pair' "
                          "AND answer IS NOT NULL ORDER BY task_id"):
        choice = json.loads(row["answer"])["choice"]
        if choice != "tie":
            choice = "second" if (choice == "b") != bool(row["swapped"]) else "first"
        counts[choice] += 1
        given.setdefault((row["reviewer"], row["item_id"]), []).append(choice)
    both = [choices for choices in given.values() if len(choices) == 2]
    counts["judged_in_both_orders"] = len(both)
    counts["same_in_both_orders"] = sum(a == b for a, b in both)
    return counts
