"""Parts told in other words, by meaning: vectors of sentences, compared window by window.

Belongs here: from sentences and their vectors to pairs of a text and a part that say the same. Does not belong here:
cutting texts into sentences, or the model that makes vectors (`signals.benchmark_meaning`).

A sentence is embedded once. The vector of a *window*, some consecutive sentences of a text, is the mean of theirs
weighted by their words; so is that of a part. The order of sentences counts for nothing in it, and a part is found in
the middle of a long text at no more cost than the sentences. Of each text the part nearest to any of its windows of
about that part's length is told. Bonds of rare words (`paraphrase`) need shared words; this does not. What is on the
same subject is near, too: what is found here is for people to look at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from itd_pipeline.similarity.arrays import F64, I64, spread

LEAST_COSINE = 0.8
"""What is told at all. Measured: see docs/decontamination.md."""
LEAST_WORDS = 8
"""Shorter parts are near to everything on their subject: `What causes gout?` to `How is gout treated?`."""
MOST_RATIO = 4.0
"""A window is compared with parts of a quarter to four times its words: a summary keeps a quarter."""
WINDOWS = (1, 2, 4, 8, 16)
"""Sentences of a window; besides, the text as a whole."""
_BLOCK = 2048

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sentences:
    """Sentences of rows: those of row i are `vectors[offsets[i]:offsets[i + 1]]`.

    Args:
        vectors: of length 1, a row for each sentence.
        weights: words of each that tell something; 0 leaves a sentence out.
        offsets: one more than there are rows.
    """

    vectors: F32
    weights: F64
    offsets: I64


@dataclass(frozen=True)
class Meanings:
    """The nearest part of each row that has one, by row.

    Args:
        rows: row of the texts.
        parts: row of the parts.
        cosine: from `LEAST_COSINE` to 1.
        first: first sentence of the window, counted in its row.
        last: one past the last.
    """

    rows: I64
    parts: I64
    cosine: F64
    first: I64
    last: I64


def nearest_parts(texts: Sentences, parts: Sentences, least: float = LEAST_COSINE) -> Meanings:
    """Of each text the part that is nearest to any of its windows, where the cosine reaches `least`; of equal ones the
    shortest window, then the first window, then the first part."""
    rows, first, last = _windows(np.diff(texts.offsets))
    starts = texts.offsets[rows]
    windows, words = _means(texts, starts + first, starts + last)
    whole, part_words = _means(parts, parts.offsets[:-1], parts.offsets[1:])
    wanted = np.flatnonzero(part_words >= LEAST_WORDS)
    best, which = np.full(len(rows), -1.0), np.full(len(rows), -1)
    if len(wanted):
        targets, lengths = whole[wanted].T, part_words[wanted]
        for start in range(0, len(rows), _BLOCK):
            here = slice(start, start + _BLOCK)
            cosine = windows[here] @ targets
            ratio = words[here, None] / lengths[None, :]
            cosine[(ratio > MOST_RATIO) | (ratio < 1 / MOST_RATIO)] = -1
            which[here] = cosine.argmax(axis=1)
            best[here] = cosine[np.arange(len(cosine)), which[here]]
    # A sum of floats depends on how a processor adds: four digits are the same on all of them.
    best = np.minimum(np.round(best, 4), 1.0)
    order = np.lexsort((first, last - first, -best, rows))
    order = order[np.diff(rows[order], prepend=-1) > 0]
    order = order[best[order] >= least]
    return Meanings(rows[order], wanted[which[order]] if len(wanted) else which[order], best[order], first[order],
                    last[order])


def _windows(counts: I64) -> tuple[I64, I64, I64]:
    """(row, first sentence, one past the last) of the windows of rows with so many sentences. Windows of one size
    overlap by half."""
    rows, firsts, sizes = [], [], []
    for size in WINDOWS:
        step = max(1, size // 2)
        having = np.flatnonzero(counts >= size)
        spare = counts[having] - size
        number = -(-spare // step) + 1
        rows.append(np.repeat(having, number))
        firsts.append(np.minimum(spread(np.zeros(len(having), np.int64), number) * step, np.repeat(spare, number)))
        sizes.append(np.full(len(rows[-1]), size))
    whole = np.flatnonzero((counts > 0) & ~np.isin(counts, WINDOWS))
    rows.append(whole)
    firsts.append(np.zeros(len(whole), np.int64))
    sizes.append(counts[whole])
    first = np.concatenate(firsts)
    return np.concatenate(rows), first, first + np.concatenate(sizes)


def _means(sentences: Sentences, firsts: I64, lasts: I64) -> tuple[F32, F64]:
    """(vector of length 1, words) of stretches of sentences; of a stretch without words zeros."""
    width = sentences.vectors.shape[1] if sentences.vectors.ndim == 2 else 0
    sums = np.zeros((len(sentences.weights) + 1, width))
    np.cumsum(sentences.vectors * sentences.weights[:, None], axis=0, dtype=np.float64, out=sums[1:])
    words = np.concatenate([[0.0], np.cumsum(sentences.weights)])
    mean = sums[lasts] - sums[firsts]
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    held: F64 = words[lasts] - words[firsts]
    return (mean / np.maximum(length, 1e-12) * (held > 0)[:, None]).astype(np.float32), held
