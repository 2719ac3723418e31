"""The map of meanings: a sample of instructions by their embeddings, in clusters with labels.

Two principal components of the vectors give the places, k-means the clusters (`scipy.cluster.vq`), the words that are
most over-represented in a cluster its label. Vectors are computed in double precision and places are rounded, so that
the same records give the same picture on every machine. Records from patient data are not on the map.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itd_pipeline.evaluation import figures
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Figure, Grid, Ledger, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ID = "diversity"
LEAST_ON_MAP = 3
"""Records for each cluster: with fewer no map is drawn."""
_SEED = 7
_WORD = re.compile(r"[^\W\d_]{3,}")
FUNCTION_WORDS = frozenset(re.findall(r"\w+", """
    a an the this that these those my your his her its our their of for to in on at by with from as and or is are was
    were be do does did has have had can could should would may might will i you he she it we they one some any all
    each what which who whom whose when where why how not no if there about into between me him us them"""))
_LABEL_WORDS = 3
_LEAST = 3
"""A label's word stands in so many records of the cluster at least."""


def map_of(inputs: ReportInputs, ledger: Ledger) -> list[Block]:
    """The map and its clusters; nothing where there are too few vectors."""
    if inputs.map_vectors is None or len(inputs.map_vectors) < LEAST_ON_MAP * inputs.map_clusters:
        ledger.add(ID, "map_records", None, note="too few records, or no map asked for")
        return []
    texts = list(inputs.map_texts)
    places, explained = two_components(inputs.map_vectors)
    cluster = clusters_of(inputs.map_vectors, inputs.map_clusters)
    names = labels(texts, cluster)
    drawing = figures.scatter("map", places.tolist(), cluster, names)
    rows: list[list[Cell]] = []
    for number, name in enumerate(names):
        members = [s for s, c in zip(inputs.map_specialties, cluster, strict=True) if c == number]
        commonest = sorted(Counter(members).items(), key=lambda item: (-item[1], item[0]))[:3]
        rows.append([str(number + 1), name, ledger.add(ID, "map_cluster_records", len(members), group=str(number + 1),
                                                       note=name),
                     ", ".join(f"{word(s)} {n}" for s, n in commonest)])
    said = "; ".join(f"{row[0]} {row[1]}" for row in rows)
    return [
        Figure(drawing, f"Scatter plot of {len(texts)} instructions in {len(names)} clusters: {said}.",
               f"Map of meanings: {len(texts):,} instructions; near means alike. The two axes hold "
               f"{100 * explained:.0f} % of the variance"),
        Grid("Clusters on the map", ("", "Words that mark it", "Records", "Specialties"), [
            ["", "on the map", ledger.add(ID, "map_records", len(texts)), ""], *rows]),
    ]


def two_components(vectors: Floats) -> tuple[Floats, float]:
    """Places (rounded to a hundredth of the widest axis) on the first two principal components, and the share of
    variance that they hold."""
    import numpy as np

    centred = vectors - vectors.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(2)])
    places = centred @ axes
    rounded: Floats = np.round(places / (np.abs(places).max() or 1), 2) + 0.0
    return rounded, float(values[::-1][:2].sum() / (values.sum() or 1))


def clusters_of(vectors: Floats, count: int) -> list[int]:
    """Cluster of each vector, the greatest first."""
    import numpy as np
    from scipy.cluster.vq import kmeans2

    _, found = kmeans2(vectors, count, minit="++", seed=np.random.default_rng(_SEED), iter=30, missing="warn")
    order = sorted(Counter(found.tolist()).items(), key=lambda item: (-item[1], item[0]))
    renamed = {old: new for new, (old, _) in enumerate(order)}
    return [renamed[old] for old in found.tolist()]


def labels(texts: Sequence[str], cluster: Sequence[int]) -> list[str]:
    """Words that are most over-represented in each cluster: records that hold them times the logarithm of how much
    oftener than elsewhere (class-based TF-IDF, Grootendorst 2022, arXiv 2203.05794)."""
    inside: list[Counter[str]] = [Counter() for _ in range(max(cluster) + 1)]
    whole: Counter[str] = Counter()
    for text, number in zip(texts, cluster, strict=True):
        words = set(_WORD.findall(text.lower())) - FUNCTION_WORDS
        inside[number].update(words)
        whole.update(words)
    found = []
    for number, counts in enumerate(inside):
        size = cluster.count(number)
        scored: list[tuple[float, Any]] = [
            (-n * math.log(n / size / (whole[w] / len(texts))), w) for w, n in counts.items() if n >= _LEAST]
        found.append(", ".join(w for s, w in sorted(scored)[:_LABEL_WORDS] if s < 0) or "no word in common")
    return found
