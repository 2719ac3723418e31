"""Contamination: how much of a benchmark item stands in a record.

GPT-3 (Brown et al. 2020, arXiv:2005.14165, appendix C) called a text contaminated on any shared 13-gram. That flags
exam vignettes for their vital-sign boilerplate and misses items shorter than 13 words. Here shared n-grams only make
a short list, of 8 words (Touvron et al. 2023, arXiv:2307.09288, appendix A.6, used runs of 10 tokens), so every shared
13-gram is on it; what is reported is the aligned share: the share of the item's words that stand in runs of at least
five words which the record repeats.

An item of fewer than 8 words counts only where a field of the record holds all of it, word by word: share 1. An item
of fewer than 3 words identifies nothing and is left out; `Contamination.too_short` counts them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline.signals.benchmarks import BenchmarkItem
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.signals.tokens import (
    F64,
    I64,
    U64,
    Tokens,
    Vocabulary,
    joined,
    ngrams,
    spread,
    tokenise,
    whole_rows,
)
from itd_pipeline.similarity.arrays import distinct
from itd_pipeline.text.words import words

LISTED_WORDS = 8
ALIGNED_WORDS = 5
LEAST_WORDS = 3
_BLOCK_ROWS = 4096
_BLOCK_PAIRS = 1_000_000


@dataclass(frozen=True)
class Contamination:
    """Per record: greatest aligned share, the item behind it (null where the share is 0), and how many items were
    too short to be looked for."""

    share: list[float]
    item: list[str | None]
    too_short: int


def contamination(
    texts: Tokens, items: Sequence[BenchmarkItem], item_tokens: Tokens, word_hashes: U64,
) -> Contamination:
    """Greatest aligned share of any item in each record; of equal shares the least benchmark and item is named.

    Args:
        texts: words of the records' fields, with a mark between fields, one row per record.
        items: what must not be found.
        item_tokens: their words, in the same vocabulary.
        word_hashes: from that vocabulary.
    """
    best = np.zeros(len(texts))
    place = np.full(len(texts), -1)
    order = sorted(range(len(items)), key=lambda i: (items[i].benchmark, _natural(items[i].item)))
    ranking = np.empty(len(items), np.int64)
    ranking[order] = np.arange(len(items))
    long = _Index(item_tokens, word_hashes, ranking)
    for start in range(0, len(texts), _BLOCK_ROWS):
        block = _rows(texts, start, min(start + _BLOCK_ROWS, len(texts)))
        for row, item, share in (*long.shares(block), *_whole_items(block, item_tokens, word_hashes, ranking)):
            here = start + row
            if share > best[here] or (share == best[here] > 0 and ranking[item] < ranking[place[here]]):
                best[here], place[here] = share, item
    names = [f"{item.benchmark}:{item.item}" for item in items]
    return Contamination(
        [float(share) for share in best], [names[p] if p >= 0 else None for p in place.tolist()],
        int(np.count_nonzero(item_tokens.lengths < LEAST_WORDS)),
    )


class _Index:
    """Items of 8 words and more, by their runs of 8 and of 5 words."""

    def __init__(self, items: Tokens, word_hashes: U64, ranking: I64) -> None:
        self._word_hashes, self._ranking = word_hashes, ranking
        listed, owners, _ = ngrams(items, word_hashes, LISTED_WORDS)
        order = np.lexsort((ranking[owners], listed))
        self._listed, self._owners = listed[order], owners[order]
        runs, owners, positions = ngrams(items, word_hashes, ALIGNED_WORDS)
        self._run_values, self._runs = np.unique(runs, return_inverse=True)
        self._run_starts = positions - items.offsets[owners]
        self._run_offsets = np.searchsorted(owners, np.arange(len(items) + 1))
        self._lengths = items.lengths
        self._held = np.zeros(len(self._run_values), bool)

    def shares(self, texts: Tokens) -> list[tuple[int, int, float]]:
        """(row, item, aligned share) of the best item on the short list of each row."""
        pairs = self._short_list(texts)
        if not len(pairs):
            return []
        runs, run_rows, _ = ngrams(texts, self._word_hashes, ALIGNED_WORDS)
        offsets = np.searchsorted(run_rows, np.arange(len(texts) + 1))
        rows, items = np.divmod(pairs, len(self._lengths))
        starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        result = []
        for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True):
            row, listed = int(rows[start]), items[start:end]
            shares = self._shares(runs[offsets[row]:offsets[row + 1]], listed)
            best = np.lexsort((self._ranking[listed], -shares))[0]
            result.append((row, int(listed[best]), float(shares[best])))
        return result

    def _short_list(self, texts: Tokens) -> I64:
        """row * items + item of every pair that shares a run of 8 words, ascending and distinct."""
        if not len(self._listed):
            return np.zeros(0, np.int64)
        grams, rows, _ = ngrams(texts, self._word_hashes, LISTED_WORDS)
        first = np.searchsorted(self._listed, grams)
        found = np.flatnonzero(self._listed[np.minimum(first, len(self._listed) - 1)] == grams)
        counts = np.searchsorted(self._listed, grams[found], side="right") - first[found]
        chunks = []
        for part in np.split(np.arange(len(found)), _cuts(counts)):
            owners = self._owners[spread(first[found[part]], counts[part])]
            chunks.append(distinct(np.repeat(rows[found[part]].astype(np.int64), counts[part]) * len(self._lengths)
                                   + owners))
        return distinct(np.concatenate(chunks))

    def _shares(self, runs: U64, items: I64) -> F64:
        """Aligned share of each item in a record that holds `runs`."""
        place = np.minimum(np.searchsorted(self._run_values, runs), len(self._run_values) - 1)
        known = place[self._run_values[place] == runs]
        self._held[known] = True
        starts = self._run_offsets[items]
        counts = self._run_offsets[items + 1] - starts
        windows = spread(starts, counts)
        shared = self._held[self._runs[windows]]
        self._held[known] = False
        lengths = self._lengths[items]
        bases = np.cumsum(lengths) - lengths
        opened = (np.repeat(bases, counts) + self._run_starts[windows])[shared]
        size = int(lengths.sum()) + 1
        edges = np.bincount(opened, minlength=size) - np.bincount(opened + ALIGNED_WORDS, minlength=size)
        covered = np.cumsum(edges) > 0
        return np.add.reduceat(covered, bases, dtype=np.int64) / lengths


def _whole_items(texts: Tokens, items: Tokens, word_hashes: U64, ranking: I64) -> list[tuple[int, int, float]]:
    """(row, item, 1.0) for every short item that a field holds whole; per row and length the least item."""
    result = []
    for n in range(LEAST_WORDS, LISTED_WORDS):
        wanted, owners = whole_rows(items, word_hashes, n)
        if not len(wanted):
            continue
        order = np.lexsort((ranking[owners], wanted))
        wanted, owners = wanted[order], owners[order]
        grams, rows, _ = ngrams(texts, word_hashes, n)
        place = np.minimum(np.searchsorted(wanted, grams), len(wanted) - 1)
        hit = wanted[place] == grams
        result += [(int(row), int(owners[p]), 1.0) for row, p in zip(rows[hit], place[hit], strict=True)]
    return result


def _cuts(counts: I64) -> I64:
    """Where to cut so that each part counts up to about `_BLOCK_PAIRS`."""
    total = np.cumsum(counts)
    return np.flatnonzero(np.diff(total // _BLOCK_PAIRS)) + 1


def _rows(tokens: Tokens, start: int, end: int) -> Tokens:
    offsets = tokens.offsets[start:end + 1]
    return Tokens(tokens.ids[offsets[0]:offsets[-1]], offsets - offsets[0])


def _natural(item: str) -> tuple[int, str]:
    row, _, column = item.partition("/")
    return (int(row) if row.isdigit() else 0), column


def measured(records: Records) -> Columns:
    """Columns of this file for each record; null where the study names no benchmark."""
    benchmarks = records.study.benchmarks
    if not benchmarks:
        nothing = [None] * len(records)
        return {"contamination_share": nothing, "contamination_item": nothing}
    vocabulary = Vocabulary()
    fields = [tokenise(records.column(name), vocabulary) for name in ("instruction", "input", "output")]
    items = tokenise((item.text for item in benchmarks), vocabulary)
    overlap = contamination(joined(fields, mark=True), benchmarks, items, vocabulary.hashes())
    return {"contamination_share": overlap.share, "contamination_item": overlap.item}


def _parameters(study: Study) -> Mapping[str, Any]:
    texts = "\0".join(f"{item.benchmark}\0{item.item}\0{item.text}" for item in study.benchmarks)
    return {"benchmarks": hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()}


def _facts(study: Study, _: pa.Table) -> Mapping[str, Any]:
    facts = {"benchmark_items": len(study.benchmarks)}
    if study.benchmarks:
        facts["benchmark_items_too_short"] = sum(len(words(item.text)) < LEAST_WORDS for item in study.benchmarks)
    return facts


SIGNAL = Signal(
    name="contamination", version=1, columns=("contamination_share", "contamination_item"), compute=measured,
    workers=False, parameters=_parameters, facts=_facts,
)
