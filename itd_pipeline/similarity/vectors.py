"""Comparing texts by vectors: nearest neighbours, a diverse choice, and vectors without a model.

Belongs here: numpy on rows of length 1. Does not belong here: the model that makes them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from itd_pipeline.similarity.arrays import F64, I64
from itd_pipeline.similarity.shingles import Shingles

F32 = npt.NDArray[np.float32]
_BLOCK = 1024
HASHED_DIMENSIONS = 512


def nearest_before(vectors: F32, groups: I64) -> tuple[F32, I64]:
    """For each row the greatest cosine with an earlier row of its group, and that row; 0 and -1 where there is none.

    Args:
        vectors: rows of length 1, the better ones first.
        groups: rows of different groups are not compared.
    """
    best, which = np.zeros(len(vectors), np.float32), np.full(len(vectors), -1)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        for start in range(0, len(members), _BLOCK):
            rows = members[start:start + _BLOCK]
            cosine = vectors[rows] @ vectors[members[:start + len(rows)]].T
            cosine[np.arange(cosine.shape[1]) >= start + np.arange(len(rows))[:, None]] = -2
            found = cosine.argmax(axis=1)
            value = cosine[np.arange(len(rows)), found]
            near = value > 0
            best[rows[near]] = np.minimum(value[near], 1)
            which[rows[near]] = members[found[near]]
    return best, which


def diverse(vectors: F32, weights: F64, count: int) -> list[int]:
    """Rows that cover the whole: greedy k-center (Gonzalez 1985, doi 10.1016/0304-3975(85)90224-5; Sener and Savarese
    2018, arXiv:1708.00489) where the distance to what has been chosen counts times the row's weight. Ties: first row.

    Args:
        vectors: rows of length 1.
        weights: at least 0, one for each row.
        count: how many are chosen, at most all.
    """
    distance = np.full(len(vectors), 2.0)
    chosen: list[int] = []
    left = np.ones(len(vectors), bool)
    for _ in range(min(count, len(vectors))):
        row = int(np.argmax(np.where(left, weights * distance, -1.0)))
        chosen.append(row)
        left[row] = False
        distance = np.minimum(distance, np.maximum(1.0 - (vectors @ vectors[row]).astype(np.float64), 0.0))
    return chosen


def hashed_vectors(shingles: Shingles) -> F32:
    """Rows of length 1 from word shingles: each adds or takes 1 at a place its hash names (Weinberger et al. 2009,
    doi 10.1145/1553374.1553516). A stand-in where no embedding model is configured: it sees words, not meaning."""
    count = len(shingles.counts)
    rows = np.repeat(np.arange(count), shingles.counts)
    place = (shingles.hashes % np.uint64(HASHED_DIMENSIONS)).astype(np.int64)
    sign = np.where(shingles.hashes >> np.uint64(63), 1.0, -1.0)
    sums = np.bincount(rows * HASHED_DIMENSIONS + place, weights=sign, minlength=count * HASHED_DIMENSIONS)
    vectors = sums.reshape(count, HASHED_DIMENSIONS)
    result: F32 = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return result
