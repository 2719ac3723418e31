"""From an answer to the columns of a record: shape, echoes, quotes, columns, the recipe's own checks, in this order.

Belongs here: the order. Does not belong here: any one test, or asking (`asking/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itd_pipeline.expand.draft import span
from itd_pipeline.expand.forms.choice import place
from itd_pipeline.expand.judging.answers import Refused, declines, read_answer
from itd_pipeline.expand.judging.checks import CHECKS
from itd_pipeline.expand.judging.quotes import How, Missing, find_quote
from itd_pipeline.expand.recipe.model import TERMS
from itd_pipeline.expand.recipe.rendering import Material, columns, schema
from itd_pipeline.expand.recipe.templates import TemplateProblem, value_of
from itd_pipeline.ports import ChatAnswer

_MAY_DECLINE = {"safety_refusal", "unanswerable"}


@dataclass(frozen=True)
class Held:
    """An answer that holds.

    Args:
        answer: the object that the model answered with.
        values: names that templates of the recipe know, the answer among them.
        citations: spans of the evidence, in order and each once.
        found: how each quote was found.
    """

    answer: Mapping[str, Any]
    values: Mapping[str, Any]
    citations: tuple[Mapping[str, Any], ...]
    found: tuple[How, ...]


def hold(answer: ChatAnswer, material: Material, unit_id: str) -> Held | Refused:
    """Shape, echoes, options and quotes of an answer.

    Args:
        answer: what came back.
        material: what it was asked about.
        unit_id: decides the letter of the right option.
    """
    recipe, text = material.recipe, material.passage["text"]
    value = read_answer(answer, schema(recipe, text))
    if isinstance(value, Refused):
        return value
    values: dict[str, Any] = {**material.names, "answer": value}
    echoes = {echo.casefold().strip() for echo in recipe.echoes}
    if any(isinstance(said, str) and said.casefold().strip() in echoes for said in value.values()):
        return Refused("prompt_echo")
    try:
        if recipe.choice is not None:
            right = str(value_of(recipe.choice.right, values)).strip()
            wrong = [str(option).strip() for option in value_of(recipe.choice.wrong, values)]
            options, letter = place(unit_id, right, wrong)
            values |= {"options": list(options), "key": letter, "right": right}
        quotes = list(_quotes(recipe.evidence, values))
    except TemplateProblem as problem:
        return Refused("recipe_failed", str(problem))
    cited = _cite(quotes, material)
    if isinstance(cited, Refused):
        return cited
    spans, found = cited
    return Held(value, values, spans, found)


def record_columns(held: Held, material: Material, reply: Mapping[str, Any] | None = None) -> dict[str, Any] | Refused:
    """Columns that the recipe fills, once its own checks have passed.

    Args:
        held: the answer.
        material: what it was asked about.
        reply: the answer to the second question, where the recipe asks one.
    """
    recipe, text = material.recipe, material.passage["text"]
    values = dict(held.values) | ({"reply": reply} if recipe.confirm else {})
    try:
        filled = columns(recipe, values)
        if filled.get("turns"):
            filled["input"] = transcript(filled["turns"])
        if recipe.choice is not None:
            filled |= {"options": values["options"], "answer_key": values["key"]}
        for name in ("instruction", "output"):
            if not any(c.isalnum() for c in filled[name]):
                return Refused("empty_answer", f"{name} holds no word")
        if recipe.task not in _MAY_DECLINE and declines(filled["output"]):
            return Refused("refused")
        for name, allowed in TERMS.items():
            if name in filled and filled[name] not in allowed:
                return Refused("schema_violation", f"{name} is not in the vocabulary")
        evidence = "\n".join([material.passage["title"], material.passage["section"], text])
        for check in recipe.checks:
            of = evidence if check.of == "passage" else filled[check.of] if check.of in filled else value_of(
                check.of, values)
            if failed := CHECKS[check.name].test(of, check, evidence):
                return failed
    except TemplateProblem as problem:
        return Refused("recipe_failed", str(problem))
    return filled


def fails_already(held: Held, material: Material) -> Refused | None:
    """Why an answer cannot stand, whatever the second question brings; None where it may. What needs the reply to that
    question is left for later."""
    found = record_columns(held, material, {})
    return found if isinstance(found, Refused) and found.reason != "recipe_failed" else None


def transcript(turns: Sequence[Mapping[str, Any]]) -> str:
    """Turns in words: what every check of text, and every format without turns, reads."""
    said = {"user": "User", "assistant": "Clinician"}
    return "\n".join(f"{said.get(str(turn.get('role')), 'User')}: {str(turn.get('content', '')).strip()}"
                     for turn in turns)


def _quotes(expressions: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[str]:
    for expression in expressions:
        found = value_of(expression, values)
        yield from map(str, found if isinstance(found, list | tuple) else [found])


def _cite(quotes: list[str], material: Material) -> tuple[tuple[Mapping[str, Any], ...], tuple[How, ...]] | Refused:
    """Spans in the order of the passage, none inside another; a single quote that is not found turns the answer away:
    what it was to prove is then unproved."""
    passage = material.passage
    if not quotes:
        return Refused("quote_not_found", "no quote was given")
    spans: dict[tuple[int, int], None] = {}
    found: list[How] = []
    for number, quote in enumerate(quotes, start=1):
        places = find_quote(quote, passage["text"])
        if isinstance(places, Missing):
            return Refused(places.reason, f"quote {number} of {len(quotes)}: {places.detail}")
        found.append(max((place.how for place in places), key=("exact", "normalised", "repaired").index))
        spans |= dict.fromkeys((place.start, place.end) for place in places)
    kept: list[tuple[int, int]] = []
    for one in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not kept or one[1] > kept[-1][1]:
            kept.append(one)
    return tuple(span(passage["passage_id"], passage["text"], *one) for one in kept), tuple(found)
