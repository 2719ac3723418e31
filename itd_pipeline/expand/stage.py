"""The stage: routes in their order, drafts to batches, every planned unit accounted for.

Belongs here: order, duplicates, accounting. Does not belong here: what any route does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.expand.asking.accounts import Ledger, Tally
from itd_pipeline.expand.asking.answering import ask
from itd_pipeline.expand.asking.coverage import Cell, count, grid, to_plan
from itd_pipeline.expand.asking.evolving import Parents
from itd_pipeline.expand.asking.examples import Examples
from itd_pipeline.expand.asking.planning import plan_slots, slot_id
from itd_pipeline.expand.asking.records import Planned, prepare
from itd_pipeline.expand.converted import convert
from itd_pipeline.expand.draft import STAGE, Draft, Turned, record_id
from itd_pipeline.expand.forms.families import family_of
from itd_pipeline.expand.forms.filling import fill_templates
from itd_pipeline.expand.recipe.model import Recipe
from itd_pipeline.expand.recipe.rendering import Material
from itd_pipeline.ports import Batch, ChatModel, reject
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.records import CANDIDATES, MODEL_REQUESTS, RECIPE_ACCOUNTS
from itd_pipeline.tables.rejects import REJECTS

BY_MODEL = ("synthetic", "hybrid")
_BATCH = 5_000


@dataclass(frozen=True)
class Writers:
    """What records are written by a model with.

    Args:
        recipes: recipes in use.
        models: gives the model that plays a role; called at most once each, and only if there is a request to make.
        settings_of: settings of the model that plays a role: name and sampling parameters.
        among: names of all sources that ask a model, to share the grid between them.
        release: rows of the records table, of a release whose records may be evolved.
    """

    recipes: Sequence[Recipe]
    models: Callable[[str], ChatModel]
    settings_of: Callable[[str], settings.Model]
    among: Sequence[str] = ()
    release: Sequence[Mapping[str, Any]] = ()


def expand(
    passages: Iterable[pa.Table], seeds: pa.Table, source_name: str, source: settings.Source,
    expansion: settings.Expansion, writers: Writers,
) -> Iterator[Batch]:
    """Candidate records of one source, by the routes that the source names.

    Args:
        passages: batches of the passages table.
        seeds: experts' records, shown as examples by the route `hybrid`.
        source_name: partition.
        source: its settings; `routes` decides what is made.
        expansion: how much is made, the grid, and the seed of every draw.
        writers: recipes and models.

    Yields:
        Batches whose rows follow `CANDIDATES`. The unit is what was planned: a document with a question (or a passage
        without) on `converted`, a form that a document can fill on `template`, a recipe and what it meets on the
        others; units equal rows and rejects. The table `recipe_accounts` says how many records each recipe planned,
        `model_requests` what each request came to.
        Passages that no unit used are counted in the fact `passages_unused`.

    Raises:
        ConfigError: the route `template` on a reader without question forms, or a grid with unknown values.
        PermanentError: a model refuses every request (key, name).
    """
    table = _ordered(passages)
    examples = seeds.to_pylist()
    work = _Work(table, source_name, source, expansion, writers, examples)
    for route in ("converted", "template"):
        if route in source.routes:
            made = convert(table.to_pylist(), source.language) if route == "converted" else fill_templates(
                table, family_of(source.reader), expansion.template_per_source, expansion.seed, source.language)
            yield from work.batches(made, f"units_{route}")
    asked = [route for route in BY_MODEL if route in source.routes]
    if work.cells:  # what the first route leaves open is the second one's to fill
        for route in asked:
            yield from work.batches(work.ask(work.plan(route)), f"units_{route}")
    else:  # all at once: no server waits for the last answer of a route
        yield from work.batches(work.ask([one for route in asked for one in work.plan(route)]), "units_asked")
    yield from work.batches(work.ask(work.descents()), "units_evolved")
    facts = {"passages": table.num_rows, "passages_unused": table.num_rows - len(work.used)}
    yield Batch(CANDIDATES.empty(), REJECTS.empty(), 0, facts=facts,
                sides={RECIPE_ACCOUNTS.name: RECIPE_ACCOUNTS.from_rows(work.ledger.rows()),
                       MODEL_REQUESTS.name: MODEL_REQUESTS.from_rows(
                           [row for _, row in sorted(work.tally.requests.items())])})


class _Work:
    """What the routes of one source share: what has been made, met and planned so far."""

    def __init__(
        self, table: pa.Table, name: str, source: settings.Source, expansion: settings.Expansion, writers: Writers,
        seeds: Sequence[Mapping[str, Any]],
    ) -> None:
        self.table, self.name, self.source, self.expansion, self.writers = table, name, source, expansion, writers
        self.seen: set[str] = set()
        self.used: set[str] = set()
        self.ledger, self.tally = Ledger(), Tally()
        self.examples = Examples(seeds, expansion.seed)
        self.cells: tuple[Cell, ...] = grid(expansion.coverage)
        self.wanted = to_plan(self.cells, name, writers.among or (name,), seeds, expansion.coverage.overdraw)
        evolves = bool(set(BY_MODEL) & set(source.routes))
        self.parents = Parents(writers.recipes if evolves else (), expansion.evolved_per_source, expansion.seed)
        self.parents.add(seeds)
        self.parents.add(writers.release)
        self._opened: dict[str, ChatModel] = {}

    def plan(self, route: str) -> list[Planned]:
        """The records of a route, in order."""
        budget = self.expansion.synthetic_per_source if route == "synthetic" else self.expansion.hybrid_per_source
        if route == "hybrid" and not self.examples:
            return []  # without experts' records there is no hybrid
        slots = plan_slots(self.table, self.writers.recipes, route, budget, self.expansion.seed, self.source.reader,
                           self.source.language, self.cells, self.wanted, self.expansion.coverage.only)
        rows = self.table.take(pa.array([s.pair.number for s in slots], pa.int64())).to_pylist()
        planned = []
        for slot, passage in zip(slots, rows, strict=True):
            recipe = slot.pair.recipe
            shown = recipe.examples.count if recipe.examples.count is not None else self.expansion.examples_per_prompt
            seeds = self.examples.choose(recipe, passage, shown) if route == "hybrid" else ()
            material = Material(recipe, route, passage, seeds, slot.ask)
            planned.append(prepare(slot_id(route, recipe, passage["passage_id"], slot.ask), material,
                                   self.writers.settings_of(recipe.role)))
        return self._entered(planned)

    def descents(self) -> list[Planned]:
        """Records to be evolved from others, in order."""
        if not self.parents:
            return []
        passages = {row["passage_id"]: row for row in self.table.to_pylist()}
        planned = []
        for one in self.parents.plan(passages, self.source.routes, self.expansion.evolved_per_source,
                                     self.source.reader, self.source.language):
            material = Material(one.recipe, one.route, one.passage, (), one.ask, one.parent)
            planned.append(prepare(
                slot_id(one.route, one.recipe, one.passage["passage_id"], one.ask, one.parent["record_id"]), material,
                self.writers.settings_of(one.recipe.role)))
        return self._entered(planned)

    def _entered(self, planned: list[Planned]) -> list[Planned]:
        self.ledger.plan([(one.material.recipe.label, one.material.route) for one in planned])
        return planned

    def ask(self, planned: Sequence[Planned]) -> Iterator[Draft | Turned]:
        """Drafts and turned units of planned records."""
        return ask(planned, self.source, self._model, self.writers.settings_of, self.tally)

    def _model(self, role: str) -> ChatModel:
        if role not in self._opened:
            self._opened[role] = self.writers.models(role)
        return self._opened[role]

    def batches(self, made: Iterator[Draft | Turned], unit: str) -> Iterator[Batch]:
        """Units as rows and rejects, in batches."""
        while part := list(islice(made, _BATCH)):
            rows: list[Mapping[str, Any]] = []
            rejects: list[dict[str, Any]] = []
            for one in part:
                if isinstance(one, Turned):
                    self.used.add(one.passage_id)
                    rejects.append(reject(STAGE, self.name, one.unit_id, one.reason, one.detail, one.row,
                                          one.passage_id))
                    continue
                self.used.update(one.row["passage_ids"], (one.passage_id,))
                identifier = record_id(one.row)
                row = {"record_id": identifier, **one.row}
                if identifier in self.seen:
                    rejects.append(reject(STAGE, self.name, one.unit_id, "duplicate_record",
                                          f"record_id={identifier}", row, one.passage_id))
                    continue
                self.seen.add(identifier)
                rows.append(row)
            self._remember(rows)
            yield Batch(CANDIDATES.from_rows(rows), REJECTS.from_rows(rejects), len(part),
                        facts={unit: len(part), **self.tally.taken()})

    def _remember(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Records made count in the grid's cells and may be parents."""
        self.parents.add(rows)
        for number, there in enumerate(count(self.cells, rows)):
            self.wanted[number] = max(0, self.wanted[number] - there)


def _ordered(passages: Iterable[pa.Table]) -> pa.Table:
    """One table by document and ordinal, so that the order of batches decides nothing."""
    tables = [PASSAGES.conform(t) for t in passages]
    table = pa.concat_tables(tables) if tables else PASSAGES.empty()
    return table.sort_by([("document_id", "ascending"), ("ordinal", "ascending"), ("passage_id", "ascending")])
