"""Which recipe meets which passage, and what it is told: the plan of one source and route.

Belongs here: drawing. Does not belong here: prompts, models, answers.

Every pair of a recipe and a passage that fits it has a place in one order, decided by a hash of seed, route, recipe and
passage and by the recipe's weight (Efraimidis and Spirakis 2006: sorting by -ln(u)/w draws without replacement
in proportion to weights). No passage is met twice before all have been met, and no document has a second turn before
all have had one. First each cell of the grid takes the pairs that fill it, from the top of the order; what is left of
the requests goes to the others. So a changed passage moves its own pairs, and at the end of the budget at most as many
others: what was paid for stays paid for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.expand.asking.coverage import Cell, within
from itd_pipeline.expand.draft import unit_id
from itd_pipeline.expand.forms.form import draw
from itd_pipeline.expand.recipe.fitting import fits_passage
from itd_pipeline.expand.recipe.model import Recipe
from itd_pipeline.ports import canonical_json

_PER_REQUEST = 8
_LEAST = 2_000
_NARROW = ("passage_id", "document_id", "word_count", "section", "text", "specialty", "audience", "language",
           "patient_data", "attributes")


@dataclass(frozen=True)
class Pair:
    """A recipe and the passage it meets.

    Args:
        recipe: the recipe.
        number: row of the passage in its table.
        passage_id, specialty, audience: of the passage.
        key: place in the order, before turns.
        document: its document.
    """

    recipe: Recipe
    number: int
    passage_id: str
    specialty: str
    audience: str
    document: str
    key: float


@dataclass(frozen=True)
class Slot:
    """A record to be made: a pair, and what the prompt is told."""

    pair: Pair
    ask: Mapping[str, str | int]


def slot_id(route: str, recipe: Recipe, passage_id: str, ask: Mapping[str, str | int], parent_id: str = "") -> str:
    """Id of the planned unit."""
    told = canonical_json(dict(ask)) if ask else ""
    return unit_id(route, f"{recipe.label}{told}{parent_id}", passage_id)


def plan_slots(
    passages: pa.Table, recipes: Sequence[Recipe], route: str, budget: int, seed: int, reader: str, language: str,
    cells: Sequence[Cell] = (), wanted: Sequence[int] = (), only_cells: bool = False,
) -> list[Slot]:
    """Up to `budget` records to be made, in order.

    Args:
        passages: the passages table of a source, by document and ordinal.
        recipes: recipes to draw from; those that do not name the route, or work on records, are passed over.
        route: synthetic or hybrid.
        budget: records planned at most.
        seed: decides the draw.
        reader, language: of the source.
        cells, wanted: the grid, and how many records this source plans for each cell.
        only_cells: whether nothing is planned beyond the cells.
    """
    meant = [r for r in recipes if route in r.routes and r.source == "passages"]
    if not budget or not meant or not passages.num_rows:
        return []
    pairs = list(_ordered(_pairs(passages, meant, route, budget, seed, reader, language,
                                 {c.specialty for c, n in zip(cells, wanted, strict=True) if n and c.specialty})))
    taken: dict[tuple[str, str], Slot] = {}
    used: dict[str, int] = {}

    def take(pair: Pair, told: Mapping[str, str | int]) -> Slot | None:
        if (pair.recipe.id, pair.passage_id) in taken:
            return None
        most = pair.recipe.quota.per_source
        if most is not None and used.get(pair.recipe.id, 0) >= most:
            return None
        slot = Slot(pair, {**_drawn(pair, seed), **told})
        taken[pair.recipe.id, pair.passage_id] = slot
        used[pair.recipe.id] = used.get(pair.recipe.id, 0) + 1
        return slot

    _fill_cells(pairs, cells, wanted, budget, take)
    if not only_cells or not any(wanted):
        for pair in pairs:
            if len(taken) >= budget:
                break
            if pair.recipe.quota.weight > 0:
                take(pair, {})
    return list(taken.values())


def _fill_cells(pairs: Sequence[Pair], cells: Sequence[Cell], wanted: Sequence[int], budget: int, take: Any) -> None:
    """Each cell takes from the top of the order what it lacks; a slot counts in every cell that it fills."""
    there = [0] * len(cells)
    for number, (cell, want) in enumerate(zip(cells, within(wanted, budget), strict=True)):
        if there[number] >= want:
            continue
        for pair in pairs:
            told = _told(pair, cell)
            if told is None:
                continue
            slot = take(pair, told)
            if slot is None:
                continue
            record = expected(slot)
            for other, another in enumerate(cells):
                there[other] += another.holds(record)
            if there[number] >= want:
                break


def expected(slot: Slot) -> dict[str, Any]:
    """What a slot's record will say of itself."""
    recipe, pair = slot.pair.recipe, slot.pair
    said = {name: slot.ask.get(name, recipe.literal(name)) for name in ("audience", "difficulty", "specialty")}
    return {"task_type": recipe.task, "specialty": said["specialty"] or pair.specialty,
            "audience": said["audience"] or pair.audience, "difficulty": said["difficulty"]}


def _told(pair: Pair, cell: Cell) -> dict[str, str | int] | None:
    """What a prompt must be told so that the record falls into a cell; None where it cannot."""
    recipe = pair.recipe
    if cell.task_type not in (None, recipe.task):
        return None
    if cell.specialty not in (None, recipe.literal("specialty") or pair.specialty):
        return None
    told: dict[str, str | int] = {}
    for name, want in (("audience", cell.audience), ("difficulty", cell.difficulty)):
        if want is None:
            continue
        if want in recipe.asks.get(name, ()):
            told[name] = want
        elif name in recipe.asks or (recipe.literal(name) or (pair.audience if name == "audience" else None)) != want:
            return None
    return told


def _drawn(pair: Pair, seed: int) -> dict[str, str | int]:
    """Values that the prompt is told, drawn by a hash of recipe and passage."""
    return draw_asks(pair.recipe, pair.passage_id, seed)


def draw_asks(recipe: Recipe, about: str, seed: int) -> dict[str, str | int]:
    """One value for each column that a recipe asks about, drawn by a hash."""
    return {name: values[draw(str(seed), "ask", recipe.id, name, about) % len(values)]
            for name, values in recipe.asks.items()}


def _pairs(
    passages: pa.Table, recipes: Sequence[Recipe], route: str, budget: int, seed: int, reader: str, language: str,
    specialties: set[str],
) -> Iterator[Pair]:
    """Pairs that fit. Of many passages only the first ones of their own order are looked at: enough for the
    budget, and as many again of every specialty that a cell wants."""
    ids = passages.column("passage_id").to_pylist()
    keys = [draw(str(seed), route, passage_id) for passage_id in ids]
    order = sorted(range(len(ids)), key=lambda n: (keys[n], ids[n]))
    most = max(_LEAST, _PER_REQUEST * budget)
    chosen = set(order[:most])
    if specialties and len(order) > most:
        of = passages.column("specialty").to_pylist()
        for specialty in sorted(specialties):
            chosen |= set([n for n in order if of[n] == specialty][:most])
    numbers = sorted(chosen)
    rows = passages.select(_NARROW).take(pa.array(numbers, pa.int64()))
    at = 0
    for batch in rows.to_batches(max_chunksize=1_000):
        for row in batch.to_pylist():
            number = numbers[at]
            at += 1
            for recipe in recipes:
                if fits_passage(recipe, row, reader, language):
                    yield Pair(recipe, number, row["passage_id"], row["specialty"], row["audience"],
                               row["document_id"], place(recipe, row["passage_id"], route, seed))


def place(recipe: Recipe, about: str, route: str, seed: int) -> float:
    """Place of a recipe and what it meets: -ln(u)/w for a hash u; recipes of weight 0 come last."""
    u = (draw(str(seed), route, recipe.id, about) + 1) / (2**64 + 1)
    return -math.log(u) / recipe.quota.weight if recipe.quota.weight else 1e9 - math.log(u)


def _ordered(pairs: Iterator[Pair]) -> list[Pair]:
    """By turn of the document, turn of the passage, then place."""
    by_place = sorted(pairs, key=lambda p: (p.key, p.passage_id, p.recipe.id))
    of_passage: dict[str, int] = {}
    turned: list[tuple[int, int, Pair]] = []
    for position, pair in enumerate(by_place):
        turn = of_passage[pair.passage_id] = of_passage.get(pair.passage_id, 0) + 1
        turned.append((turn, position, pair))
    of_document: dict[str, int] = {}
    last: list[tuple[int, int, int, Pair]] = []
    for turn, position, pair in sorted(turned, key=lambda t: t[:2]):
        document = of_document[pair.document] = of_document.get(pair.document, 0) + 1
        last.append((document, turn, position, pair))
    return [pair for *_, pair in sorted(last, key=lambda t: t[:3])]
