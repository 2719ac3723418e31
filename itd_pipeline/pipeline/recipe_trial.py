"""Trying a recipe on a few passages: prompts, answers and verdicts, without a row in the lake.

Belongs here: choosing the material and gathering what happened. Does not belong here: printing (`commands/recipe.py`).

The answers go into the store of the profile, so a build that asks the same pays nothing, and a second trial is free.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itd_pipeline import expand
from itd_pipeline.errors import ConfigError, NotBuiltError
from itd_pipeline.llm import open_model
from itd_pipeline.pipeline.records import asking_sources, model_store
from itd_pipeline.ports import ChatAnswer, ChatModel, ChatRequest
from itd_pipeline.settings import Coverage, Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.tables.records import SEEDS

Opening = Callable[[str], ChatModel]


@dataclass(frozen=True)
class Tried:
    """One record that a recipe tried to make.

    Args:
        row: the record, or what there was of it.
        reason, detail: why it was turned away; empty for a record that stands.
        asked: (prompt, answer) of each request, in order.
    """

    row: Mapping[str, Any]
    reason: str
    detail: str
    asked: tuple[tuple[ChatRequest, ChatAnswer], ...]


@dataclass
class Trial:
    """What a trial came to; tokens and dollars of stored answers were paid before."""

    recipe: expand.Recipe
    source: str
    route: str
    tried: list[Tried] = field(default_factory=list)
    spent_usd: float = 0.0
    stored: int = 0


def find_recipe(settings: Settings, name: str) -> expand.Recipe:
    """A recipe by its name in the profile's paths or the package, or by the path of its file. Raises ConfigError."""
    paths = [settings.resolve(path) for path in settings.expansion.recipes.paths]
    if Path(name).suffix in {".yaml", ".yml"}:
        paths = [*(path for path in paths if path.resolve() != Path(name).resolve()), Path(name)]
        known = expand.load_recipes(paths, ("*",))
        return next(recipe for recipe in known if Path(recipe.origin).resolve() == Path(name).resolve())
    return expand.load_recipes(paths, (name,))[0]


def try_recipe(settings: Settings, name: str, count: int, source: str | None = None, route: str | None = None,
               opening: Opening | None = None) -> Trial:
    """Make up to `count` records by one recipe, and keep none.

    Args:
        settings: the profile.
        name: of the recipe, or path of its file.
        count: records tried.
        source: source whose passages are used; the first one that fits without one.
        route: synthetic or hybrid; the recipe's first without one.
        opening: role -> model; the profile's models without one.

    Raises:
        ConfigError: no such recipe, source or route.
        NotBuiltError: no source has passages yet, or none of them fits.
    """
    recipe = find_recipe(settings, name)
    chosen = route or recipe.routes[0]
    if chosen not in recipe.routes:
        raise ConfigError(f"{recipe.id} has no route {chosen!r}.", f"Its routes: {', '.join(recipe.routes)}.")
    if source is not None and source not in settings.sources:
        raise ConfigError(f"There is no source {source!r}.", f"Sources: {', '.join(settings.sources)}.")
    lake = Lake(settings.lake_path)
    asking = asking_sources(settings)
    places = [source] if source else [n for n in (*asking, *sorted(set(settings.sources) - set(asking)))
                                      if lake.passed("cleaned_text", n)]
    for place in places:
        lake.require("cleaned_text", place)
        trial = _on_source(settings, lake, recipe, place, chosen, count, opening)
        if trial.tried:
            return trial
    raise NotBuiltError(
        f"{recipe.id}: no passage of {', '.join(places) or 'any source'} fits it{_why(recipe, chosen)}.",
        "Run `itd build --select cleaned_text` first, or look at `fits` in `itd recipe show`.")


def _why(recipe: expand.Recipe, route: str) -> str:
    return ", or no seed is there to show" if route == "hybrid" else (
        ", or no record is there to evolve" if recipe.source == "records" else "")


def _on_source(settings: Settings, lake: Lake, recipe: expand.Recipe, place: str, route: str, count: int,
               opening: Opening | None) -> Trial:
    trial = Trial(recipe, place, route)
    asked: dict[str, tuple[ChatRequest, ChatAnswer]] = {}
    evolves = recipe.source == "records"
    expansion = settings.expansion.model_copy(update={
        "synthetic_per_source": 0 if evolves else count, "hybrid_per_source": 0 if evolves else count,
        "evolved_per_source": count, "coverage": Coverage()})
    weighed = recipe.model_copy(update={"quota": recipe.quota.model_copy(update={"weight": 1.0})})
    routes = ("synthetic", "hybrid") if evolves else (route,)
    with ExitStack() as stack:
        opened: dict[str, ChatModel] = {}

        def model(role: str) -> ChatModel:
            if role not in opened:
                found = opening(role) if opening else stack.enter_context(
                    open_model(expansion.model_of(role, settings.model), model_store(settings, lake)))
                opened[role] = _Listening(found, asked, trial)
            return opened[role]

        writers = expand.Writers((weighed,), model, lambda role: expansion.model_of(role, settings.model), (place,),
                                 _made_before(lake, place) if evolves else ())
        seeds = lake.read("expert_seeds") if lake.passed("expert_seeds") else SEEDS.empty()
        for batch in expand.expand(lake.batches("cleaned_text", place), seeds, place,
                                   settings.sources[place].model_copy(update={"routes": routes}), expansion, writers):
            for row in batch.rows.to_pylist():
                trial.tried.append(Tried(row, "", "", _requests(row, asked)))
            for reject in batch.rejects.to_pylist():
                row = json.loads(reject["row"])
                trial.tried.append(Tried(row, reject["reason"], reject["detail"], _requests(row, asked)))
    return trial


def _made_before(lake: Lake, place: str) -> list[dict[str, Any]]:
    if not lake.passed("synthetic_expansions", place):
        return []
    rows: list[dict[str, Any]] = lake.read("synthetic_expansions", place).to_pylist()
    return rows


def _requests(
    row: Mapping[str, Any], asked: Mapping[str, tuple[ChatRequest, ChatAnswer]],
) -> tuple[tuple[ChatRequest, ChatAnswer], ...]:
    ids = [row.get("request_id"), *(row.get("further_request_ids") or ())]
    return tuple(asked[i] for i in ids if i in asked)


@dataclass(frozen=True)
class _Listening:
    """A model that remembers what it was asked and answered."""

    model: ChatModel
    asked: dict[str, tuple[ChatRequest, ChatAnswer]]
    trial: Trial

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def local(self) -> bool:
        return self.model.local

    @property
    def identity(self) -> str:
        return str(getattr(self.model, "identity", self.model.name))

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.model.hosts

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        listed = list(requests)
        for request, answer in zip(listed, self.model.answer(listed), strict=True):
            self.asked[answer.request_id] = (request, answer)
            self.trial.stored += answer.cached
            self.trial.spent_usd += 0.0 if answer.cached else answer.cost_usd
            yield answer
