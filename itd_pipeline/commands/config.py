"""`itd config`: check a profile and its policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import typer

from itd_pipeline.commands.console import EXIT_CODES, MISUSED, AsJson, Profile, err, out, print_json, reported
from itd_pipeline.errors import ConfigError, ItdError
from itd_pipeline.expand import Recipe, grid
from itd_pipeline.expand.forms.families import family_of
from itd_pipeline.llm import is_local, open_model
from itd_pipeline.pipeline.documents import source_digest
from itd_pipeline.pipeline.records import recipes_of
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.policy import load_policy
from itd_pipeline.review import load_rubric
from itd_pipeline.seeds import seed_files
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.signals import load_benchmarks
from itd_pipeline.sources import read_source
from itd_pipeline.storage.lake import Lake

_Found = TypeVar("_Found")
_WITH_COLUMNS = {"csv", "jsonl", "parquet"}
_BY_MODEL = {"synthetic", "hybrid"}

app = typer.Typer(no_args_is_help=True, help="Check a profile before running it.")


@app.callback()
def _config() -> None:
    """Check a profile before running it."""


@app.command(epilog=EXIT_CODES)
def check(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Read a profile, its policy and rubric, look for every file they name, and say all that is wrong.

    Tables are opened to see whether the columns are there that the profile maps. An unknown key lists the valid ones.

    Example:

      itd config check --profile conf/ours.yaml
    """
    with reported(as_json):
        settings = load_settings(profile)
    problems: list[ItdError] = []
    policy = _tried(problems, lambda: load_policy(settings.resolve(settings.policy)))
    rubric = _tried(problems, lambda: load_rubric(settings.resolve(settings.review.rubric)))
    seeds = _tried(problems, lambda: seed_files([settings.resolve(path) for path in settings.seeds.paths]))
    _tried(problems, lambda: load_benchmarks(settings.signals.benchmarks, settings.resolve))
    _tried(problems, lambda: _model(settings))
    recipes = _tried(problems, lambda: recipes_of(settings))
    _tried(problems, lambda: grid(settings.expansion.coverage, settings.sources))
    files = {name: _source(settings, name, problems) for name in settings.sources}
    warnings = [*_warnings(settings), *_recipe_warnings(settings, recipes or (), bool(seeds))]
    if as_json:
        print_json({"profile": settings.profile, "valid": not problems, "files": files,
                    "seed_files": len(seeds or ()), "rules": len(policy.rules) if policy else None,
                    "recipes": [recipe.label for recipe in recipes or ()],
                    "rubric": rubric.version if rubric else None, "warnings": warnings,
                    "problems": [{"problem": p.problem, "remedy": p.remedy} for p in problems]})
    else:
        for name, count in files.items():
            if count is not None:
                out.print(f"source {name}: {count:,} files", markup=False)
        for warning in warnings:
            out.print(f"Warning: {warning}", style="yellow", markup=False, soft_wrap=True)
        for problem in problems:
            err.print(problem.problem, style="bold red", markup=False, soft_wrap=True)
            err.print(problem.remedy, markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(MISUSED)
    if policy and rubric and not as_json:
        out.print(f"{len(seeds or ())} seed files, {len(policy.rules)} rules, rubric {rubric.version}. "
                  f"Profile {settings.profile} is valid.", markup=False)


def _tried(problems: list[ItdError], look: Callable[[], _Found]) -> _Found | None:
    """What `look` finds; None, and one more problem, where it is not as it should be."""
    try:
        return look()
    except ItdError as error:
        problems.append(error)
        return None


def _source(settings: Settings, name: str, problems: list[ItdError]) -> int | None:
    """Number of files of a source; None where it cannot be read."""
    source = settings.sources[name]
    if "template" in source.routes:
        _tried(problems, lambda: _forms(name, source.reader))
    before = len(problems)
    files = _tried(problems, lambda: source_digest(Scope(settings, Lake(settings.lake_path), name)))
    if len(problems) == before and source.reader in _WITH_COLUMNS:
        path = None if source.path is None else settings.resolve(source.path)
        _tried(problems, lambda: next(read_source(name, source, path, batch_rows=1)))  # reads the header first
    return None if files is None else len(files)


def _forms(name: str, reader: str) -> None:
    try:
        family_of(reader)
    except ConfigError as error:
        raise ConfigError(f"Source {name}: {error.problem}", error.remedy) from error


def _model(settings: Settings) -> None:
    """Whether the model's name and options are known. Nothing is asked and nothing is kept."""
    with TemporaryDirectory() as scratch, open_model(settings.model, Path(scratch) / "answers.sqlite"):
        pass


def _warnings(settings: Settings) -> Iterator[str]:
    """What is allowed and yet gives no records."""
    model = settings.model
    asking = {name: source for name, source in settings.sources.items() if _BY_MODEL & set(source.routes)}
    local = is_local(model)
    for name, source in asking.items():
        if source.model_use == "none" or (source.model_use == "local_only" and not local):
            routes = ", ".join(sorted(_BY_MODEL & set(source.routes)))
            place = "on this machine" if local else "not on this machine"
            yield (f"source {name} has model_use: {source.model_use} and the model {model.name} is {place}: "
                   f"its routes ({routes}) give no records.")
    price = model.price_per_million_tokens
    costs = any(price) if price is not None else not local
    if asking and costs and model.max_cost_usd == 0:
        yield (f"model.max_cost_usd is 0: if {model.name} costs anything, every request is turned away as "
               "spending_cap.")


def _recipe_warnings(settings: Settings, recipes: Sequence[Recipe], seeds: bool) -> Iterator[str]:
    """Routes for which nothing can be planned, and roles that nobody plays on purpose."""
    for name, source in settings.sources.items():
        for route in ("synthetic", "hybrid"):
            if route not in source.routes:
                continue
            if recipes and not any(route in recipe.routes for recipe in recipes):
                yield f"source {name} has the route {route}, and no recipe in use is for it."
            if route == "hybrid" and not seeds:
                yield f"source {name} has the route hybrid, and there are no seeds to show: nothing is planned."
    asked = {recipe.confirm.role for recipe in recipes if recipe.confirm} - set(settings.expansion.roles)
    if asked:
        yield (f"the role {sorted(asked)[0]} is played by {settings.model.name}, which then judges its own records; "
               "another model stands in expansion.roles.")
