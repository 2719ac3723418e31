"""Stock phrases: words of an item that many items share, and the boilerplate of vital signs. They identify nothing.

A plain 13-gram rule flags one exam vignette for another because both end in `which of the following is the most
appropriate next step in the management of this patient`. Two answers, for two questions:

- *stock*: words in runs of five that items which are no copies of one another repeat, numbers taken for equal. They
  count in no share: what is left is what makes the item this item.
- *boilerplate*: words in runs of eight that such items repeat, numbers and all, and vital signs. A copied stretch that
  is more than that is a copy, even where each of its short phrases is common.

A fixed list of phrases serves where a registry is too small to tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from itd_pipeline.decontamination.byte_words import Flags, Words, block_words, text_array
from itd_pipeline.decontamination.lookup import Lookup, among
from itd_pipeline.decontamination.runs import frequent, holders, runs_of
from itd_pipeline.similarity.arrays import I64, U64, distinct
from itd_pipeline.similarity.join import similar_pairs

RUN_WORDS, BOILERPLATE_WORDS = 5, 8
LEAST_ITEMS = 3
ITEM_SHARE = 1 / 4000
_COPIES_JACCARD = 0.5
_NUMBER = np.uint64(0x5851F42D4C957F2D)

PHRASES = (
    "which of the following is the most likely diagnosis in this patient",
    "which of the following is the most likely cause of this patient's symptoms",
    "which of the following is the most likely explanation for these findings",
    "which of the following is the most likely underlying mechanism of this patient's condition",
    "which of the following is the most appropriate next step in the management of this patient",
    "which of the following is the most appropriate next step in diagnosis",
    "which of the following is the best initial treatment for this patient",
    "which of the following statements is true about the following",
    "which of the following is true", "all of the following are true except", "which of these is not",
    "what is the most likely diagnosis", "what is the most appropriate next step in management",
    "what are the signs and symptoms of", "what are the treatments for", "what causes", "what is the outlook for",
    "how many people are affected by", "what are the genetic changes related to", "is inherited", "how is diagnosed",
    "a year old man woman boy girl male female infant patient is brought to comes to presents to the physician the "
    "emergency department the office the clinic by his her mother father parents wife husband because of with a "
    "day week month hour history of for evaluation",
    "he she has had no fever chills nausea vomiting chest pain shortness of breath headache",
    "physical examination shows no abnormalities", "the remainder of the examination is unremarkable",
    "past medical history is significant for", "medical history is unremarkable", "he she takes no medications",
    "laboratory studies show", "his her vital signs are within normal limits",
)
VITAL_WORDS = (
    "temperature temp pulse heart rate respirations respiration respiratory rate breaths beats blood pressure bp hr rr "
    "oxygen saturation spo2 sao2 o2 sat room air mm mmhg hg c f min minute per bpm lb lbs kg cm in ft m2 weight height "
    "weighs bmi body mass index vital signs vitals show shows are is was were his her the this patient patients of a "
    "an and on at in with while breathing within normal limits stable regular he she has s"
)


@dataclass(frozen=True)
class Stock:
    """Which words of the parts identify nothing.

    Args:
        stock: left out of every share.
        boilerplate: not counted in a copied stretch.
        group: of each item; copies of one another are one group.
    """

    stock: Flags
    boilerplate: Flags
    group: I64


def stock_words(words: Words, owners: I64) -> Stock:
    """Find stock and boilerplate.

    Args:
        words: of the parts of all items.
        owners: item of each part, ascending; parts of one item count once.
    """
    group = _copies(words, int(owners[-1]) + 1 if len(owners) else 0, owners)
    vital = _vital(words)
    folded = np.where(words.numeric, _NUMBER, words.hashes)
    stock = _repeated(folded, words, RUN_WORDS, group, owners, _phrases(RUN_WORDS))
    repeated = _repeated(words.hashes, words, BOILERPLATE_WORDS, group, owners, _phrases(BOILERPLATE_WORDS))
    return Stock(stock | vital, repeated | vital, group)


def _repeated(hashes: U64, words: Words, n: int, group: I64, owners: I64, known: U64) -> Flags:
    """Words in runs of `n` words that several groups of items hold, or that are known."""
    runs, starts, rows = runs_of(hashes, words.offsets, n)
    least = max(LEAST_ITEMS, int(np.ceil(len(distinct(group)) * ITEM_SHARE)))
    keys = frequent(runs, least)  # most runs stand in one item: they need no count
    listed = Lookup(distinct(np.concatenate([keys[holders(runs, group[owners[rows]], keys) >= least], known])))
    return _covered(starts[among(runs, listed)], len(hashes), n)


def _copies(words: Words, items: int, owners: I64) -> I64:
    """Group of each item: items that copy one another are one, so that a text in three benchmarks is not stock."""
    runs, _, rows = runs_of(words.hashes, words.offsets, RUN_WORDS)
    group, rows = np.arange(items), owners[rows]
    keys = frequent(runs, 2)  # a run that occurs once is in no pair: its item is the greater by it
    shared, numbers = Lookup(keys).find(runs)
    several = distinct(rows[shared] * max(1, len(keys)) + numbers) // max(1, len(keys))
    sizes = np.bincount(rows, minlength=items) - np.bincount(rows[shared], minlength=items) + np.bincount(
        several, minlength=items)
    for pairs in similar_pairs(runs[shared], rows[shared].astype(np.int32), items, _COPIES_JACCARD, sizes):
        for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
            group[max(_root(group, left), _root(group, right))] = min(_root(group, left), _root(group, right))
    return np.array([_root(group, place) for place in range(items)], np.int64)


def _root(group: I64, place: int) -> int:
    while group[place] != place:
        group[place] = place = group[group[place]]
    return place


def _vital(words: Words) -> Flags:
    """Words in runs of five and more that hold nothing but numbers and the words of vital signs."""
    inside = among(words.hashes, _vital_words()) | words.numeric
    ends = np.zeros(len(inside) + 1, np.int64)
    np.cumsum(inside, out=ends[1:])
    _, starts, _ = runs_of(words.hashes, words.offsets, RUN_WORDS)
    return _covered(starts[ends[starts + RUN_WORDS] - ends[starts] == RUN_WORDS], len(inside), RUN_WORDS)


def _covered(starts: I64, count: int, n: int) -> Flags:
    """Which of `count` words lie in the runs of `n` words that begin at `starts`."""
    edges = np.bincount(starts, minlength=count + n)
    edges[n:] -= edges[:-n].copy()
    return np.cumsum(edges)[:count] > 0


@cache
def _phrases(n: int) -> U64:
    words = block_words(text_array(PHRASES))
    return distinct(runs_of(words.hashes, words.offsets, n)[0])


@cache
def _vital_words() -> Lookup:
    return Lookup(distinct(block_words(text_array([VITAL_WORDS])).hashes))
