"""A stand-in for a language model that learns for real: smoothed counts of words. For tests, and to try a profile.

Belongs here: that model. It is deterministic and needs nothing but Python.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from itd_pipeline.probe.student import Loss, Said

_BATCH = 4
_VOCABULARY = 10_000


class WordCounts:
    """Follows `student.Student`: a unigram model with add-one smoothing."""

    name = "fake/words"

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def reset(self) -> None:
        self._seen = Counter()

    def train(self, pairs: Sequence[tuple[str, str]], steps: int, said: Said) -> None:
        for _, completion in islice(pairs, steps * _BATCH):
            self._seen.update(completion.lower().split())
        said(f"{steps} of {steps} steps")

    def losses(self, pairs: Sequence[tuple[str, str]]) -> list[Loss]:
        whole = math.log(self._seen.total() + _VOCABULARY)
        found = []
        for _, completion in pairs:
            words = completion.lower().split()
            found.append(Loss(sum(whole - math.log(self._seen[word] + 1) for word in words), len(words)))
        return found
