"""A planned record, the requests behind it, and the row that comes of it, kept or turned away.

Belongs here: rows and where they say they come from. Does not belong here: asking (`answering.py`, `confirming.py`).

Times are not in a row: they differ from run to run, and the same inputs give the same bytes. They stand in the table
`model_requests` beside the rows, under the request ids that the row names (docs/adr/0031).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline import settings
from itd_pipeline.expand.draft import Draft, Turned, from_passage, is_illustrative
from itd_pipeline.expand.egress import refusal
from itd_pipeline.expand.judging.answers import Refused
from itd_pipeline.expand.judging.verdict import Held, record_columns
from itd_pipeline.expand.questions import question_kind
from itd_pipeline.expand.recipe.rendering import Material, messages, schema
from itd_pipeline.expand.recipe.templates import TemplateProblem
from itd_pipeline.ports import ChatAnswer, ChatModel, ChatRequest, canonical_json


@dataclass(frozen=True)
class Planned:
    """One record before its request is sent.

    Args:
        unit_id: id of the planned unit.
        material: recipe, passage, seeds, what is asked, parent.
        request: what would be sent; None where the prompt could not be filled in.
        problem: why not.
    """

    unit_id: str
    material: Material
    request: ChatRequest | None
    problem: str = ""


@dataclass(frozen=True)
class Behind:
    """The requests behind a record.

    Args:
        model, version: who wrote it: name in the profile, and what exactly answered.
        answers: in the order asked: the writer's, then the answerer's.
        attempt: which try stood; 1 where it was asked once.
        answerer: exact version of the model that confirmed it, if any.
    """

    model: str
    version: str
    answers: tuple[ChatAnswer, ...]
    attempt: int = 1
    answerer: str = ""


def prepare(unit_id: str, material: Material, model: settings.Model) -> Planned:
    """The request of a planned record.

    Args:
        unit_id: id of the planned unit.
        material: what it is made from.
        model: settings of the model that plays the recipe's role.
    """
    recipe = material.recipe
    try:
        request = ChatRequest(
            messages=messages(material), json_schema=schema(recipe, material.passage["text"]),
            max_tokens=recipe.max_tokens or model.max_tokens,
            temperature=model.temperature if recipe.temperature is None else recipe.temperature, seed=model.seed)
    except TemplateProblem as problem:
        return Planned(unit_id, material, None, str(problem))
    return Planned(unit_id, material, request)


def may_not_leave(one: Planned, request: ChatRequest, source: settings.Source, chat: ChatModel) -> str | None:
    """Why a prompt may not be sent to a model; None where it may."""
    shown = [*one.material.seeds, *([one.material.parent] if one.material.parent is not None else [])]
    seeds = sum(s["patient_data"] and s["route"] == "manual" for s in shown)
    about = one.material.passage["patient_data"] or any(s["patient_data"] for s in shown)
    return refusal(request, source, about, local=chat.local, patient_seeds=seeds, hosts=chat.hosts)


def version_of(chat: ChatModel, answer: ChatAnswer) -> str:
    """The exact version that answered: what the provider said, else what tells this model from others."""
    return without_folder(str(getattr(answer, "model_version", "") or getattr(chat, "identity", "") or chat.name))


def without_folder(version: str) -> str:
    """A server of llama.cpp names the file that it loaded; where that lies is the machine's business, not the record's.

    `owner/model` is no path and stays.
    """
    return re.split(r"[/\\]", version)[-1] if re.match(r"[/\\~]|[A-Za-z]:[/\\]", version) else version


def made(
    one: Planned, held: Held, behind: Behind, language: str, reply: Mapping[str, Any] | None = None,
) -> Draft | Turned:
    """A draft, unless the recipe's own checks turn it away."""
    material, recipe = one.material, one.material.recipe
    filled = record_columns(held, material, reply)
    if isinstance(filled, Refused):
        return turned(one, filled, behind)
    passage, parent = material.passage, material.parent
    shown = [*material.seeds, *([parent] if parent is not None else [])]
    asked = {name: value for name, value in material.ask.items() if name not in filled}
    inherited = {} if parent is None else {name: parent.get(name) for name in (
        "question_type", "level_of_care", "severity", "age_group", "sex", "difficulty", "jurisdiction", "audience")}
    row = from_passage(passage, language, **{
        "question_type": question_kind(passage["question_type"]), **inherited, **asked, **filled,
        "citations": list(held.citations), "task_type": recipe.task,
        "seed_ids": [s["record_id"] for s in shown if s["route"] == "manual"],
        "parent_ids": [] if parent is None else [parent["record_id"]],
        "patient_data": passage["patient_data"] or any(s["patient_data"] for s in shown),
        "illustrative": is_illustrative(passage) or any(s["illustrative"] for s in shown),
        "route": material.route, "author": behind.model, "author_role": "model", **provenance(one, behind),
    })
    return Draft(one.unit_id, passage["passage_id"], row)


def provenance(one: Planned, behind: Behind) -> dict[str, Any]:
    """Columns that say by whom, how and at which price; tokens and dollars are those of all requests together."""
    request = one.request
    assert request is not None
    parameters = {"temperature": request.temperature, "seed": request.seed, "max_tokens": request.max_tokens,
                  **({"ask": dict(one.material.ask)} if one.material.ask else {}),
                  **({"answerer": behind.answerer} if behind.answerer else {})}
    return {
        "model": behind.model, "model_version": behind.version, "prompt_id": one.material.recipe.label,
        "prompt_hash": one.material.recipe.hash, "parameters": canonical_json(parameters),
        "request_id": behind.answers[0].request_id,
        "further_request_ids": [answer.request_id for answer in behind.answers[1:]],
        "prompt_tokens": sum(a.prompt_tokens for a in behind.answers),
        "completion_tokens": sum(a.completion_tokens for a in behind.answers),
        "cost_usd": sum(a.cost_usd for a in behind.answers), "attempt": behind.attempt,
    }


def turned(one: Planned, verdict: Refused, behind: Behind | None = None) -> Turned:
    """A turned unit; the raw answers stay in the row, except where nothing was sent: then ids only."""
    material = one.material
    row: dict[str, Any] = {"prompt_id": material.recipe.label, "route": material.route,
                           "passage_id": material.passage["passage_id"]}
    if material.parent is not None:
        row["parent_ids"] = [material.parent["record_id"]]
    if behind is not None:
        row |= {"raw": behind.answers[0].text, "error": behind.answers[-1].error, **provenance(one, behind)}
        if len(behind.answers) > 1:
            row["replies"] = [answer.text for answer in behind.answers[1:]]
    return Turned(one.unit_id, material.passage["passage_id"], verdict.reason, verdict.detail, row)
