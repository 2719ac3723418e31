"""Which seeds a hybrid prompt shows: by task, by specialty, by distance, and never the nearest twin.

Belongs here: the choice. Does not belong here: how they are worded in a prompt.

A seed that says what the passage says would be copied: the answer would be the expert's again under another name, and
the seed's split would leak. So the nearest seed of all is left out where it is near at all (cosine of the sets of
longer words from 0.2), and so is every seed from 0.5. Of the others those of the recipe's task come first, then those
of the passage's specialty, then the nearer ones; a second example does not repeat the words of the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import Any

from itd_pipeline.expand.forms.form import draw
from itd_pipeline.expand.recipe.model import Recipe

NEAR, TWIN = 0.2, 0.5
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(re.findall(r"\S+", """
    about above after again against also because been before being below between both could does down during each
    from further have having here into just more most must once only other over same should some such than that their
    them then there these they this those through under until very what when where which while will with would your
    patient patients person people answer question write explain
"""))
_MOST = 400


def nearness(one: frozenset[str], other: frozenset[str]) -> float:
    """Cosine of two sets of words: 0 for nothing in common, 1 for the same words."""
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


@lru_cache(maxsize=20_000)
def long_words(text: str) -> frozenset[str]:
    """Words of four letters or more that are not among the commonest, case folded."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def words_of(record: Mapping[str, Any]) -> frozenset[str]:
    """Longer words of a record."""
    return long_words("\n".join((record["instruction"], record.get("input") or "", record["output"])))


class Examples:
    """Experts' records to choose from.

    Args:
        seeds: rows of the seeds table.
        seed: decides between equals.
    """

    def __init__(self, seeds: Sequence[Mapping[str, Any]], seed: int) -> None:
        self._seeds = sorted(seeds, key=lambda s: str(s["record_id"]))
        self._seed = str(seed)

    def __bool__(self) -> bool:
        return bool(self._seeds)

    def choose(self, recipe: Recipe, passage: Mapping[str, Any], count: int) -> tuple[Mapping[str, Any], ...]:
        """Up to `count` seeds for a passage, in the order shown."""
        if not count or not self._seeds:
            return ()
        tasks = recipe.examples.tasks or (recipe.task,)
        pool = [s for s in self._seeds if s["language"] == passage["language"] or passage["language"] == "und"]
        if recipe.examples.same_task:
            pool = [s for s in pool if s["task_type"] in tasks]
        if len(pool) > _MOST:
            pool.sort(key=lambda s: (s["task_type"] not in tasks, s["specialty"] != passage["specialty"],
                                     self._draw(passage, s)))
            pool = pool[:_MOST]
        here = long_words("\n".join((passage["title"], passage["text"])))
        near = {s["record_id"]: nearness(here, words_of(s)) for s in pool}
        twin = max(pool, key=lambda s: (near[s["record_id"]], str(s["record_id"])), default=None)
        barred = {r for r, value in near.items() if value >= TWIN}
        if twin is not None and near[twin["record_id"]] >= NEAR:
            barred.add(twin["record_id"])
        ranked = sorted((s for s in pool if s["record_id"] not in barred), key=lambda s: (
            s["task_type"] not in tasks, s["specialty"] != passage["specialty"] or s["specialty"] == "unspecified",
            -round(near[s["record_id"]], 2), self._draw(passage, s), str(s["record_id"])))
        return self._varied(ranked, count)

    def _draw(self, passage: Mapping[str, Any], seed: Mapping[str, Any]) -> int:
        return draw(self._seed, passage["passage_id"], seed["record_id"])

    def _varied(self, ranked: Sequence[Mapping[str, Any]], count: int) -> tuple[Mapping[str, Any], ...]:
        """The first ones, passing over what repeats one chosen before."""
        chosen: list[Mapping[str, Any]] = []
        for one in ranked:
            if len(chosen) == count:
                break
            if all(nearness(words_of(one), words_of(c)) < TWIN for c in chosen):
                chosen.append(one)
        return tuple(chosen)
