"""From several ratings of a record to one verdict.

A rating finds a defect if any gate question is answered no or the decision is reject. Two rules turn ratings into
a verdict: `any` (one rating with a defect is enough) is the default, because the harm of a wrong medical answer
outweighs the loss of a record, and because it makes the defect bound a cautious one; `majority` asks for at least
half of the ratings, a tie counting against the record.

A defect that its finder mends does not condemn a record: with the decision `correct` the record as it stood counts as
defective, and the record as it should read may be released in its place.

Belongs here: verdicts per record. Does not belong here: rates over records (`defects.py`), or which words a correction
has (`corrections.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

Rule = Literal["any", "majority"]


def ratings_by_record(ratings: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Record id -> its ratings with `gate` and `axes` parsed, sorted by reviewer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(ratings.to_pylist(), key=lambda r: (r["record_id"], r["reviewer"], r["assignment_id"])):
        row = {**row, "gate": json.loads(row["gate"]), "axes": json.loads(row["axes"])}
        found.setdefault(row["record_id"], []).append(row)
    return found


def has_defect(rating: Mapping[str, Any]) -> bool:
    """Whether one rating (gates parsed) finds a defect."""
    return rating["decision"] == "reject" or "no" in rating["gate"].values()


def is_defective(ratings: Sequence[Mapping[str, Any]], rule: Rule = "any") -> bool:
    """Whether a record is defective by its ratings (at least one)."""
    found = sum(map(has_defect, ratings))
    return found > 0 if rule == "any" else 2 * found >= len(ratings)


def condemns(rating: Mapping[str, Any]) -> bool:
    """Whether one rating (gates parsed) finds a defect and does not mend it."""
    return has_defect(rating) and rating["decision"] != "correct"


def status_of(ratings: Sequence[Mapping[str, Any]], rule: Rule = "any") -> str:
    """`rejected` if the ratings of a record (gates parsed, at least one) condemn it by the rule, else `corrected` if
    any asks for a correction, else `accepted`."""
    found = sum(map(condemns, ratings))
    if found > 0 if rule == "any" else 2 * found >= len(ratings):
        return "rejected"
    return "corrected" if any(rating["decision"] == "correct" for rating in ratings) else "accepted"


def adjudicate(ratings: pa.Table, rule: Rule = "any") -> dict[str, str]:
    """Record id -> `review_status`, see `status_of`. Records nobody has rated are not in it."""
    return {record_id: status_of(rows, rule) for record_id, rows in ratings_by_record(ratings).items()}


def in_dispute(ratings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the ratings of one record differ in decision or in whether there is a defect."""
    return len({(r["decision"], has_defect(r)) for r in ratings}) > 1


def defect_found(ratings: Sequence[Mapping[str, Any]], rule: Rule, opinion: Mapping[str, Any] | None) -> bool:
    """Whether a record is defective once it is adjudicated: by the third opinion where there is one, else by its
    ratings.

    Args:
        ratings: of the record, at least one, gates parsed.
        rule: for ratings that nobody adjudicated.
        opinion: the third opinion: `status` (accepted, corrected, rejected) and, where the gate questions were
            answered, `gate`.
    """
    if opinion is None:
        return is_defective(ratings, rule)
    return opinion["status"] == "rejected" or "no" in opinion.get("gate", {}).values()
