"""What earlier releases decided about splits. Values only; what follows from them stands in `splits.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Tie = tuple[str, str]
"""Kind (`group`, `document`, `near-duplicate`) and id of what ties records together."""


@dataclass(frozen=True)
class SplitHistory:
    """What earlier releases decided.

    Args:
        records: record id -> split.
        ties: group or document -> split.
    """

    records: Mapping[str, str] = field(default_factory=dict)
    ties: Mapping[Tie, str] = field(default_factory=dict)

    @staticmethod
    def of(rows: Iterable[tuple[str, str, str]]) -> SplitHistory:
        """From (kind, id, split), oldest first: the first word on each stands."""
        records: dict[str, str] = {}
        ties: dict[Tie, str] = {}
        for kind, value, split in rows:
            if kind == "record":
                records.setdefault(value, split)
            else:
                ties.setdefault((kind, value), split)
        return SplitHistory(records, ties)
