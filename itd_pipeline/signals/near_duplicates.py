"""Near-duplicates: records whose words, in runs of five, are mostly the same.

Twins waste training steps and, across splits, leak the test set (Lee et al. 2022, doi 10.18653/v1/2022.acl-long.577).
Text: instruction, input and output together. Measure: Jaccard similarity of the sets of word 5-shingles; a record
of fewer than five words is one shingle. Every pair at or above the threshold is found and none below it
(`similarity_join`), so there is nothing to verify afterwards. Clusters are the connected groups of pairs: two members
may be joined by a chain of twins. The member of the best quality rank stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.signals.similarity_join import similar_pairs
from itd_pipeline.signals.tokens import I32, I64, U64, Tokens, Vocabulary, joined, ngrams, tokenise, whole_rows

SHINGLE_WORDS = 5


@dataclass(frozen=True)
class Clusters:
    """Per record: least id of its cluster, id of the member kept (null for that one), similarity to the nearest."""

    cluster: list[str | None]
    duplicate_of: list[str | None]
    jaccard: list[float | None]


def near_duplicates(
    texts: Tokens, word_hashes: U64, record_ids: Sequence[str], quality_rank: Sequence[int], threshold: float,
) -> Clusters:
    """Clusters of records whose similarity is `threshold` or more.

    Args:
        texts: words of instruction, input and output, one row per record.
        word_hashes: from the vocabulary of `texts`.
        record_ids: ids in the same order.
        quality_rank: which member stays: the least.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    count = len(record_ids)
    first = _first_with_the_same_words(texts)
    copies = np.flatnonzero(first != np.arange(count))
    hashes, rows = _shingles(_without(texts, copies), word_hashes)
    nearest = np.full(count, -1.0)
    label = _connected(np.arange(count), first[copies], copies)
    for pairs in similar_pairs(hashes, rows, count, threshold):
        np.maximum.at(nearest, pairs.left, pairs.jaccard)
        np.maximum.at(nearest, pairs.right, pairs.jaccard)
        label = _connected(label, pairs.left, pairs.right)
    nearest[copies] = 1.0
    nearest[first[copies]] = 1.0
    result = Clusters([None] * count, [None] * count, [None] * count)
    for members in _groups(label, nearest >= 0):
        least = min(record_ids[i] for i in members)
        kept = min(members, key=lambda i: quality_rank[i])
        for i in members:
            result.cluster[i] = least
            result.duplicate_of[i] = None if i == kept else record_ids[kept]
            result.jaccard[i] = float(nearest[i])
    return result


def _connected(label: I64, left: I64, right: I64) -> I64:
    """Labels of connected rows after new edges; at first every row has a label of its own, below their number."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(left):
        return label
    count = len(label)
    edges = coo_array((np.ones(len(left), np.int8), (label[left], label[right])), shape=(count, count))
    found: I64 = connected_components(edges, directed=False)[1].astype(np.int64)
    return found[label]


def _first_with_the_same_words(texts: Tokens) -> I64:
    """First row with the very same words, so that a text repeated a thousand times is compared once."""
    seen: dict[bytes, int] = {}
    first = np.arange(len(texts))
    for i in range(len(texts)):
        words = texts.row(i).tobytes()
        if words:
            first[i] = seen.setdefault(words, i)
    return first


def _without(texts: Tokens, rows: I64) -> Tokens:
    """The same rows with those of `rows` emptied."""
    if not len(rows):
        return texts
    lengths = texts.lengths.copy()
    emptied = np.zeros(len(texts), bool)
    emptied[rows] = True
    ids = texts.ids[~np.repeat(emptied, lengths)]
    lengths[rows] = 0
    return Tokens(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _shingles(texts: Tokens, word_hashes: U64) -> tuple[U64, I32]:
    hashes, rows, _ = ngrams(texts, word_hashes, SHINGLE_WORDS)
    short = [whole_rows(texts, word_hashes, n) for n in range(1, SHINGLE_WORDS)]
    return np.concatenate([hashes, *(h for h, _ in short)]), np.concatenate([rows, *(r for _, r in short)])


def _groups(label: I64, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for i in np.flatnonzero(inside).tolist():
        groups.setdefault(int(label[i]), []).append(i)
    return list(groups.values())


def measured(records: Records) -> Columns:
    """Clusters among all records."""
    vocabulary = Vocabulary()
    fields = joined([tokenise(records.column(name), vocabulary) for name in ("instruction", "input", "output")])
    twins = near_duplicates(fields, vocabulary.hashes(), records.column("record_id"), records.measured("quality_rank"),
                            records.study.signals.near_duplicate_jaccard)
    return {"near_duplicate_cluster": twins.cluster, "near_duplicate_of": twins.duplicate_of,
            "near_duplicate_jaccard": twins.jaccard}


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"jaccard": study.signals.near_duplicate_jaccard}


def _facts(_: Study, rows: pa.Table) -> Mapping[str, Any]:
    return {"clusters": pc.count_distinct(rows.column("near_duplicate_cluster")).as_py()}


SIGNAL = Signal(
    name="near_duplicates", version=1, compute=measured, each=False, needs=("quality_rank",), parameters=_parameters,
    columns=("near_duplicate_cluster", "near_duplicate_of", "near_duplicate_jaccard"), facts=_facts,
    libraries=("numpy", "scipy", "xxhash"),
)
