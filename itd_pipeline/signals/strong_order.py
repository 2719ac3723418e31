"""The order of a small, strong release: complex, good and unlike each other.

Records are taken one by one: complexity times quality (`strength`), times the distance to what has been taken
(`similarity.vectors.diverse`), among the best scores. DEITA (Liu et al. 2024, arXiv:2312.15685) combines the three in
the same way. Without an embedding model the vectors are hashed pairs of words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline.signals.semantic import embedder_name, text_of
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.shingles import shingles_of
from itd_pipeline.similarity.vectors import diverse, hashed_vectors

_CONSIDERED = 20
"""Times the size of the strong release: so many records of the best scores are chosen from."""
_HASHED_WORDS = 2


def strong(records: Records) -> Columns:
    """Place of each record in the strong order, from 1; null beyond its size."""
    size = records.study.signals.strong_size
    ranks: list[int | None] = [None] * len(records)
    scores = np.array(records.measured("complexity_score")) * np.array(records.measured("quality_score"))
    order = np.lexsort((np.array(records.measured("quality_rank")), -scores))[:size * _CONSIDERED]
    order = order[scores[order] > 0]
    if len(order):
        texts = [text_of(records, i) for i in order.tolist()]
        embedder = records.study.embedder
        if embedder is not None and not all(records.shown_to(embedder)):
            embedder = None  # vectors of two kinds are not compared
        vectors = (hashed_vectors(shingles_of(pa.array(texts, pa.string()), _HASHED_WORDS)) if embedder is None
                   else embedder.embed(texts))
        for rank, place in enumerate(diverse(vectors, scores[order], size), start=1):
            ranks[int(order[place])] = rank
    return {"strong_rank": ranks}


def _parameters(study: Study) -> Mapping[str, Any]:
    return {**embedder_name(study), "size": study.signals.strong_size}


SIGNAL = Signal(
    name="strong_order", version=1, columns=("strong_rank",), compute=strong, each=False,
    needs=("quality_rank", "complexity_score", "quality_score"), parameters=_parameters, libraries=("numpy",),
)
