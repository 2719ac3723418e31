"""Parents: records that a recipe `from: records` makes new ones of.

Belongs here: which records may be parents, and with which passage. Does not belong here: the recipes (deeper, broader,
another audience, another age group).

Parents are the experts' seeds, records of a release that the profile names, and what this run has made of the same
source before, by any route, and has not turned away. The filtered set is not read: it is made from the result of this
stage, and what one run wrote would depend on how often the pipeline had run before. A release never changes.
(docs/adr/0010-evolution-reads-no-later-stage.md)

A new record needs evidence. A parent brings the passage that it cites; a seed, which cites books in words, is paired
with the passage of the source that is nearest to it, if any is near enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itd_pipeline.expand.asking.examples import NEAR, long_words, nearness, words_of
from itd_pipeline.expand.asking.planning import draw_asks, place
from itd_pipeline.expand.recipe.fitting import fits_parent, fits_passage
from itd_pipeline.expand.recipe.model import Recipe

_KEPT = 16


@dataclass(frozen=True)
class Descent:
    """A recipe, a parent and the passage behind it."""

    recipe: Recipe
    parent: Mapping[str, Any]
    passage: Mapping[str, Any]
    ask: Mapping[str, str | int]
    route: str


class Parents:
    """Records made so far that may be parents; of many only those are kept that would be drawn first.

    Args:
        recipes: recipes from records.
        budget: records planned at most.
        seed: decides the draw.
    """

    def __init__(self, recipes: Sequence[Recipe], budget: int, seed: int) -> None:
        self._recipes = [r for r in recipes if r.source == "records"]
        self._most = _KEPT * budget
        self._seed = seed
        self._rows: dict[str, Mapping[str, Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._recipes and self._most)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of the records table."""
        if not self:
            return
        for row in rows:
            if any(fits_parent(recipe.fits, row) for recipe in self._recipes):
                self._rows.setdefault(row["record_id"], row)
        if len(self._rows) > 4 * self._most:
            self._trim()

    def _trim(self) -> None:
        order = sorted(self._rows, key=lambda r: (min(self._place(recipe, r) for recipe in self._recipes), r))
        self._rows = {record_id: self._rows[record_id] for record_id in order[: self._most]}

    def _place(self, recipe: Recipe, record_id: str) -> float:
        return place(recipe, record_id, "evolved", self._seed)

    def plan(self, passages: Mapping[str, Mapping[str, Any]], routes: Sequence[str], budget: int, reader: str,
             language: str) -> list[Descent]:
        """Up to `budget` descents in order; every parent is met once before any is met twice.

        Args:
            passages: rows of the passages table by id.
            routes: routes of the source.
            budget: records planned at most.
            reader, language: of the source.
        """
        nearest = _nearest([r for r in self._rows.values() if not r["passage_ids"]], passages.values())
        found: list[tuple[float, str, Descent]] = []
        for record_id, parent in sorted(self._rows.items()):
            passage_id = parent["passage_ids"][0] if parent["passage_ids"] else nearest.get(record_id, "")
            passage = passages.get(passage_id)
            if passage is None or parent["turns"]:
                continue
            route = "hybrid" if parent["route"] in ("manual", "hybrid") else "synthetic"
            for recipe in self._recipes:
                if route in routes and route in recipe.routes and fits_parent(recipe.fits, parent) \
                        and fits_passage(recipe, passage, reader, language):
                    found.append((self._place(recipe, record_id), recipe.id, Descent(
                        recipe, parent, passage, _asks(recipe, parent, self._seed), route)))
        return list(_once_each(sorted(found, key=lambda f: f[:2]), budget))


def _asks(recipe: Recipe, parent: Mapping[str, Any], seed: int) -> dict[str, str | int]:
    """As drawn, but never what the parent has already: another audience is another one."""
    asks = draw_asks(recipe, str(parent["record_id"]), seed)
    for name, value in asks.items():
        others = [other for other in recipe.asks[name] if other != parent.get(name)]
        if value == parent.get(name) and others:
            asks[name] = others[sum(map(ord, str(parent["record_id"]))) % len(others)]
    return asks


def _once_each(found: Sequence[tuple[float, str, Descent]], budget: int) -> Iterator[Descent]:
    turns: dict[str, int] = {}
    ordered = []
    used: dict[str, int] = {}
    for position, (_, _, descent) in enumerate(found):
        turn = turns[descent.parent["record_id"]] = turns.get(descent.parent["record_id"], 0) + 1
        ordered.append((turn, position, descent))
    for _, _, descent in sorted(ordered, key=lambda o: o[:2]):
        most = descent.recipe.quota.per_source
        if budget and (most is None or used.get(descent.recipe.id, 0) < most):
            used[descent.recipe.id] = used.get(descent.recipe.id, 0) + 1
            budget -= 1
            yield descent


def _nearest(seeds: Sequence[Mapping[str, Any]], passages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """record id of a seed -> id of the nearest passage, where one is near enough to be about the same thing."""
    if not seeds:
        return {}
    wanted = {s["record_id"]: words_of(s) for s in seeds}
    holders: dict[str, list[str]] = {}
    for record_id, words in wanted.items():
        for word in words:
            holders.setdefault(word, []).append(record_id)
    best: dict[str, tuple[float, str]] = {}
    for passage in sorted(passages, key=lambda p: str(p["passage_id"])):
        here = long_words("\n".join((passage["title"], passage["text"])))
        for record_id in {r for word in here for r in holders.get(word, ())}:
            near = nearness(here, wanted[record_id])
            if near >= NEAR and near > best.get(record_id, (0.0, ""))[0]:
                best[record_id] = (near, passage["passage_id"])
    return {record_id: passage_id for record_id, (_, passage_id) in best.items()}
