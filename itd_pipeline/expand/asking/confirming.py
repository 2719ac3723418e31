"""The second question: another answer must agree before a record stands. For a multiple choice, the answerer is asked
without the key until its letter is the key, at most eight times.

Belongs here: rounds. Does not belong here: the first answer (`answering.py`), what a recipe asks (`recipes/`).

All open records of a round are asked at once. Each try is a request of its own: another seed, and another order of
the options, so that an answerer with a liking for a letter does not pass by it. A malformed reply uses up its try.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from itd_pipeline import settings
from itd_pipeline.expand.asking.accounts import Tally
from itd_pipeline.expand.asking.records import Behind, Planned, made, may_not_leave, turned, version_of
from itd_pipeline.expand.draft import Draft, Turned
from itd_pipeline.expand.forms.choice import LETTERS
from itd_pipeline.expand.forms.form import draw
from itd_pipeline.expand.judging.answers import Refused, read_answer
from itd_pipeline.expand.judging.verdict import Held
from itd_pipeline.expand.recipe.templates import TemplateProblem, fill, value_of
from itd_pipeline.ports import ChatModel, ChatRequest


@dataclass(frozen=True)
class Open:
    """A record whose first answer holds and that waits for a second one."""

    planned: Planned
    held: Held
    behind: Behind


def confirm(
    waiting: Sequence[Open], source: settings.Source, models: Callable[[str], ChatModel],
    role_settings: Callable[[str], settings.Model], tally: Tally,
) -> Iterator[Draft | Turned]:
    """One draft or turned unit for each waiting record, in the order in which they are settled."""
    by_role: dict[str, list[Open]] = {}
    for one in waiting:
        asked = one.planned.material.recipe.confirm
        assert asked is not None
        by_role.setdefault(asked.role, []).append(one)
    for role in sorted(by_role):
        chat, model = models(role), role_settings(role)
        still = by_role[role]
        number = 0
        while still:
            number += 1
            send: list[tuple[Open, ChatRequest, str]] = []
            for one in still:
                request, key = _request(one, number, model)
                why = str(key) if request is None else may_not_leave(one.planned, request, source, chat)
                if request is None or why is not None:
                    reason = "recipe_failed" if request is None else "egress_refused"
                    yield turned(one.planned, Refused(reason, str(why)), one.behind)
                else:
                    send.append((one, request, key))
            again: list[Open] = []
            answers = chat.answer([request for _, request, _ in send]) if send else iter(())
            for (one, request, key), answer in zip(send, answers, strict=True):
                tally.add(answer, role, chat.name, version_of(chat, answer))
                recipe = one.planned.material.recipe
                assert recipe.confirm is not None
                assert request.json_schema is not None
                behind = replace(one.behind, answers=(*one.behind.answers, answer), attempt=number,
                                 answerer=version_of(chat, answer))
                reply = read_answer(answer, request.json_schema)
                agreed = _agrees(recipe.confirm.agrees, reply, one, key)
                if agreed is True and not isinstance(reply, Refused):
                    yield made(one.planned, one.held, behind, source.language, reply)
                elif isinstance(agreed, str):
                    yield turned(one.planned, Refused("recipe_failed", agreed), behind)
                elif isinstance(reply, Refused) and answer.error:
                    yield turned(one.planned, reply, behind)  # no answer came at all: asked again by the next build
                elif number >= recipe.confirm.tries:
                    yield turned(one.planned, Refused(recipe.confirm.reason, f"tries={number}"), behind)
                else:
                    again.append(replace(one, behind=behind))
            still = again


def _agrees(expression: str, reply: Mapping[str, Any] | Refused, one: Open, key: str) -> bool | str:
    """Whether a reply agrees; in words what is wrong with the expression."""
    if isinstance(reply, Refused):
        return False
    try:
        return bool(value_of(expression, {"reply": dict(reply), "answer": dict(one.held.answer), "shown_key": key,
                                          "ask": dict(one.planned.material.ask)}))
    except TemplateProblem as problem:
        return str(problem)


def _request(one: Open, number: int, model: settings.Model) -> tuple[ChatRequest | None, str]:
    """(request of a try, letter of the right option as shown); (None, problem) where it cannot be filled in."""
    recipe = one.planned.material.recipe
    assert recipe.confirm is not None
    values, key = dict(one.held.values), ""
    if recipe.choice is not None:
        options = list(values["options"])
        shown = options if number == 1 else sorted(
            options, key=lambda option: (draw("try", one.planned.unit_id, str(number), option), option))
        key = LETTERS[shown.index(values["right"])]
        values["options"] = shown
    for told in ("key", "right"):
        values.pop(told, None)
    try:
        messages = tuple((role, fill(template, values)) for role, template in recipe.confirm_sections)
    except TemplateProblem as problem:
        return None, str(problem)
    return ChatRequest(
        messages=messages, json_schema=json.dumps(recipe.confirm.answer, ensure_ascii=False),
        max_tokens=model.max_tokens, temperature=model.temperature, seed=model.seed + number - 1), key
