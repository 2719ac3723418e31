"""Every rule that a single signal allows, with the judged records that it hits.

Thresholds lie at the values that judged records have; which of them were rejected plays no part, or the rules would fit
the verdicts before they are tried. Of rules that hit the same judged records the plainest stays:
without a scope rather than with one, then in the order of the columns.

Belongs here: which rules can be tried. Does not belong here: which of them are worth suggesting (`suggesting.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from itd_pipeline.policy.rules import COLUMNS, SCOPE_COLUMN, TWINS, Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

REASON = "rejected_pattern"
_MOST_THRESHOLDS = 50
_NEVER = frozenset({"route", "task_type", "patient_data", "quality_rank", *TWINS})
"""Scopes, the order of twins, and twins: not what a record is like."""


@dataclass(frozen=True)
class Candidate:
    """A rule to try.

    Args:
        signal: the column that it reads.
        op: comparison.
        value: what is compared with; None where the comparison takes none.
        scope: key of a scope and its one value; empty for all records.
        hits: judged records that it hits.
    """

    signal: str
    op: str
    value: Any
    scope: tuple[str, str] | tuple[()]
    hits: Flags

    def rule(self, action: Literal["reject", "quarantine"], note: str) -> Rule:
        """The rule, with a name of its own."""
        within = "_".join(("", *self.scope)) if self.scope else ""
        value = "" if self.value is None else f"_{self.value[0] if isinstance(self.value, tuple) else self.value}"
        words = f"suggested_{self.signal}_{_WORDS[self.op]}{value}{within}".lower()
        name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
        return Rule(name=name, reason=REASON, signal=self.signal, polarity="reject_if", op=self.op, value=self.value,
                    action=action, note=note, scope={self.scope[0]: (self.scope[1],)} if self.scope else {})


_WORDS = {">=": "from", "<=": "to", "==": "is", "has_any": "has", "is_null": "missing", "not_null": "there"}


def candidate_rules(rows: pa.Table, left_out: Set[str] = frozenset()) -> list[Candidate]:
    """Rules to try, each with other hits.

    Args:
        rows: signals of the judged records.
        left_out: signals that are not to be read.
    """
    import numpy as np

    scopes: list[tuple[tuple[str, str] | tuple[()], Flags]] = [((), np.ones(rows.num_rows, bool))]
    for key, column in SCOPE_COLUMN.items():
        values = np.array(rows.column(column).to_pylist(), dtype=object)
        scopes += [((key, str(value)), values == value) for value in sorted(set(values))]
    comparisons = [(name, op, value, hits) for name, column in COLUMNS.items()
                   if name not in _NEVER and name not in left_out
                   for op, value, hits in _comparisons(rows.column(name), column.nullable, bool(column.vocabulary))]
    seen: set[bytes] = set()
    found = []
    for scope, inside in scopes:
        for signal, op, value, hits in comparisons:
            both = hits & inside
            if not both.any() or both.all() or (key_ := np.packbits(both).tobytes()) in seen:
                continue
            seen.add(key_)
            found.append(Candidate(signal, op, value, scope, both))
    return found


def _comparisons(column: pa.ChunkedArray, nullable: bool, vocabulary: bool) \
        -> Iterator[tuple[str, Any, Flags]]:
    import numpy as np

    given = column.to_pylist()
    missing = np.array([value is None for value in given], bool)
    if nullable and missing.any():
        yield "is_null", None, missing
        yield "not_null", None, ~missing
    kind = column.type
    known = [value for value in given if value is not None]
    if pa.types.is_list(kind):
        for part in sorted({part for value in known for part in value if isinstance(part, str)}):
            yield "has_any", (part,), np.array([value is not None and part in value for value in given], bool)
    elif pa.types.is_boolean(kind) or (pa.types.is_string(kind) and vocabulary):
        for value in sorted(set(known)):
            yield "==", value, np.array([held == value for held in given], bool)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        at = np.array([np.nan if value is None else value for value in given], float)
        steps = np.unique(at[~missing])
        if len(steps) > _MOST_THRESHOLDS:
            steps = np.unique(np.quantile(steps, np.linspace(0, 1, _MOST_THRESHOLDS), method="nearest"))
        whole = pa.types.is_integer(kind)
        for step in steps:
            yield ">=", _short(at[at < step].max(initial=-np.inf), step, whole), (at >= step)
            yield "<=", _short(at[at > step].min(initial=np.inf), step, whole), (at <= step)


def _short(neighbour: float, step: float, whole: bool) -> int | float:
    """The shortest number that parts a value from its neighbour as the value itself does, and lies close to it."""
    if whole:
        return int(step)
    for digits in range(1, 15):  # a short number far away would decide on values that nobody has judged
        value = round(float(step), digits)
        if (neighbour < value <= step) or (neighbour > value >= step):
            return value
    return float(step)
