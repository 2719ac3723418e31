"""From a recipe and its material to what is sent, and from an answer to a record's columns.

Belongs here: filling in. Does not belong here: choosing material (`asking/`), judging (`judging/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from itd_pipeline.expand.recipe.model import LISTS, Recipe
from itd_pipeline.expand.recipe.templates import clip, fill, value_of
from itd_pipeline.text.sentences import sentence_spans

_QUOTE_WORDS = (5, 30)
VALUES = "x-values"
"""Key of a schema node whose allowed values are the sentences of the excerpt: `x-values: sentences`."""


@dataclass(frozen=True)
class Material:
    """What one record is to be made from.

    Args:
        recipe: the recipe.
        route: synthetic or hybrid.
        passage: row of the passages table.
        seeds: experts' records shown, in order.
        ask: column -> value that the prompt is told.
        parent: record that this one is evolved from.
    """

    recipe: Recipe
    route: str
    passage: Mapping[str, Any]
    seeds: tuple[Mapping[str, Any], ...] = ()
    ask: Mapping[str, str | int] = field(default_factory=dict)
    parent: Mapping[str, Any] | None = None

    @property
    def names(self) -> dict[str, Any]:
        """Names that prompts and records know."""
        excerpt, _ = cut(self.passage["text"], self.recipe.excerpt_words)
        names: dict[str, Any] = {
            "title": self.passage["title"], "section": self.passage["section"], "excerpt": excerpt,
            "specialty": self.passage["specialty"], "audience": self.passage["audience"], "ask": dict(self.ask)}
        if self.parent is not None:
            names["parent"] = {name: self.parent.get(name) for name in (
                "instruction", "input", "output", "task_type", "audience", "age_group", "difficulty", "specialty")}
        return names


def messages(material: Material) -> tuple[tuple[str, str], ...]:
    """(role, content) pairs of a recipe's prompt. Raises TemplateProblem."""
    chars = material.recipe.examples.chars
    shown = [{name: clip(seed.get(name) or "", chars) for name in ("instruction", "input", "output", "rationale")}
             | {"options": list(seed["options"]), "answer_key": seed.get("answer_key") or ""}
             for seed in material.seeds]
    values = {**material.names, "examples": shown}
    return tuple((role, fill(template, values)) for role, template in material.recipe.sections)


def schema(recipe: Recipe, passage_text: str) -> str:
    """JSON schema of the answer, with the sentences offered as quotes where the recipe asks for that."""
    if VALUES not in recipe.text:
        return json.dumps(recipe.answer, ensure_ascii=False)
    _, sentences = cut(passage_text, recipe.excerpt_words)
    return json.dumps(with_values(recipe.answer, sentences), ensure_ascii=False)


def with_values(node: Any, sentences: Sequence[str]) -> Any:
    """A schema with each `x-values: sentences` replaced by the sentences as `enum`."""
    if isinstance(node, Mapping):
        rest = {key: with_values(value, sentences) for key, value in node.items() if key != VALUES}
        return rest | ({"enum": list(sentences)} if node.get(VALUES) == "sentences" else {})
    return [with_values(item, sentences) for item in node] if isinstance(node, list | tuple) else node


def columns(recipe: Recipe, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a record that the recipe fills. Raises TemplateProblem."""
    filled: dict[str, Any] = {}
    for name, value in recipe.record.items():
        if name in LISTS:
            filled[name] = list(value_of(str(value), values))
        elif isinstance(value, int):
            filled[name] = value
        else:
            filled[name] = fill(value, values).strip()
    if isinstance(filled.get("difficulty"), str):
        filled["difficulty"] = int(filled["difficulty"]) if filled["difficulty"].isdigit() else None
    return {name: value or None if name in ("input", "rationale") else value for name, value in filled.items()}


@lru_cache(maxsize=4096)
def cut(text: str, most_words: int) -> tuple[str, tuple[str, ...]]:
    """(the first sentences of `text` up to `most_words` words and at least one, those fit to be quotes).

    Fit is a whole sentence of 5 to 30 words without a semicolon; lists and headings are not, unless nothing else is
    there.
    """
    spans = [
        (start + line.start(), start + line.end())
        for start, end in sentence_spans(text) for line in re.finditer(r"\S[^\n]*", text[start:end])
    ] or [(0, len(text))]
    end, words = spans[0][1], 0
    taken: list[str] = []
    for start, stop in spans:
        words += len(text[start:stop].split())
        if taken and words > most_words:
            break
        taken.append(" ".join(text[start:stop].split()))
        end = stop
    least, most = _QUOTE_WORDS
    fit = [s for s in taken if least <= len(s.split()) <= most and s[-1] in ".!?" and ";" not in s] or taken
    return text[spans[0][0]:end], tuple(dict.fromkeys(fit))
