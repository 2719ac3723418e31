"""Parts told in other words: what remains of a text when it is paraphrased are its rare words, near one another.

Two telling words that stand near each other in a part, in either order, are a *bond*. Paraphrasing, translating there
and back and reordering break runs of words and keep bonds; a text on the same subject shares words and few bonds.
Bonds that few parts hold lead to pairs of text and part. What is reported is the *bonded share*: the weight of the
part's words that stand in shared bonds, as a share of the weight of all its telling words. Words are compared by their
stems and weighted by how few parts hold them (Sparck Jones 1972, doi 10.1108/eb026526); stop words have no weight.

A pair counts as a paraphrase where the share reaches (EVIDENCE / weight of the part) ** 0.4: a long vignette is
recognised by a third of its words, a question of fifteen words needs two thirds. In other words the evidence, share to
the power of 2.5 times the weight, reaches a constant. Exponent and constant are measured: see
docs/decontamination.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from itd_pipeline.decontamination.byte_words import Flags, Words, block_words, changes, text_array
from itd_pipeline.decontamination.lookup import Lookup, among
from itd_pipeline.similarity.arrays import F64, I32, I64, U64, distinct, mixed, numbered, spread

NEAR_WORDS = 3
MOST_PARTS = 8
LEAST_BONDS = 4
LEAST_BOND_SHARE = 0.08
LEAST_TELLING = 8
LEAST_SPREAD = 0.35
LEAST_SHARE = 0.4
EVIDENCE, SHARPNESS = 13.0, 2.5
_SPARE_SHARE, _SPARE_WORDS = 0.3, 10
_SCATTER = np.uint64(0x9E3779B97F4A7C15)
_PSEUDO_PARTS = 1000
"""Parts that are taken to be there besides: a registry of ten items cannot tell a rare word from a common one."""

STOP_WORDS = (
    "a about above after again against all also am an and any are as at be because been before being below between "
    "both but by can could did do does doing done during each either else etc ever every few for from further get "
    "got had has have having he her here hers him his how however i if in into is it its itself just let like made "
    "make many may me might more most much must my neither no nor not now of off often on once one only or other "
    "our ours out over own per same see several shall she should since so some such take than that the their "
    "theirs them then there these they this those through thus to too two under until up upon us use used using "
    "very via was we well were what when where whether which while who whom whose why will with within without "
    "would yes yet you your yours s t d m re ll ve don doesn didn isn aren wasn weren hasn haven hadn won wouldn "
    "can couldn shouldn okay ok um uh following patient patients year years old day days time day"
)


@dataclass(frozen=True)
class ParaphraseIndex:
    """Stems and bonds of the parts.

    Args:
        stems: of all parts, stop words left out; a stem's number is its place.
        marks: a number drawn from each stem; that of a bond is the sum of two, in either order.
        weights: of each stem.
        totals: weight of the telling words of each part.
        lengths: words of each part.
        bonds: that lead to parts.
        least: how many bonds a text must share with each part.
        starts: entries of bond k are those from `starts[k]` to `starts[k + 1]`.
        parts: part of each entry.
        places: word of the part at which the entry's bond begins.
        first, second: its stems.
    """

    stems: Lookup
    marks: U64
    weights: F64
    totals: F64
    lengths: I64
    bonds: Lookup
    least: I64
    starts: I32
    parts: I32
    places: I64
    first: I64
    second: I64


@dataclass(frozen=True)
class Overlaps:
    """Pairs of a row and a part that share bonds, by row, then part.

    Args:
        rows: row of the texts.
        parts: part of the index.
        share: bonded share, up to 1; 0 where the bonds lie in less than half of the part: a shared name or phrase of a
            few words tells no part in other words.
        evidence: share ** 2.5 * weight of the part; `EVIDENCE` and more is a paraphrase.
        start: first word of the shared bonds in the row.
        end: one past the last.
    """

    rows: I64
    parts: I64
    share: F64
    evidence: F64
    start: I64
    end: I64


def build_paraphrase_index(words: Words, wanted: Flags, boilerplate: Flags) -> ParaphraseIndex:
    """Prepare parts.

    Args:
        words: of all parts, with stems.
        wanted: parts that are looked for; the others only count in the frequency of words.
        boilerplate: words that tell nothing, besides stop words.
    """
    rows = np.repeat(np.arange(len(words)), words.lengths)
    telling = np.flatnonzero(~is_stop(words.stems) & ~boilerplate)
    keys, numbers = numbered(words.stems[telling])
    marks = mixed(keys)
    rows, count = rows[telling], max(1, len(keys))
    owners, stems = np.divmod(distinct(rows * count + numbers), count)
    weights = np.log((len(words) + _PSEUDO_PARTS) / (np.bincount(stems, minlength=len(keys)) + 1.0))
    totals: F64 = np.bincount(owners, weights[stems], minlength=len(words)).astype(np.float64)
    wanted = wanted & (np.bincount(owners, minlength=len(words)) >= LEAST_TELLING)
    low, high, first = _sorted_bonds(numbers, rows, wanted)
    new = changes(low, high, rows[first])  # a part holds a bond once
    low, high, first = low[new], high[new], first[new]
    starts = np.flatnonzero(changes(low, high))
    counts = np.diff(np.append(starts, len(low)))
    rare = counts <= MOST_PARTS
    entries = spread(starts[rare], counts[rare])
    first = first[entries]
    second = low[entries] + high[entries] - numbers[first]
    parts, bonds = rows[first], starts[rare]
    return ParaphraseIndex(
        Lookup(keys), marks, weights, totals, words.lengths, Lookup(marks[low[bonds]] + marks[high[bonds]]),
        _least(np.bincount(parts, minlength=len(words))),
        np.concatenate([[0], np.cumsum(counts[rare])]).astype(np.int32),
        parts.astype(np.int32), telling[first] - words.offsets[parts], numbers[first], second)


def _sorted_bonds(numbers: I64, rows: I64, wanted: Flags) -> tuple[I64, I64, I64]:
    """(lesser stem, greater stem, first word) of each two words of a wanted row with fewer than `NEAR_WORDS` telling
    words between, in that order."""
    found = []
    for step in range(1, NEAR_WORDS + 1):
        first = np.flatnonzero((rows[:-step] == rows[step:]) & (numbers[:-step] != numbers[step:])
                               & wanted[rows[step:]])
        one, other = numbers[first], numbers[first + step]
        found.append((np.minimum(one, other), np.maximum(one, other), first))
    stem_bits, word_bits = (int(values.max(initial=0)).bit_length() for values in (numbers, np.array(len(rows))))
    if 2 * stem_bits + word_bits > 63:
        low, high, first = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((first, high, low))
        return low[order], high[order], first[order]
    keys = np.concatenate([(low << stem_bits | high) << word_bits | first for low, high, first in found])
    keys.sort()  # single numbers: far faster than three columns
    pairs = keys >> word_bits
    return pairs >> stem_bits, pairs & ((1 << stem_bits) - 1), keys & ((1 << word_bits) - 1)


def _least(bonds: I64) -> I64:
    least: I64 = np.ceil(np.maximum(LEAST_BONDS, LEAST_BOND_SHARE * bonds)).astype(np.int64)
    return least


def overlaps(texts: Words, index: ParaphraseIndex) -> Overlaps:
    """Every pair of a text and a part that share at least four bonds, and 8 % of the part's, at about one place."""
    at, numbers = index.stems.find(texts.stems)
    rows = np.repeat(np.arange(len(texts)), texts.lengths)[at]
    first, bond = _shared_bonds(index, numbers, rows)
    begins = index.starts[bond]
    counts = index.starts[bond + 1] - begins
    hit = np.repeat(np.arange(len(first)), counts)
    ends = np.cumsum(counts)
    entry = np.arange(len(hit)) + (begins - (ends - counts))[hit]
    part = index.parts[entry]
    pair = (rows[first] * max(1, len(index.lengths)))[hit] + part
    kept = np.flatnonzero(_often(pair, index.least[part]))
    order = np.sort(pair[kept] * len(kept) + np.arange(len(kept))) % max(1, len(kept))  # stable, faster than argsort
    order = kept[order]
    pair, part, entry, first = pair[order], part[order], entry[order], first[hit[order]]
    starts = np.flatnonzero(changes(pair))
    counts = np.diff(np.append(starts, len(pair)))
    many = counts >= index.least[part[starts]]
    starts, counts = starts[many], counts[many]
    hits = spread(starts, counts)
    word = at[first[hits]]
    return _weighed(index, pair[starts], part[starts], np.repeat(np.arange(len(starts)), counts),
                    word - texts.offsets[rows[first[hits]]], entry[hits])


def _often(pairs: I64, least: I64) -> Flags:
    """Pairs that may occur `least` times. Most occur once, and counting in buckets is cheaper than sorting."""
    bits = max(10, int(np.ceil(np.log2(len(pairs) + 1))))
    bucket = ((pairs.view(np.uint64) * _SCATTER) >> np.uint64(64 - bits)).view(np.int64)
    often: Flags = np.bincount(bucket, minlength=1 << bits)[bucket] >= least
    return often


def _weighed(index: ParaphraseIndex, pair: I64, part: I64, of: I64, place: I64, entry: I64) -> Overlaps:
    """Pairs by their shared bonds: `of` is the pair of each, `place` its word in the row, `entry` that of the index."""
    shift = place - index.places[entry]
    order = np.lexsort((shift, of))
    of, place, shift, entry = of[order], place[order], shift[order], entry[order]
    starts = np.flatnonzero(changes(of))
    middle = shift[(starts + np.append(starts[1:], len(of))) // 2]  # the median: where the part would begin
    near = np.abs(shift - middle[of]) <= (_SPARE_SHARE * index.lengths[part] + _SPARE_WORDS)[of]
    of, place, entry = of[near], place[near], entry[near]
    count = max(1, len(index.weights))
    owners, stems = np.divmod(distinct(np.concatenate(
        [of * count + index.first[entry], of * count + index.second[entry]])), count)
    share = np.bincount(owners, index.weights[stems], minlength=len(part)) / index.totals[part]
    start, end = np.full(len(part), np.iinfo(np.int64).max), np.zeros(len(part), np.int64)
    np.minimum.at(start, of, place)
    np.maximum.at(end, of, place + 1)
    first, last = np.full(len(part), np.iinfo(np.int64).max), np.zeros(len(part), np.int64)
    np.minimum.at(first, of, index.places[entry])
    np.maximum.at(last, of, index.places[entry])
    share = np.where((last - first >= LEAST_SPREAD * index.lengths[part]) & (share >= LEAST_SHARE), share, 0.0)
    rows = pair // max(1, len(index.lengths))
    return Overlaps(rows, part, share, share ** SHARPNESS * index.totals[part], start, end)


def _shared_bonds(index: ParaphraseIndex, numbers: I64, rows: I64) -> tuple[I64, I64]:
    """(first word, bond of the index) of each two words of a row that are a bond of a part."""
    marks = index.marks[numbers]
    firsts, bonds = [], []
    for step in range(1, NEAR_WORDS + 1):  # a word and itself are no bond of any part
        first, bond = index.bonds.find(marks[:-step] + marks[step:])
        inside = rows[first] == rows[first + step]
        firsts.append(first[inside])
        bonds.append(bond[inside])
    return np.concatenate(firsts), np.concatenate(bonds)


def is_stop(stems: U64) -> Flags:
    """Which stems are those of stop words."""
    return among(stems, stop_stems())


@cache
def stop_stems() -> Lookup:
    """Stems of the stop words."""
    return Lookup(distinct(block_words(text_array([STOP_WORDS]), stems=True).stems))
