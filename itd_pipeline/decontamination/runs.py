"""Runs of words that two texts share, found from short runs that lead to them.

Belongs here: `Seeds`, which lead from a few words of a text to the parts that hold them, and `shared_runs`, which
compares along the same shift. Does not belong here: which runs are worth a seed, or what a shared run means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from itd_pipeline.decontamination.byte_words import Words, changes
from itd_pipeline.decontamination.lookup import Lookup
from itd_pipeline.similarity.arrays import I64, U64, distinct, ordered, spread


@dataclass(frozen=True)
class Seeds:
    """Runs of `n` words that lead to parts: those of key k stand in the entries `starts[k]` to `starts[k + 1]`."""

    n: int
    keys: Lookup
    starts: I64
    parts: I64
    places: I64

    def hits(self, hashes: U64, offsets: I64) -> tuple[I64, I64, I64]:
        """(first word in `hashes`, part, first word in the part) of each run that rows share with a part."""
        at, number = self.keys.find(run_hashes(hashes, self.n))
        inside = np.searchsorted(offsets, at, side="right") == np.searchsorted(offsets, at + self.n - 1, side="right")
        at, number = at[inside], number[inside]
        counts = self.starts[number + 1] - self.starts[number]
        where = spread(self.starts[number], counts)
        return np.repeat(at, counts), self.parts[where], self.places[where]


def seeds_of(hashes: U64, parts: I64, places: I64, n: int) -> Seeds:
    """Seeds from runs of `n` words.

    Args:
        hashes: of the runs, as `run_hashes` gives them.
        parts: part of each.
        places: first word in the part of each.
    """
    order = ordered(hashes)
    arranged = hashes[order]
    first = np.flatnonzero(changes(arranged))
    return Seeds(n, Lookup(arranged[first]), np.append(first, len(order)), parts[order], places[order])


@dataclass(frozen=True)
class Runs:
    """Runs of equal words, by row, part and shift.

    Args:
        rows: row of the texts.
        parts: part.
        shifts: first word in the row minus first word in the part.
        places: first word in the part.
        words: length.
    """

    rows: I64
    parts: I64
    shifts: I64
    places: I64
    words: I64


def shared_runs(texts: Words, seeds: Sequence[Seeds], parts: Words, least: int) -> Runs:
    """Every run of at least `least` equal words, or of the whole part, along each shift that a seed leads to."""
    rows, owners, shifts = _diagonals(texts, seeds)
    lengths = parts.lengths[owners]
    part_words = spread(parts.offsets[owners], lengths + 1)  # one more for each: it ends the last run
    place = spread(np.zeros(len(owners), np.int64), lengths + 1)
    of = np.repeat(np.arange(len(owners)), lengths + 1)
    in_row = shifts[of] + place
    inside = (place < lengths[of]) & (in_row >= 0) & (in_row < texts.lengths[rows][of])
    equal = np.zeros(len(place), bool)
    equal[inside] = (parts.hashes[part_words[inside]]
                     == texts.hashes[texts.offsets[rows][of[inside]] + in_row[inside]])
    edges = np.flatnonzero(np.diff(equal.view(np.int8), prepend=np.int8(0)))
    starts, words = edges[::2], edges[1::2] - edges[::2]
    kept = words >= np.minimum(least, lengths[of[starts]])
    starts, words = starts[kept], words[kept]
    of = of[starts]
    return Runs(rows[of], owners[of], shifts[of], place[starts], words)


def _diagonals(texts: Words, seeds: Sequence[Seeds]) -> tuple[I64, I64, I64]:
    """(row, part, shift) of each shift with a seed, distinct and in order."""
    found = [(np.zeros(0, np.int64),) * 3]
    for one in seeds:
        at, parts, places = one.hits(texts.hashes, texts.offsets)
        rows = np.searchsorted(texts.offsets, at, side="right") - 1
        found.append((rows, parts, at - texts.offsets[rows] - places))
    rows, parts, shifts = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((shifts, parts, rows))
    rows, parts, shifts = rows[order], parts[order], shifts[order]
    new = changes(rows, parts, shifts)
    return rows[new], parts[new], shifts[new]


def runs_of(hashes: U64, offsets: I64, n: int) -> tuple[U64, I64, I64]:
    """(hash, first word, row) of each run of `n` words inside a row."""
    count = len(hashes) - n + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    starts = np.flatnonzero(rows[:count] == rows[n - 1:])
    return run_hashes(hashes, n)[starts], starts, rows[starts]


def run_hashes(hashes: U64, n: int) -> U64:
    """Hash of the `n` words from each word on, over row ends as well: the caller leaves those out."""
    count = max(0, len(hashes) - n + 1)
    value = hashes[:count].copy()
    for shift in range(1, n):
        value *= np.uint64(0x9E3779B97F4A7C15)
        value += hashes[shift:count + shift]
    return value


def frequent(runs: U64, least: int) -> U64:
    """Ascending hashes that occur at least `least` times, counted over all rows."""
    if len(runs) < least:
        return runs[:0]
    arranged = np.sort(runs)
    return distinct(arranged[least - 1:][arranged[least - 1:] == arranged[:len(arranged) - least + 1]])


def holders(runs: U64, owners: I64, keys: U64) -> I64:
    """How many owners hold each of the keys.

    Args:
        runs: hashes.
        owners: of each, from 0.
        keys: ascending, distinct, each of them among the runs.
    """
    where, numbers = Lookup(keys).find(runs)
    many = int(owners.max(initial=0)) + 1
    return np.bincount(distinct(numbers * many + owners[where]) // many, minlength=len(keys))
