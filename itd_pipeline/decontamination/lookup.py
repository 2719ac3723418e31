"""Which of a fixed set of 64-bit keys a value is, for many millions of values.

A table addressed by the top bits of the key, as sparse as memory allows, with one bit for each slot in front of it that
stays in a core's cache: most values that are no key fall on an empty slot and cost one read of a bit. Keys that fall on
a taken slot stand in a second table, and so on; a slot says whether it turned keys away, so that nothing else is looked
for there. A binary search costs twenty reads each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from itd_pipeline.similarity.arrays import BOOL, I32, I64, U8, U64

_FACTOR = 0xC2B2AE3D27D4EB4F
_SPARSE = 8
_LEAST_BITS, _MOST_BITS = 10, 26
_CONTESTED = np.int32(1 << 30)


@dataclass(frozen=True)
class _Level:
    """One table.

    Args:
        factor: that makes slots of keys.
        bits: how many bits a slot has.
        taken: one bit for each slot.
        numbers: of the key in each taken slot, with a mark where the slot turned other keys away.
    """

    factor: int
    bits: int
    taken: U8
    numbers: I32


class Lookup:
    """Keys and their numbers, which are their places in `keys`.

    Args:
        keys: distinct, fewer than 2 ** 30.
    """

    def __init__(self, keys: U64) -> None:
        self._keys = keys
        self._levels: list[_Level] = []
        left = np.arange(len(keys))
        factor = _FACTOR
        while len(left):
            bits = int(np.clip(np.ceil(np.log2(len(left) * _SPARSE)), _LEAST_BITS, _MOST_BITS))
            slots = _slots(keys[left], factor, bits).astype(np.int64)
            numbers = np.zeros(1 << bits, np.int32)
            taken = np.zeros(1 << bits, bool)
            numbers[slots[::-1]] = left[::-1]
            taken[slots] = True
            turned_away = numbers[slots] != left
            left, slots = left[turned_away], slots[turned_away]
            numbers[slots] |= _CONTESTED
            self._levels.append(_Level(factor, bits, np.packbits(taken, bitorder="little"), numbers))
            factor = factor * _FACTOR % (1 << 64)  # odd again: other bits decide

    def find(self, values: U64) -> tuple[I64, I64]:
        """(places in `values` that hold a key, ascending; numbers of those keys)."""
        places, numbers = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        asked, at = values, None
        for level in self._levels:
            slots = _slots(asked, level.factor, level.bits)
            bit = level.taken[(slots >> np.uint64(3)).view(np.int64)]
            bit >>= slots.astype(np.uint8) & np.uint8(7)
            bit &= np.uint8(1)
            there = np.flatnonzero(bit.view(bool))
            held = level.numbers[slots[there].view(np.int64)]
            number = (held & ~_CONTESTED).astype(np.int64)
            asked = asked[there]
            where = there if at is None else at[there]
            right = self._keys[number] == asked
            places.append(where[right])
            numbers.append(number[right])
            further = ~right & (held >= _CONTESTED)
            at, asked = where[further], asked[further]
            if not len(at):
                break
        if len(places) == 2:
            return places[1], numbers[1]
        place, number = np.concatenate(places), np.concatenate(numbers)
        order = np.argsort(place, kind="stable")
        return place[order], number[order]


def _slots(keys: U64, factor: int, bits: int) -> U64:
    slots: U64 = (keys * np.uint64(factor)) >> np.uint64(64 - bits)
    return slots


def among(values: U64, keys: Lookup) -> BOOL:
    """Which of the values are keys."""
    found = np.zeros(len(values), bool)
    found[keys.find(values)[0]] = True
    return found
