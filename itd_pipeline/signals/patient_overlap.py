"""Verbatim overlap with patient data: how many words in a row a record's own text takes from a patient's notes.

De-identification takes names and numbers out; a long stretch of a note, word for word, is still that patient's story,
and who knows the patient knows the stretch. A model that was shown a note may write it down again (Carlini et al. 2021,
arXiv:2012.07805, call that eidetic memorisation). Measured is the longest run of equal words between what was written
(instruction, output, rationale) and any passage from a source marked as patient data, whether or not the record names
it. The input is left out: material that a task works on is quoted on purpose, and de-identified as such.

Runs of eight words and more are found, all of them, unless every sixth-word stretch of the run stands in more than 20
passages: what so many notes say alike (`the patient was taken to the operating room in stable condition`) is no one's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline.decontamination.byte_words import Words, block_words
from itd_pipeline.decontamination.runs import Runs, Seeds, runs_of, seeds_of, shared_runs
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.arrays import I64, distinct

LEAST_WORDS = 8
SEED_WORDS = 6
STEP = LEAST_WORDS - SEED_WORDS + 1
"""Every run of eight words holds a seed that begins at a multiple of three in its passage."""
MOST_PASSAGES = 20
FIELDS = ("instruction", "output", "rationale")
COLUMNS = ("patient_overlap_words", "patient_overlap_passage")
_BLOCK_ROWS = 4096


def longest_overlaps(texts: pa.Array, passages: pa.Array) -> tuple[I64, I64]:
    """(words in the longest run that each text shares with a passage, 0 below eight; the passage, -1 where none).

    Args:
        texts: what was written.
        passages: patient data; of equal runs the first passage is named.
    """
    words = block_words(passages)
    return _longest(texts, words, _seeds(words))


def _longest(texts: pa.Array, passages: Words, seeds: Seeds) -> tuple[I64, I64]:
    longest, passage = np.zeros(len(texts), np.int64), np.full(len(texts), -1)
    for start in range(0, len(texts), _BLOCK_ROWS):
        found = shared_runs(block_words(texts.slice(start, _BLOCK_ROWS)), [seeds], passages, LEAST_WORDS)
        best = _best(found)
        rows = start + found.rows[best]
        longest[rows], passage[rows] = found.words[best], found.parts[best]
    return longest, passage


def _best(found: Runs) -> I64:
    long = np.flatnonzero(found.words >= LEAST_WORDS)  # a passage of fewer words counts nowhere
    order = long[np.lexsort((found.parts[long], -found.words[long], found.rows[long]))]
    first = np.ones(len(order), bool)
    first[1:] = found.rows[order][1:] != found.rows[order][:-1]
    best: I64 = order[first]
    return best


def _seeds(passages: Words) -> Seeds:
    hashes, starts, parts = runs_of(passages.hashes, passages.offsets, SEED_WORDS)
    places = starts - passages.offsets[parts]
    _, inverse = np.unique(hashes, return_inverse=True)
    held = distinct(inverse.astype(np.int64) * max(1, len(passages)) + parts)
    often = np.bincount(held // max(1, len(passages)), minlength=1)[inverse] if len(parts) else inverse
    kept = (places % STEP == 0) & (often <= MOST_PASSAGES)
    return seeds_of(hashes[kept], parts[kept], places[kept], SEED_WORDS)


@lru_cache(maxsize=1)
def _prepared(passages: _Passages) -> tuple[Words, Seeds]:
    words = block_words(passages.table.column("text").combine_chunks())
    return words, _seeds(words)


class _Passages:
    """Patient passages as a key for the cache: equal where their ids are."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.digest = _digest(table)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Passages) and other.digest == self.digest


def measured(records: Records) -> Columns:
    """Columns of this file for each record; null where the study holds no patient data."""
    passages = records.study.patient_passages
    if passages is None or not passages.num_rows:
        return {name: [None] * len(records) for name in COLUMNS}
    words, seeds = _prepared(_Passages(passages))
    longest, passage = np.zeros(len(records), np.int64), np.full(len(records), -1)
    for name in FIELDS:
        found, place = _longest(records.table.column(name).combine_chunks(), words, seeds)
        longer = found > longest
        longest[longer], passage[longer] = found[longer], place[longer]
    ids = passages.column("passage_id").to_pylist()
    return {"patient_overlap_words": longest.tolist(),
            "patient_overlap_passage": [ids[p] if p >= 0 else None for p in passage.tolist()]}


def _digest(passages: pa.Table | None) -> str:
    """Ids are hashes of the text, so that they say all."""
    ids = [] if passages is None else passages.column("passage_id").to_pylist()
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"patient_passages": _digest(study.patient_passages)}


SIGNAL = Signal(
    name="patient_overlap", version=1, columns=COLUMNS, compute=measured, workers=False, parameters=_parameters,
    libraries=("numpy", "pyarrow"),
)
