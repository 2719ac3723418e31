"""Counting over Arrow columns, without a row ever leaving as text.

Belongs here: tallies and quantiles. Does not belong here: which columns matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def tally(table: pa.Table, column: str) -> dict[str, int]:
    """Value -> rows, sorted by value; null counts as `unspecified`."""
    counted = table.group_by(column).aggregate([([], "count_all")])
    found = {("unspecified" if v is None else str(v)): n
             for v, n in zip(counted[column].to_pylist(), counted["count_all"].to_pylist(), strict=True)}
    return dict(sorted(found.items()))


def tally_pairs(table: pa.Table, first: str, second: str) -> dict[tuple[str, str], int]:
    """(value, value) -> rows."""
    counted = table.group_by([first, second]).aggregate([([], "count_all")])
    return dict(sorted(zip(zip(counted[first].to_pylist(), counted[second].to_pylist(), strict=True),
                           counted["count_all"].to_pylist(), strict=True)))


def tally_items(table: pa.Table, column: str) -> dict[str, int]:
    """Item of a list column -> rows that hold it."""
    found: dict[str, int] = {}
    for items in table.column(column).to_pylist():
        for item in sorted(set(items or [])):
            found[item] = found.get(item, 0) + 1
    return dict(sorted(found.items()))


def true_count(mask: Any) -> int:
    """Rows where the mask is true; null counts as false."""
    return int(pc.sum(mask).as_py() or 0)


def quantiles(values: pa.ChunkedArray, at: Sequence[float]) -> list[float | None]:
    """Quantiles (linear interpolation), None where there are no values."""
    found: list[float | None] = pc.quantile(values, q=list(at)).to_pylist()
    return found


def words_in(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Words per text, parted by white space."""
    return pc.count_substring_regex(pc.fill_null(texts, ""), r"\S+")


def only(table: pa.Table, column: str, values: Any) -> pa.Table:
    """Rows whose column holds one of the values."""
    return table.filter(pc.is_in(table.column(column), pc.unique(values)))
