"""Which records stand for all where measuring all would take too long, and a mean with its interval.

Belongs here: drawing and averaging. Does not belong here: what is measured.

The draw is by a hash of the record's id: the same records on every machine, and mostly the same in the next release.
Diversity depends on how many texts are looked at, so it is measured on disjoint draws of one size: their mean can be
compared between releases, and their spread gives an interval (Student's t).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa


def drawn(table: pa.Table, most: int) -> pa.Table:
    """At most so many rows, in the order of the hash of `record_id`."""
    ids = table.column("record_id").to_pylist()
    order = sorted(range(len(ids)), key=lambda place: hashlib.sha256(ids[place].encode()).digest())
    return table.take(pa.array(order[:most], pa.int64()))


def mean_of_draws(items: Sequence[Any], size: int, measure: Callable[[Sequence[Any]], float]) \
        -> tuple[float | None, str]:
    """Mean of `measure` over disjoint draws of `size` items, and a note with the 95 % interval.

    Returns:
        None with fewer than two draws.
    """
    draws = [items[start:start + size] for start in range(0, len(items) - size + 1, size)]
    if len(draws) < 2:
        return None, f"fewer than {2 * size} records: too few for two draws of {size}"
    from scipy.stats import t

    values = [measure(draw) for draw in draws]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
    reach = float(t.ppf(0.975, len(values) - 1)) * spread
    return round(mean, 6), f"95 % interval {mean - reach:.3f} to {mean + reach:.3f}"
