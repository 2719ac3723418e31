"""Reading recipes: those of the package and those of a team, every mistake named with its file, key and remedy.

Belongs here: files and mistakes. Does not belong here: what a key means (`model.py`).

A recipe is a YAML file with its prompts as Jinja files beside it. Its hash is the SHA-256 of all of them together, so
one changed character makes every request a new one, and a record tells which text it was written by. A recipe of a team
may not take the name of another one: silent replacement would hide which of the two wrote a record.
"""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand.judging.checks import check_problem
from itd_pipeline.expand.recipe.model import LISTS, Recipe
from itd_pipeline.expand.recipe.templates import TemplateProblem, compile_expression, compile_template, names_in

SHIPPED = Path(__file__).resolve().parent.parent / "recipes"
SEE = "docs/recipes.md says what each key means; `itd recipe show grounded_question` prints a whole recipe."
_SECTION = re.compile(r"^\[(system|user|assistant)\][ \t]*\n", re.MULTILINE)
_PROMPT_NAMES = frozenset({"title", "section", "excerpt", "specialty", "audience", "examples", "ask"})
_RECORD_NAMES = frozenset({"answer", "title", "section", "excerpt", "specialty", "audience", "ask"})
_MOST_BYTES = 200_000


def load_recipes(paths: Sequence[Path] = (), use: Sequence[str] = (), small_model: bool = False) -> tuple[Recipe, ...]:
    """The recipes of a profile, by id.

    Args:
        paths: further recipe files, or folders of them.
        use: ids or patterns such as `evolve_*`; without any, every recipe from passages that suits the model: for the
            carried one those that say `reads: small`, for others those that say `reads: any`.
        small_model: whether the writer is the carried model.

    Raises:
        ConfigError: a file is missing or wrong (all mistakes of all files are named), or `use` names no recipe.
    """
    known = all_recipes(tuple(paths))
    if not use:
        reads = "small" if small_model else "any"
        return tuple(r for r in known.values() if r.reads == reads and r.source == "passages")
    chosen: dict[str, Recipe] = {}
    for pattern in use:
        found = fnmatch.filter(known, pattern)
        if not found:
            close = difflib.get_close_matches(pattern, known, n=1)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"expansion.recipes.use: there is no recipe {pattern!r}.{meant}",
                              f"Recipes: {', '.join(known)}.")
        chosen |= {name: known[name] for name in found}
    return tuple(chosen[name] for name in sorted(chosen))


def all_recipes(paths: tuple[Path, ...] = ()) -> dict[str, Recipe]:
    """Every recipe of the package and of `paths`, by id. Raises ConfigError as `load_recipes` does."""
    problems: list[str] = []
    found: dict[str, Recipe] = {}
    for file in [*_files(SHIPPED), *(file for path in paths for file in _named(path, problems))]:
        recipe = _read(str(file), _stamp(file), problems)
        if recipe is None:
            continue
        if recipe.id in found and found[recipe.id].origin != recipe.origin:
            problems.append(f"{file}: id: {recipe.id!r} is the name of another recipe ({found[recipe.id].origin})")
        found.setdefault(recipe.id, recipe)
    if problems:
        raise ConfigError("; ".join(problems) + ".", SEE)
    return dict(sorted(found.items()))


def recipe_files(paths: Sequence[Path]) -> dict[str, Path]:
    """Every file that decides what recipes outside of the package say: name -> path."""
    files = (file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*"))))
    return {str(file): file for file in files if file.suffix in {".yaml", ".yml", ".jinja"}} | {
        str(other): other for path in paths if path.is_file() for other in sorted(path.parent.glob("*.jinja"))}


def _named(path: Path, problems: list[str]) -> list[Path]:
    if path.is_file():
        return [path]
    files = _files(path) if path.is_dir() else []
    if not files:
        problems.append(f"expansion.recipes.paths: {path} holds no recipe (.yaml)")
    return files


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.y*ml") if path.suffix in {".yaml", ".yml"})


def _stamp(file: Path) -> tuple[tuple[int, int], ...]:
    """What changes when a recipe or a prompt beside it does: so a file is read once per process."""
    beside = [file, *sorted(file.parent.glob("*.jinja"))]
    return tuple((p.stat().st_mtime_ns, p.stat().st_size) for p in beside if p.is_file())


def _read(file: str, stamp: tuple[tuple[int, int], ...], problems: list[str]) -> Recipe | None:
    recipe, wrong = _parsed(file, stamp)
    problems.extend(wrong)
    return recipe


@lru_cache(maxsize=512)
def _parsed(file: str, _: tuple[tuple[int, int], ...]) -> tuple[Recipe | None, tuple[str, ...]]:
    path = Path(file)
    try:
        raw = path.read_text(encoding="utf-8")
        if len(raw) > _MOST_BYTES:
            return None, (f"{path}: longer than {_MOST_BYTES:,} characters",)
        content = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None, (f"{path}{f', line {mark.line + 1}' if mark else ''}: not readable as YAML",)
    except (OSError, UnicodeDecodeError) as error:
        return None, (f"{path}: cannot be read ({type(error).__name__})",)
    if not isinstance(content, dict):
        return None, (f"{path}: a recipe is a mapping of keys to values",)
    if set_by_us := sorted({"hash", "text", "sections", "confirm_sections", "origin"} & set(content)):
        return None, (f"{path}: {set_by_us[0]}: is set by the program; leave it out",)
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        return None, tuple(f"{path}: {_explained(one, content)}" for one in error.errors())
    parts = [raw]
    prompts = {}
    wrong = []
    for key, name in _prompt_files(recipe):
        beside = path.parent / name
        if Path(name).name != name or not beside.is_file():
            wrong.append(f"{path}: {key}: there is no file {name!r} beside the recipe")
            continue
        parts.append(beside.read_text(encoding="utf-8"))
        prompts[key] = _sections(parts[-1])
        if not prompts[key] or prompts[key][-1][0] != "user":
            wrong.append(f"{path}: {key}: {name} needs lines [system], [user] or [assistant], and ends with a [user] "
                         "part")
    text = "\n--- prompt ---\n".join(parts)
    recipe = recipe.model_copy(update={
        "hash": hashlib.sha256(text.encode()).hexdigest(), "text": text, "origin": str(path),
        "sections": prompts.get("prompt", ()), "confirm_sections": prompts.get("confirm.prompt", ())})
    wrong += [f"{path}: {problem}" for problem in _problems(recipe)]
    return (None if wrong else recipe), tuple(wrong)


def _prompt_files(recipe: Recipe) -> Iterator[tuple[str, str]]:
    yield "prompt", recipe.prompt
    if recipe.confirm is not None:
        yield "confirm.prompt", recipe.confirm.prompt


def _sections(prompt: str) -> tuple[tuple[str, str], ...]:
    """(role, template) pairs; they are parted before anything is filled in, so no passage can open one."""
    parts = _SECTION.split(prompt)
    return tuple((parts[i], parts[i + 1].strip("\n")) for i in range(1, len(parts), 2))


def _problems(recipe: Recipe) -> Iterator[str]:
    """Mistakes that the keys alone do not show."""
    of_record = _RECORD_NAMES | ({"parent"} if recipe.source == "records" else set()) | (
        {"options", "key", "right"} if recipe.choice else set()) | ({"reply"} if recipe.confirm else set())
    of_prompt = _PROMPT_NAMES | ({"parent"} if recipe.source == "records" else set())
    for role, template in recipe.sections:
        yield from _template_problems(f"prompt: [{role}]", template, of_prompt)
    for role, template in recipe.confirm_sections:
        yield from _template_problems(f"confirm.prompt: [{role}]", template, of_record - {"key", "right", "reply"})
    for name, value in recipe.record.items():
        if name in LISTS:
            yield from _expression_problems(f"record.{name}", str(value), of_record)
        elif isinstance(value, str):
            yield from _template_problems(f"record.{name}", value, of_record)
    expressions = {f"evidence.{n}": e for n, e in enumerate(recipe.evidence)}
    if recipe.choice:
        expressions |= {"choice.right": recipe.choice.right, "choice.wrong": recipe.choice.wrong}
    for where, expression in expressions.items():
        yield from _expression_problems(where, expression, _RECORD_NAMES)
    if recipe.confirm:
        yield from _expression_problems("confirm.agrees", recipe.confirm.agrees,
                                        {"reply", "answer", "shown_key", "ask"})
        yield from _schema_problems("confirm.answer", recipe.confirm.answer)
    yield from _schema_problems("answer", recipe.answer)
    for number, check in enumerate(recipe.checks):
        if problem := check_problem(check):
            yield f"checks.{number}: {problem}"
        elif check.of not in recipe.record and check.of != "passage":
            yield from _expression_problems(f"checks.{number}.of", check.of, of_record)
    if (recipe.choice is None) != (recipe.task != "multiple_choice"):
        yield "choice: a recipe of the task multiple_choice, and no other, says where its options are"


def _template_problems(where: str, template: str, allowed: frozenset[str] | set[str]) -> Iterator[str]:
    try:
        compile_template(template)
        unknown = sorted(names_in(template) - allowed)
    except TemplateProblem as error:
        yield f"{where}: the template cannot be read: {error}"
        return
    if unknown:
        yield f"{where}: {unknown[0]!r} is no name that stands there; known: {', '.join(sorted(allowed))}"


def _expression_problems(where: str, expression: str, allowed: frozenset[str] | set[str]) -> Iterator[str]:
    try:
        compile_expression(expression)
        unknown = sorted(names_in("{{ (" + expression + ") }}") - allowed)
    except TemplateProblem as error:
        yield f"{where}: the expression cannot be read: {error}"
        return
    if unknown:
        yield f"{where}: {unknown[0]!r} is no name that stands there; known: {', '.join(sorted(allowed))}"


def _schema_problems(where: str, schema: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f"{where}.{'.'.join(map(str, error.absolute_path))}: no JSON schema: {error.message[:200]}"
        return
    if schema.get("type") != "object" or not schema.get("properties"):
        yield f"{where}: needs `type: object` and `properties`"
    elif missing := sorted(set(schema["properties"]) - set(schema.get("required", ()))):
        yield f"{where}.required: name every property, {missing[0]!r} too: providers' strict modes ask for it"
    elif schema.get("additionalProperties") is not False:
        yield f"{where}.additionalProperties: must be false: providers' strict modes ask for it"


def _explained(error: Any, content: Mapping[str, Any]) -> str:
    """One mistake in words: key, what is wrong, what is allowed."""
    place = [str(part) for part in error["loc"]]
    where = ".".join(place) or "recipe"
    if error["type"] == "missing":
        return f"{where}: this key is needed"
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg'].removeprefix('Value error, ')}"
    valid = _keys(place[:-1])
    close = difflib.get_close_matches(place[-1], valid, n=1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"unknown key {where!r}{meant}; valid keys: {', '.join(valid)}"


def _keys(place: Sequence[str]) -> list[str]:
    part: type[BaseModel] = Recipe
    for name in place:
        field = next((f for n, f in part.model_fields.items() if name in (n, f.alias)), None)
        kinds = [] if field is None else [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        part = inner or part
    ours = {"hash", "text", "sections", "confirm_sections", "origin"} if part is Recipe else set()
    return [field.alias or name for name, field in part.model_fields.items() if name not in ours]
