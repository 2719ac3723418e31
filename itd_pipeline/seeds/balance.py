"""How far accepted records are from the seeds: expansion factor, and drift per vocabulary.

Drift is the Jensen-Shannon divergence in bits (Lin 1991, IEEE Trans Inf Theory 37:145): 0 for the same shares of every
word, 1 where no word is shared. The interval is a percentile bootstrap over seeds and records; a divergence is never
below 0, so that of small samples lies too high, and the interval with it. Belongs here: the numbers. Does not belong
here: what is done about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

VOCABULARIES = ("task_type", "question_type", "specialty", "audience", "severity", "age_group")
FEWEST = 20
"""Fewest seeds, and fewest accepted records, of which drift says anything."""
_Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Drift:
    """Divergence of one vocabulary in bits, with its 95 % interval."""

    vocabulary: str
    divergence: float
    low: float
    high: float


@dataclass(frozen=True)
class Balance:
    """Seeds, accepted records that experts did not write, records per seed that stood in a prompt, and drift; none
    where there are too few."""

    seeds: int
    accepted: int
    expansion_factor: float | None
    drift: tuple[Drift, ...]


def balance(seeds: Sequence[Mapping[str, Any]], accepted: Sequence[Mapping[str, Any]], resamples: int = 400,
            seed: int = 7) -> Balance:
    """Compare.

    Args:
        seeds: rows of `expert_seeds`.
        accepted: rows of `filtered_set`; those of route `manual` are the seeds themselves and do not count.
        resamples, seed: of the bootstrap.
    """
    grown = [row for row in accepted if row["route"] != "manual"]
    used = {s for row in grown for s in row["seed_ids"] or ()}
    descendants = sum(bool(row["seed_ids"]) for row in grown)
    drift = () if min(len(seeds), len(grown)) < FEWEST else tuple(
        drift_of(name, [r[name] for r in seeds], [r[name] for r in grown], resamples, seed) for name in VOCABULARIES)
    return Balance(len(seeds), len(grown), descendants / len(used) if used else None, drift)


def drift_of(name: str, first: Sequence[str], second: Sequence[str], resamples: int, seed: int) -> Drift:
    """Divergence of two samples of words (at least one each), with its interval."""
    words = sorted({*first, *second})
    a, b = (np.array([list(sample).count(word) for word in words], float) for sample in (first, second))
    chance = np.random.default_rng(seed)
    drawn = jensen_shannon(chance.multinomial(int(a.sum()), a / a.sum(), resamples).astype(float),
                           chance.multinomial(int(b.sum()), b / b.sum(), resamples).astype(float))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Drift(name, float(jensen_shannon(a, b)), float(low), float(high))


def jensen_shannon(first: _Floats, second: _Floats) -> _Floats:
    """Divergence in bits of counts along the last axis."""
    p, q = (x / x.sum(axis=-1, keepdims=True) for x in (first, second))
    middle = (p + q) / 2
    found: _Floats = np.clip((_bits(p, middle) + _bits(q, middle)) / 2, 0.0, 1.0)
    return found


def _bits(p: _Floats, middle: _Floats) -> _Floats:
    ratio = np.divide(p, middle, out=np.ones_like(p), where=p > 0)
    found: _Floats = (p * np.log2(ratio)).sum(axis=-1)
    return found
