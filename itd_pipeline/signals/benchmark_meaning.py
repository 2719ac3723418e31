"""Records that tell a benchmark item in other words, by vectors of an embedding model.

Belongs here: what is embedded, and which records a model may see. Does not belong here: comparing vectors
(`decontamination.meaning`), the columns (`contamination`), or how near is too near (the policy).

Embedded are the sentences of records and of items, each text once; the store in front of the model keeps the vectors,
so that a later build embeds only new sentences. A model elsewhere gets no record that rests on patient data (`egress`),
and the items of all benchmarks: name none there that must not leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from itd_pipeline.decontamination.byte_words import block_words, text_array
from itd_pipeline.decontamination.index import Index
from itd_pipeline.decontamination.items import WITH_OPTIONS
from itd_pipeline.decontamination.matching import Match, Place, texts_of
from itd_pipeline.decontamination.meaning import LEAST_COSINE, LEAST_WORDS, Sentences, nearest_parts
from itd_pipeline.ports import Embedder
from itd_pipeline.signals.signal import Records
from itd_pipeline.similarity.arrays import I64
from itd_pipeline.text.sentences import sentence_spans

_BLOCK_ROWS = 1000
"""Records whose vectors are in memory at a time: 20 MB with ten sentences each."""

Spans = list[list[tuple[int, int]]]


def retold(
    records: Records, index: Index, embedder: Embedder, least: float = LEAST_COSINE,
) -> tuple[list[float | None], list[Match]]:
    """(greatest cosine per record, 0 below the least that is told and None where the model may not see the record;
    the nearest part of each field as a match of kind `meaning`).

    Args:
        records: candidates.
        index: of the benchmarks' items.
        embedder: the model.
        least: cosine from which a part is told.
    """
    shown = np.flatnonzero(np.array(records.shown_to(embedder), bool))
    cosines: list[float | None] = [None] * len(records)
    matches: list[Match] = []
    if not len(shown):
        return cosines, matches
    parts, held, stock = _parts(index, embedder)
    for start in range(0, len(shown), _BLOCK_ROWS):
        rows = shown[start:start + _BLOCK_ROWS]
        for row in rows.tolist():
            cosines[row] = 0.0
        for match in _in_block(records.table.take(pa.array(rows)), rows, index, embedder, (parts, held, stock), least):
            matches.append(match)
            cosines[match.row] = max(cosines[match.row] or 0.0, match.share)
    return cosines, matches


def _in_block(
    table: pa.Table, rows: I64, index: Index, embedder: Embedder, prepared: tuple[Sentences, I64, frozenset[str]],
    least: float,
) -> Iterator[Match]:
    parts, held, stock = prepared
    for name, texts in texts_of(table):
        spans, listed = _cut(["" if text is None else text for text in texts.to_pylist()])
        if not listed:
            continue
        words = block_words(text_array(listed)).lengths.astype(np.float64)
        words[[sentence in stock for sentence in listed]] = 0
        offsets = np.concatenate([[0], np.cumsum([len(of) for of in spans])]).astype(np.int64)
        found = nearest_parts(Sentences(_vectors(listed, embedder), words, offsets), parts, least)
        place = Place(table, name, texts, 0)
        for at in range(len(found.rows)):
            row, part = int(found.rows[at]), index.parts[held[found.parts[at]]]
            first, last = spans[row][found.first[at]][0], spans[row][found.last[at] - 1][1]
            field, begin, end = place.at(row, first, last)
            yield Match(int(rows[row]), index.items[part.item], part.name, field, "meaning", float(found.cosine[at]), 0,
                        0.0, begin, end)


def _parts(index: Index, embedder: Embedder) -> tuple[Sentences, I64, frozenset[str]]:
    """(sentences of the parts that are looked for, their places in the index, sentences that are nothing but stock)."""
    held = np.array([place for place, part in enumerate(index.parts)
                     if part.name != WITH_OPTIONS and index.words.lengths[place] >= LEAST_WORDS], np.int64)
    spans, listed = _cut([index.parts[place].text for place in held.tolist()])
    words = block_words(text_array(listed)).lengths
    sentences = np.concatenate([[0], np.cumsum([len(of) for of in spans])]).astype(np.int64)
    own = np.concatenate([[0], np.cumsum(~index.stock)])
    told = np.zeros(len(listed))
    for at, place in enumerate(held.tolist()):  # sentences hold all words of a text, one after the other
        here = slice(sentences[at], sentences[at + 1])
        ends = index.words.offsets[place] + np.cumsum(words[here])
        told[here] = own[ends] - own[ends - words[here]]
    stock = frozenset(sentence for sentence, of in zip(listed, told.tolist(), strict=True) if not of)
    weights = np.where(told > 0, words, 0).astype(np.float64)
    return Sentences(_vectors(listed, embedder), weights, sentences), held, stock


def _cut(texts: Sequence[str]) -> tuple[Spans, list[str]]:
    """(spans of the sentences of each text, all sentences in order)."""
    spans = [sentence_spans(text) for text in texts]
    return spans, [text[start:end] for text, of in zip(texts, spans, strict=True) for start, end in of]


def _vectors(sentences: Sequence[str], embedder: Embedder) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Vectors of sentences; equal ones are embedded once."""
    place = {sentence: number for number, sentence in enumerate(dict.fromkeys(sentences))}
    if not place:
        return np.zeros((0, 1), np.float32)
    found = embedder.embed(list(place))
    return found[[place[sentence] for sentence in sentences]]
