"""Which texts are new by ROUGE-L, taken one after the other, with the decisions of comparing all pairs.

Belongs here: the greedy selection. Does not belong here: which texts come first, or what the threshold should be.

ROUGE-L F1 (Lin 2004, W04-1013) of two word sequences is 2 * LCS / (len a + len b). A text joins the pool if its
greatest score against the pool is below the threshold (Self-Instruct, Wang et al. 2023,
doi 10.18653/v1/2023.acl-long.754). Comparing everything with everything takes n squared longest common subsequences.
Three tests that lose no pair come first, each on whole arrays:

1. Prefix and position. A common subsequence is no longer than the words in common, so ROUGE-L of f needs a Jaccard
   similarity of f / (2 - f) between the multisets of words: the filters of `join` apply, rarest words first.
2. Bits. Each word sets one of 128 bits; words that one text lacks are at least the bits in which the two differ.
3. Only texts of the pool are indexed, and those are unlike each other.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from itd_pipeline.similarity.arrays import BOOL, F64, I32, I64, U32, U64, distinct, mixed, spread
from itd_pipeline.similarity.join import Sets, ranked
from itd_pipeline.similarity.threads import cores

_WORD = re.compile(r"[^\W_]+")
_ROUNDING = 1e-9
_BLOCK = 1024
_BLOCK_ENTRIES = 2_000_000
_FIRST_SURROGATE, _SURROGATES = 0xD800, 0x800


@dataclass(frozen=True)
class Novelty:
    """Per row: greatest ROUGE-L F1 against the pool as it was then, 0 where below the floor; the row of the pool that
    has it, -1 where there is none; whether the row joined the pool."""

    score: F64
    nearest: I64
    joined: BOOL


def greedy_novelty(
    words: U32, offsets: I64, pool: Sequence[int], queue: Sequence[int], threshold: float, floor: float,
) -> Novelty:
    """Take the rows of `queue` in turn.

    Args:
        words: numbers of words, row after row: row i has `words[offsets[i]:offsets[i + 1]]`.
        offsets: one more than there are rows.
        pool: rows that stand in the pool from the start, in their order.
        queue: further rows, in the order in which they are taken.
        threshold: score from which a row does not join the pool.
        floor: least score that is told; at most `threshold`.
    """
    texts = _Texts(words, offsets, floor)
    count = len(offsets) - 1
    result = Novelty(np.zeros(count), np.full(count, -1), np.zeros(count, bool))
    place = np.full(count, np.iinfo(np.int64).max)  # order of the pool, for ties
    place[np.array(pool, np.int64)] = np.arange(len(pool))
    known = _Pool(texts)
    known.add(np.array(pool, np.int64))
    size = len(pool)
    for start in range(0, len(queue), _BLOCK):
        block = np.array(queue[start:start + _BLOCK], np.int64)
        found = known.scores(block)
        _keep_best(result, found, place)
        open_rows = block[result.score[block] < threshold]
        place[open_rows] = size + np.arange(len(open_rows))  # as if all joined; their order is what counts
        joining = _join_in_turn(result, block, open_rows, _Pool(texts, open_rows).scores(block), place, threshold)
        size += len(open_rows)
        known.add(joining)
        result.joined[joining] = True
    return result


@dataclass(frozen=True)
class _Scores:
    """Pairs with their score, which is at least the floor."""

    row: I64
    other: I64
    score: F64


def _keep_best(result: Novelty, found: _Scores, place: I64) -> None:
    order = np.lexsort((place[found.other], -found.score, found.row))
    row, first = np.unique(found.row[order], return_index=True)
    result.score[row], result.nearest[row] = found.score[order][first], found.other[order][first]


def _join_in_turn(
    result: Novelty, block: I64, open_rows: I64, found: _Scores, place: I64, threshold: float,
) -> I64:
    """Rows of a block that join: each is compared with those of the block that joined before it."""
    turn = {row: number for number, row in enumerate(block.tolist())}
    earlier: dict[int, list[tuple[float, int, int]]] = {}
    order = np.argsort(place[found.other], kind="stable")
    for row, other, score in zip(found.row[order].tolist(), found.other[order].tolist(), found.score[order].tolist(),
                                 strict=True):
        if turn[other] < turn[row]:
            earlier.setdefault(row, []).append((score, turn[other], other))
    is_open = set(open_rows.tolist())
    joined: set[int] = set()
    for row in block.tolist():
        for score, _, other in earlier.get(row, ()):
            if other in joined and score > result.score[row]:
                result.score[row], result.nearest[row] = score, other
        if row in is_open and result.score[row] < threshold:
            joined.add(row)
    return np.array([row for row in open_rows.tolist() if row in joined], np.int64)


def numbered_words(texts: Iterable[str]) -> tuple[U32, I64]:
    """Words of all texts as numbers from 0, and where those of each text start.

    Words are runs of letters and digits, lower-cased. On ASCII text that is the tokeniser of the package rouge-score
    without its stemmer, which Self-Instruct and AlpaCare use; letters of other scripts, which that one drops, count.
    """
    numbers: dict[str, int] = {}
    words, offsets = array("I"), array("q", [0])
    for text in texts:
        words.extend([numbers.setdefault(word, len(numbers)) for word in _WORD.findall(text.lower())])
        offsets.append(len(words))
    return np.array(words, np.uint32), np.array(offsets, np.int64)


class _Texts:
    """Rows as sets of (word, how often before), as bits, and as strings."""

    def __init__(self, words: U32, offsets: I64, floor: float) -> None:
        self.floor = floor
        self.jaccard = floor / (2 - floor)
        count = len(offsets) - 1
        rows = np.repeat(np.arange(count), np.diff(offsets))
        order = np.lexsort((words, rows))
        kind, owner = words[order].astype(np.uint64), rows[order]
        first = np.ones(len(kind), bool)
        first[1:] = (kind[1:] != kind[:-1]) | (owner[1:] != owner[:-1])
        starts = np.flatnonzero(first)
        before = np.arange(len(kind)) - np.repeat(starts, np.diff(starts, append=len(kind)))
        element = kind | before.astype(np.uint64) << np.uint64(32)
        self.sets: Sets = ranked(element, owner, count)
        prefix = self.sets.sizes - np.ceil(self.jaccard * self.sets.sizes - _ROUNDING) + 1
        self.prefix = np.clip(prefix - self.sets.sizes + self.sets.held, 0, self.sets.held).astype(np.int64)
        self.bits = _bits(element, owner, count)
        self.strings, self.lengths = _strings(words, offsets)

    def lcs(self, left: I64, right: I64) -> I64:
        """Length of the longest common subsequence of each pair."""
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cpdist

        strings = self.strings
        apart: I32 = cpdist([strings[i] for i in left.tolist()], [strings[i] for i in right.tolist()],
                            scorer=Indel.distance, dtype=np.int32, workers=cores())
        return (self.lengths[left] + self.lengths[right] - apart) // 2


def _bits(element: U64, owner: I64, count: int) -> U64:
    """Two words of 64 bits for each row, one bit set for each element."""
    hashed = mixed(element)
    bit = np.uint64(1) << (hashed & np.uint64(63))
    half = (hashed >> np.uint64(6) & np.uint64(1)).astype(np.int64)
    bits = np.zeros(2 * count, np.uint64)
    np.bitwise_or.at(bits, 2 * owner + half, bit)
    return bits.reshape(count, 2)


def _strings(words: U32, offsets: I64) -> tuple[list[str], I64]:
    """Rows as strings of one character per word, and their lengths; words of one row only are left out, they match
    nothing. Characters are numbered by how frequent the word is, so that they do not run out."""
    frequency = np.bincount(words) if len(words) else np.zeros(1, np.int64)
    order = np.argsort(-frequency, kind="stable")
    character = np.empty(len(frequency), np.uint32)
    character[order] = np.arange(1, len(frequency) + 1)
    character[character >= _FIRST_SURROGATE] += _SURROGATES
    again = frequency[words] > 1
    kept = character[words[again]].astype("<u4").tobytes().decode("utf-32-le")
    ends = np.concatenate([[0], np.cumsum(again)])[offsets]
    bounds = ends.tolist()
    return [kept[a:b] for a, b in pairwise(bounds)], np.diff(ends)


class _Pool:
    """Rows of the pool by the words at the head of their order. Segments grow by merging equals, so that each row is
    indexed anew about log n times."""

    def __init__(self, texts: _Texts, rows: I64 | None = None) -> None:
        self._texts = texts
        self._segments: list[_Segment] = []
        if rows is not None:
            self.add(rows)

    def add(self, rows: I64) -> None:
        while self._segments and len(self._segments[-1].members) <= 2 * len(rows):
            rows = np.concatenate([self._segments.pop().members, rows])
        if len(rows):
            self._segments.append(_Segment(self._texts, rows))

    def scores(self, rows: I64) -> _Scores:
        """All pairs of `rows` and the pool with a score of at least the floor; a row is not paired with itself."""
        texts = self._texts
        pairs = [segment.short_list(rows) for segment in self._segments]
        left, right = np.divmod(np.concatenate([np.zeros(0, np.int64), *pairs]), len(texts.lengths))
        scores = 2 * texts.lcs(left, right) / (texts.sets.sizes[left] + texts.sets.sizes[right])
        near = scores >= texts.floor
        return _Scores(left[near], right[near], scores[near])


class _Segment:
    def __init__(self, texts: _Texts, members: I64) -> None:
        self._texts, self.members = texts, members
        ranks, owners, places = _prefixes(texts, members)
        order = np.argsort(ranks, kind="stable")
        self._owners, self._places = owners[order], places[order]
        self._starts = np.searchsorted(ranks[order], np.arange(texts.sets.rank_count + 1))

    def short_list(self, rows: I64) -> I64:
        """`row * rows + member` of the pairs that could reach the floor, distinct."""
        ranks, owners, places = _prefixes(self._texts, rows)
        reach = self._starts[ranks + 1] - self._starts[ranks]
        ends = np.cumsum(reach)
        found = [np.zeros(0, np.int64)]
        start = 0
        while start < len(ranks):
            end = max(start + 1, int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _BLOCK_ENTRIES)))
            here = slice(start, end)
            entry = spread(self._starts[ranks[here]], reach[here])
            found.append(self._possible(np.repeat(owners[here], reach[here]), np.repeat(places[here], reach[here]),
                                        self._owners[entry], self._places[entry]))
            start = end
        return distinct(np.concatenate(found))

    def _possible(self, row: I64, place: I64, other: I64, other_place: I64) -> I64:
        texts, sizes = self._texts, self._texts.sets.sizes
        both = sizes[row] + sizes[other]
        left = np.minimum(sizes[row] - place, sizes[other] - other_place)
        keep = left >= texts.floor / 2 * both - _ROUNDING
        keep &= row != other
        row, other, both = row[keep], other[keep], both[keep]
        apart = np.bitwise_count(texts.bits[row] ^ texts.bits[other]).sum(axis=1)
        keep = apart <= (1 - texts.floor) * both + _ROUNDING
        return distinct(row[keep] * len(sizes) + other[keep])


def _prefixes(texts: _Texts, rows: I64) -> tuple[I64, I64, I64]:
    """Rank, row, and place in the row's whole order, of the words at the head of each row."""
    sets, lengths = texts.sets, texts.prefix[rows]
    at = spread(sets.offsets[rows], lengths)
    owners = np.repeat(rows, lengths)
    places = at - sets.offsets[owners] + (sets.sizes - sets.held)[owners]
    return sets.ranks[at], owners, places
