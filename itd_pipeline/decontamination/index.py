"""What is looked for, prepared once: words of all parts, which of them are stock, and where each run of words stands.

Belongs here: the tables that `verbatim` and `paraphrase` read. An index depends on the items alone, so each record is
judged by itself: in any batch, in any order, on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from itd_pipeline.decontamination.byte_words import Flags, Words, block_words, changes, text_array
from itd_pipeline.decontamination.items import SHORT_WORDS, WITH_OPTIONS, BenchmarkItem, Part, parts_of
from itd_pipeline.decontamination.lookup import Lookup, among
from itd_pipeline.decontamination.paraphrase import ParaphraseIndex, build_paraphrase_index, is_stop
from itd_pipeline.decontamination.runs import Seeds, frequent, holders, runs_of, seeds_of
from itd_pipeline.decontamination.stock import RUN_WORDS, stock_words
from itd_pipeline.similarity.arrays import I64, U64, distinct, hold_memory, spread

LEAST_WORDS = 3
ASKING = frozenset({"what", "whats", "what's", "why", "how", "when", "where", "which", "who", "is", "are", "can",
                    "could", "does", "do", "did", "should", "will"})
RARE_PARTS, RARE_SHARE = 3, 1 / 300
MOST_ITEMS = 20
"""A run of five words that more items hold leads nowhere: any stretch worth finding holds a rarer one."""


@dataclass(frozen=True)
class Index:
    """Parts of items, ready to be looked for.

    Args:
        items: in the order given.
        parts: their texts that are long enough to be looked for.
        words: of the parts, stems included.
        stock: which of the words are stock.
        boilerplate: which of them are boilerplate.
        short: parts of fewer than 13 words, which count only whole.
        alone: parts of fewer than five words that count only where a field holds nothing else: `Is it contagious?` is
            an item where it is all that is asked, and anyone's words in an answer. A question with a rare word
            (`What is osteoporosis?`) counts anywhere.
        seeds: runs of words that lead to parts.
        paraphrase: bonds of words that lead to parts.
        too_short: parts left out, because they have fewer than three words or nothing but stock.
    """

    items: tuple[BenchmarkItem, ...]
    parts: tuple[Part, ...]
    words: Words
    stock: Flags
    boilerplate: Flags
    short: Flags
    alone: Flags
    seeds: tuple[Seeds, ...]
    paraphrase: ParaphraseIndex
    too_short: int


def build_index(items: Sequence[BenchmarkItem]) -> Index:
    """Prepare items to be looked for."""
    hold_memory()
    with ThreadPoolExecutor(2) as pool:  # sorting is most of the work, and done outside of Python's lock
        return _built(items, pool)


def _built(items: Sequence[BenchmarkItem], pool: ThreadPoolExecutor) -> Index:
    parts = parts_of(items)
    words = block_words(text_array([part.text for part in parts]), stems=True)
    owners = np.array([part.item for part in parts], np.int64)
    rare_of_all = pool.submit(_rare, words)
    found = stock_words(words, owners)
    own = np.diff(np.concatenate([[0], np.cumsum(~found.stock)])[words.offsets]) > 0
    short = words.lengths < SHORT_WORDS  # a name that other items hold, too, is stock, and yet an item where it is rare
    kept = np.flatnonzero((words.lengths >= LEAST_WORDS) & (own | (short & rare_of_all.result())))
    where = spread(words.offsets[kept], words.lengths[kept])
    words = Words(words.hashes[where], words.stems[where], words.numeric[where],
                  np.concatenate([[0], np.cumsum(words.lengths[kept])]).astype(np.int64))
    stock, boilerplate = found.stock[where], found.boilerplate[where]
    short = words.lengths < SHORT_WORDS
    told = ~short & np.array([parts[place].name != WITH_OPTIONS for place in kept.tolist()], bool)  # a list is no text
    paraphrase = pool.submit(build_paraphrase_index, words, told, boilerplate)
    rare = rare_of_all if len(kept) == len(parts) else pool.submit(_rare, words)
    seeds = _seeds(words, boilerplate, short, found.group[owners[kept]])
    held = tuple(parts[place] for place in kept.tolist())
    asked = np.array([_asks(part.text) for part in held], bool)
    few = np.array([len(part.text.split()) < RUN_WORDS for part in held], bool)
    alone = (words.lengths < RUN_WORDS) & few & ~(asked & rare.result())
    return Index(tuple(items), held, words, stock, boilerplate, short, alone, tuple(seeds), paraphrase.result(),
                 len(parts) - len(kept))


def _asks(text: str) -> bool:
    """Whether a text is a question; those of search boxes have no mark (`what color is phenytoin`)."""
    return "?" in text or text.split(maxsplit=1)[0].lower() in ASKING


def _rare(words: Words) -> Flags:
    """Parts with a telling word, or two side by side, that hardly any other part holds."""
    telling = ~is_stop(words.stems)
    found = np.zeros(len(words), bool)
    for n in (1, 2):
        runs, starts, rows = runs_of(words.stems, words.offsets, n)
        kept = telling[starts] & telling[starts + n - 1]
        runs, rows = runs[kept], rows[kept]
        found[rows[~_held_by_more(runs, rows, int(max(RARE_PARTS, len(words) * RARE_SHARE)))]] = True
    return found


def _held_by_more(runs: U64, owners: I64, count: int) -> Flags:
    """Which runs more than `count` owners hold."""
    keys = frequent(runs, count + 1)
    return among(runs, Lookup(keys[holders(runs, owners, keys) > count]))


def _seeds(words: Words, boilerplate: Flags, short: Flags, group: I64) -> list[Seeds]:
    """Of long parts every run that is not boilerplate and that few items hold; of short ones the rarest run."""
    found = []
    for n in (RUN_WORDS, *range(LEAST_WORDS, RUN_WORDS)):
        if n != RUN_WORDS and not (words.lengths == n).any():
            continue
        hashes, starts, rows = runs_of(words.hashes, words.offsets, n)
        if n == RUN_WORDS:
            before = np.concatenate([[0], np.cumsum(boilerplate)])
            chosen = ~short[rows] & (before[starts + n] - before[starts] < n)
            chosen &= ~_held_by_more(hashes, group[rows], MOST_ITEMS)  # copies count once
            chosen[_rarest(hashes, group[rows], starts, rows, np.flatnonzero(short[rows]))] = True
        else:
            chosen = words.lengths[rows] == n
        if not chosen.any():
            continue
        found.append(seeds_of(hashes[chosen], rows[chosen], (starts - words.offsets[rows])[chosen], n))
    return found


def _rarest(hashes: U64, owners: I64, starts: I64, rows: I64, wanted: I64) -> I64:
    """Of the wanted runs one of each row: the one that the fewest owners hold, of equals the first."""
    keys = distinct(hashes[wanted])
    items = holders(hashes, owners, keys)[Lookup(keys).find(hashes[wanted])[1]]
    order = wanted[np.lexsort((starts[wanted], items, rows[wanted]))]
    return order[changes(rows[order])]
