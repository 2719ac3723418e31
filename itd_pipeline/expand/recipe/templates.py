"""Templates and expressions of recipes, in Jinja's sandbox. Belongs here: the environment. Not here: what is filled in.

Recipes may come from anyone in a team, so their templates run where no attribute that leads out of the data can be
reached, nothing can be changed and nothing can be included. A name that is not there is an error, never an empty text.
What is filled in is not read as a template again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from itd_pipeline.expand.forms.choice import lettered


class TemplateProblem(Exception):
    """A template or expression is wrong, or asks for what is not there. Its message holds no text of a passage."""


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"json": _json, "bullets": _bullets, "lettered": lettered, "clip": clip, "words": _words}
    environment.globals.clear()
    return environment


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bullets(items: list[Any]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _words(term: str) -> str:
    return str(term).replace("_", " ")


def clip(text: str, chars: int) -> str:
    """`text` up to `chars` characters, cut after a sentence where one ends there, else after a word."""
    if len(text) <= chars:
        return text
    head = text[:chars]
    end = max(head.rfind(". "), head.rfind(".\n"))
    return head[: end + 1] if end > chars // 3 else head[: head.rfind(" ")].rstrip() + " …"


@lru_cache(maxsize=1024)
def _template(source: str) -> Any:
    return _compiled(lambda: _environment().from_string(source))


@lru_cache(maxsize=1024)
def _expression(source: str) -> Any:
    return _compiled(lambda: _environment().compile_expression(source, undefined_to_none=False))


def _compiled(compiling: Callable[[], Any]) -> Any:
    from jinja2 import TemplateError

    try:
        return compiling()
    except TemplateError as error:
        number = getattr(error, "lineno", None)
        line = f" in line {number}" if number else ""
        raise TemplateProblem(f"{error.message}{line}") from error


def compile_template(source: str) -> None:
    """Raises TemplateProblem where a template cannot be read."""
    _template(source)


def compile_expression(source: str) -> None:
    """Raises TemplateProblem where an expression cannot be read."""
    _expression(source)


def fill(source: str, values: Mapping[str, Any]) -> str:
    """A template filled in. Raises TemplateProblem."""
    return str(_filled(lambda: _template(source).render(**values)))


def value_of(source: str, values: Mapping[str, Any]) -> Any:
    """What an expression gives. Raises TemplateProblem."""
    from jinja2 import Undefined

    found = _filled(lambda: _expression(source)(**values))
    if isinstance(found, Undefined):
        raise TemplateProblem(f"{source!r} gives nothing")
    return found


def _filled(filling: Callable[[], Any]) -> Any:
    from jinja2 import TemplateError, UndefinedError

    try:
        return filling()
    except UndefinedError as error:
        raise TemplateProblem("a name in it is not there") from error
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        raise TemplateProblem(f"it cannot be filled in ({type(error).__name__})") from error


def names_in(source: str) -> set[str]:
    """Names that a template takes from outside. Raises TemplateProblem where it cannot be read."""
    from jinja2 import meta

    return set(_compiled(lambda: meta.find_undeclared_variables(_environment().parse(source))))
