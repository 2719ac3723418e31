"""Which of a fixed set of 64-bit keys a value is, for many millions of values.

A table addressed by the top bits of the key, as sparse as memory allows: most values that are no key fall on an empty
slot and cost one read. Keys that fall on a taken slot stand in a second table, and so on. A binary search costs twenty
reads each.
"""

from __future__ import annotations

import numpy as np

from itd_pipeline.similarity.arrays import I32, I64, U64

_FACTOR = 0xC2B2AE3D27D4EB4F
_SPARSE = 8
_LEAST_BITS, _MOST_BITS = 10, 26


class Lookup:
    """Keys and their numbers, which are their places in `keys`.

    Args:
        keys: distinct.
    """

    def __init__(self, keys: U64) -> None:
        self._keys = keys
        self._levels: list[tuple[int, I32]] = []
        left = np.arange(len(keys))
        factor = _FACTOR
        while len(left):
            bits = int(np.clip(np.ceil(np.log2(len(left) * _SPARSE)), _LEAST_BITS, _MOST_BITS))
            slots = _slots(keys[left], factor, bits)
            table = np.full(1 << bits, -1, np.int32)
            table[slots[::-1]] = left[::-1]
            self._levels.append((factor, table))
            left = left[table[slots] != left]
            factor = factor * _FACTOR % (1 << 64)  # odd again: other bits decide

    def find(self, values: U64) -> tuple[I64, I64]:
        """(places in `values` that hold a key, ascending; numbers of those keys)."""
        places: I64 = np.zeros(0, np.int64)
        numbers: I64 = np.zeros(0, np.int64)
        asked, at = values, None
        for factor, table in self._levels:
            found = table[_slots(asked, factor, table.size.bit_length() - 1)]
            taken = np.flatnonzero(found >= 0)
            number = found[taken].astype(np.int64)
            right = self._keys[number] == asked[taken]
            where = taken if at is None else at[taken]
            places = np.concatenate([places, where[right]])
            numbers = np.concatenate([numbers, number[right]])
            at, asked = where[~right], asked[taken[~right]]
            if not len(at):
                break
        if len(self._levels) > 1:
            order = np.argsort(places, kind="stable")
            places, numbers = places[order], numbers[order]
        return places, numbers


def _slots(keys: U64, factor: int, bits: int) -> I64:
    return ((keys * np.uint64(factor)) >> np.uint64(64 - bits)).astype(np.int64)
