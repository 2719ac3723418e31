"""Seeds that are nearly the same as what is being written, fast enough to ask while typing.

Two measures of runs of three words: how much the two share of all they hold (Jaccard), and how much of the shorter
one stands in the longer (containment). Instruction, input and output are compared as one text, the instruction also
alone, because that is what an author writes first. Belongs here: looking up. Does not belong here: what is done
about it; the policy has its own near-duplicate rule on whole records (`signals/near_duplicates.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.text.words import shingles, words

RUN = 3
NEAR = 0.35
"""Least share of runs of words that is worth an author's look; a paraphrase seldom keeps a third of them."""
_FEWEST_WORDS = 4


@dataclass(frozen=True)
class Found:
    """An earlier seed and how much of it is the same, 0 to 1."""

    seed_id: str
    instruction: str
    share: float


class Near:
    """An index of seeds.

    Args:
        seeds: rows with `record_id` or `seed_id`, `instruction`, `input`, `output`.
    """

    def __init__(self, seeds: Iterable[Mapping[str, Any]] = ()) -> None:
        self._seeds: list[tuple[str, str, int, int]] = []
        self._whole: dict[tuple[str, ...], list[int]] = {}
        self._asked: dict[tuple[str, ...], list[int]] = {}
        for seed in seeds:
            self.add(seed)

    def add(self, seed: Mapping[str, Any]) -> None:
        """Add one seed."""
        number = len(self._seeds)
        whole, asked = _runs(seed)
        self._seeds.append((str(seed.get("record_id") or seed.get("seed_id") or ""), str(seed.get("instruction") or ""),
                            len(whole), len(asked)))
        for index, runs in ((self._whole, whole), (self._asked, asked)):
            for run in runs:
                index.setdefault(run, []).append(number)

    def nearest(self, seed: Mapping[str, Any], most: int = 3, without: str = "") -> list[Found]:
        """Earlier seeds at or above `NEAR`, nearest first."""
        best: dict[int, float] = {}
        for index, runs, at in ((self._whole, _runs(seed)[0], 2), (self._asked, _runs(seed)[1], 3)):
            if not runs:
                continue
            shared = Counter(number for run in runs for number in index.get(run, ()))
            for number, count in shared.items():
                size = int(self._seeds[number][at])
                measure = count / (len(runs) + size - count)
                if at == 2 and min(len(runs), size) >= 20:
                    measure = max(measure, count / min(len(runs), size))
                best[number] = max(best.get(number, 0.0), measure)
        found = [Found(self._seeds[n][0], self._seeds[n][1], share) for n, share in best.items()
                 if share >= NEAR and self._seeds[n][0] != without]
        return sorted(found, key=lambda f: (-f.share, f.seed_id))[:most]


def _runs(seed: Mapping[str, Any]) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    parts = [str(seed.get(name) or "") for name in ("instruction", "input", "output")]
    asked = words(parts[0])
    whole = words("\n".join(parts))
    return (shingles(whole, RUN) if len(whole) >= _FEWEST_WORDS else set(),
            shingles(asked, RUN) if len(asked) >= _FEWEST_WORDS else set())
