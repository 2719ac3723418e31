"""Names and small steps of numpy that the comparisons share."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
F64 = npt.NDArray[np.float64]
U32 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint8]
BOOL = npt.NDArray[np.bool_]

Integers = TypeVar("Integers", I64, U64)


def mixed(value: U64) -> U64:
    """A bijection of 64-bit numbers that spreads every bit (the finaliser of SplitMix64, Steele et al. 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def spread(starts: I64, lengths: I64) -> I64:
    """Positions start, start + 1 ... of every row, as many as its length, one row after the other."""
    if not len(lengths):
        return np.zeros(0, np.int64)
    ends = np.cumsum(lengths)
    positions: I64 = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
    return positions


def distinct(values: Integers) -> Integers:
    """Ascending distinct values. `np.unique` without an inverse hashes in numpy 2.3 and later: 30 times slower."""
    ordered = np.sort(values)
    return ordered[first_of_each(ordered)]


def first_of_each(ordered: Integers) -> npt.NDArray[np.bool_]:
    """Which of the ordered values is the first of its kind."""
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def ordered(values: Integers) -> I64:
    """Places of the values in ascending order, of equal values the first one first.

    One sort of single numbers, value above and place below, is ten times faster than a stable sort of places. Where
    value and place do not fit into 64 bits, the upper bits of the value decide, and equal ones are looked at again.

    Args:
        values: at least 0.
    """
    bits = max(0, len(values) - 1).bit_length()
    keys = values.astype(np.uint64)
    places, low = np.arange(len(values), dtype=np.uint64), np.uint64((1 << bits) - 1)
    fits = int(keys.max(initial=0)).bit_length() + bits <= 64
    if fits:
        keys <<= np.uint64(bits)
    else:
        keys &= ~low
    keys |= places
    keys.sort()
    order: I64 = (keys & low).view(np.int64)
    if not fits:
        arranged = values[order]
        alike = np.flatnonzero((keys[1:] ^ keys[:-1]) <= low)
        if (arranged[alike + 1] != arranged[alike]).any():
            return np.argsort(values, kind="stable")
    return order


def numbered(values: Integers) -> tuple[Integers, I64]:
    """(ascending distinct values, number of each value among them): `np.unique` with its inverse, several times faster.

    Args:
        values: at least 0.
    """
    order = ordered(values)
    arranged = values[order]
    first = first_of_each(arranged)
    numbers = np.empty(len(values), np.int64)
    numbers[order] = np.cumsum(first) - 1
    return arranged[first], numbers


def hold_memory() -> None:
    """Ask the allocator to keep what is freed for the arrays that follow, instead of giving it back.

    glibc maps every larger array anew, and the system clears it page by page, until a block of that size was freed
    once: from then on it is kept (mallopt(3), "dynamic mmap threshold"). A block of nearly 32 MB, the most that counts,
    is never touched and costs nothing; where pages are cleared slowly it saves a fifth of the processor time. Elsewhere
    than on glibc it does nothing.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)  # freed at once
