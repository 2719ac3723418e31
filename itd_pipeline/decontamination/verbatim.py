"""How much of a part stands in a text word by word.

A shared run of five words that is not boilerplate leads to a pair of text and part. There, along the same shift, every
run of at least five equal words counts as aligned; the *aligned share* is the share of the part's words, stock words
left out of both sides, that stand in such runs. A part of fewer than 13 words counts only where all of its words stand
in one run. The short list is made of the very runs that count, so it misses no pair.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from itd_pipeline.decontamination.byte_words import Flags, Words, changes
from itd_pipeline.decontamination.index import Index
from itd_pipeline.decontamination.runs import shared_runs
from itd_pipeline.decontamination.stock import RUN_WORDS
from itd_pipeline.similarity.arrays import F64, I64, spread

LEAST_ALIGNED = 8
"""Fewer aligned words are no more than their share of all words, stock included: of a part that is nearly all stock,
five words would be half."""


@dataclass(frozen=True)
class Aligned:
    """Pairs of a row and a part that share words, by row, then part.

    Args:
        rows: row of the texts.
        parts: part of the index.
        share: aligned share, above 0 and up to 1.
        whole: whether all words of the part stand in one run.
        run_words: words in the longest run, boilerplate included.
        run_own: those of them that are not boilerplate.
        run_place: first word of that run in the part.
        start: first aligned word in the row, where runs far from the longest are left out.
        end: one past the last.
    """

    rows: I64
    parts: I64
    share: F64
    whole: Flags
    run_words: I64
    run_own: I64
    run_place: I64
    start: I64
    end: I64


def kept(pairs: Aligned, which: Flags) -> Aligned:
    """Some of the pairs."""
    return Aligned(*(getattr(pairs, field.name)[which] for field in fields(pairs)))


def aligned(texts: Words, index: Index) -> Aligned:
    """Every pair of a text and a part that share a run that is not boilerplate."""
    runs = shared_runs(texts, index.seeds, index.words, RUN_WORDS)
    counts = ~index.short[runs.parts] | (runs.words == index.words.lengths[runs.parts])
    return _pairs(index, runs.rows[counts], runs.parts[counts], runs.shifts[counts], runs.places[counts],
                  runs.words[counts])


def _pairs(index: Index, rows: I64, parts: I64, shifts: I64, places: I64, words: I64) -> Aligned:
    new = changes(rows, parts)
    pair = np.cumsum(new) - 1
    rows_of, parts_of = rows[new], parts[new]
    lengths = index.words.lengths[parts_of]
    bases = np.cumsum(lengths) - lengths
    total = int(lengths.sum())
    covered = np.zeros(total, bool)
    covered[spread(bases[pair] + places, words)] = True
    own = ~index.stock[spread(index.words.offsets[parts_of], lengths)]
    share = _sums(covered & own, bases) / np.maximum(1, _sums(own, bases))
    aligned_words = _sums(covered, bases)
    share = np.where(aligned_words >= LEAST_ALIGNED, share, np.minimum(share, aligned_words / lengths))
    plain = ~index.boilerplate[spread(index.words.offsets[parts_of], lengths)]
    before = np.concatenate([[0], np.cumsum(plain)])
    own_in_run = before[bases[pair] + places + words] - before[bases[pair] + places]
    order = np.lexsort((places, -own_in_run, -words, pair))
    longest = order[changes(pair[order])]
    near = np.abs(shifts - shifts[longest][pair]) <= lengths[pair]
    start = np.full(len(lengths), np.iinfo(np.int64).max)
    end = np.zeros(len(lengths), np.int64)
    np.minimum.at(start, pair[near], (shifts + places)[near])
    np.maximum.at(end, pair[near], (shifts + places + words)[near])
    return Aligned(rows_of, parts_of, share, words[longest] == lengths, words[longest], own_in_run[longest],
                   places[longest], start, end)


def _sums(flags: Flags, bases: I64) -> I64:
    before = np.concatenate([[0], np.cumsum(flags)])
    sums: I64 = before[np.append(bases[1:], len(flags))] - before[bases]
    return sums
