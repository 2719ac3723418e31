"""The routes `synthetic` and `hybrid`: a model writes a question and its answer from a passage, hybrid after examples
of experts.

Belongs here: from planned requests to drafts. Does not belong here: drawing (`model_plan.py`), wording (`prompts/`),
the rule about leaving the building (`egress.py`), judging an answer (`answers.py`), reaching a model (`llm/`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.expand.answers import Refused, judge
from itd_pipeline.expand.draft import Draft, Turned, from_passage, is_illustrative, span, unit_id
from itd_pipeline.expand.egress import refusal
from itd_pipeline.expand.forms import draw
from itd_pipeline.expand.model_plan import draw_passages, draw_seeds
from itd_pipeline.expand.prompts import Prompt, prompts_for
from itd_pipeline.expand.questions import question_kind
from itd_pipeline.ports import ChatAnswer, ChatModel, ChatRequest, canonical_json
from itd_pipeline.text.sentences import sentence_spans

_QUOTE_WORDS = (5, 30)


@dataclass(frozen=True)
class Planned:
    """One request before it is sent.

    Args:
        prompt: prompt file.
        passage: row of the passages table.
        seeds: seeds shown, in order.
        request: what would be sent.
    """

    prompt: Prompt
    passage: Mapping[str, Any]
    seeds: tuple[Mapping[str, Any], ...]
    request: ChatRequest


@dataclass
class Tally:
    """What the requests of a route came to."""

    facts: dict[str, int | float] = field(default_factory=lambda: {
        "requests": 0, "requests_cached": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0})

    def add(self, answer: ChatAnswer) -> None:
        self.facts["requests"] += 1
        self.facts["requests_cached"] += answer.cached
        self.facts["prompt_tokens"] += answer.prompt_tokens
        self.facts["completion_tokens"] += answer.completion_tokens
        self.facts["cost_usd"] += answer.cost_usd


def plan(
    passages: pa.Table, seeds: Sequence[Mapping[str, Any]], route: str, expansion: settings.Expansion,
    model_settings: settings.Model,
) -> list[Planned]:
    """The requests of a route, in order."""
    count = expansion.synthetic_per_source if route == "synthetic" else expansion.hybrid_per_source
    prompts = prompts_for(route, model_settings.name)
    planned = []
    for passage in draw_passages(passages, route, count, expansion.seed):
        prompt = prompts[draw("prompt", str(expansion.seed), passage["passage_id"]) % len(prompts)]
        shown = tuple(draw_seeds(seeds, passage, expansion.examples_per_prompt, expansion.seed)) \
            if route == "hybrid" else ()
        excerpt, sentences = cut(passage["text"], prompt.excerpt_words)
        planned.append(Planned(prompt, passage, shown, ChatRequest(
            messages=prompt.messages(passage["title"], passage["section"], excerpt,
                                     [(s["instruction"], s["output"]) for s in shown]),
            json_schema=prompt.schema(sentences),
            max_tokens=model_settings.max_tokens,
            temperature=model_settings.temperature,
            seed=model_settings.seed,
        )))
    return planned


def cut(text: str, most_words: int) -> tuple[str, list[str]]:
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
    return text[spans[0][0]:end], list(dict.fromkeys(fit))


def ask(
    planned: Sequence[Planned], source: settings.Source, model: Callable[[], ChatModel],
    model_settings: settings.Model, tally: Tally,
) -> Iterator[Draft | Turned]:
    """One draft or one turned unit per planned request, those refused first; `model` is called only if any is sent."""
    if not planned:
        return
    chat = model() if source.model_use != "none" else None
    send: list[Planned] = []
    for one in planned:
        why = refusal(one.request, source, one.passage["patient_data"], local=chat is not None and chat.local,
                      patient_seeds=sum(s["patient_data"] for s in one.seeds),
                      hosts=chat.hosts if chat is not None else ())
        if why is None:
            send.append(one)
        else:
            yield _turned(one, Refused("egress_refused", why))
    if chat is None or not send:
        return
    for one, answer in zip(send, chat.answer([one.request for one in send]), strict=True):
        tally.add(answer)
        verdict = judge(answer, one.prompt, one.passage["text"])
        if isinstance(verdict, Refused):
            yield _turned(one, verdict, answer, chat.name)
            continue
        passage = one.passage
        yield Draft(_unit(one), passage["passage_id"], from_passage(
            passage, source.language,
            instruction=verdict.question,
            output=verdict.answer,
            citations=[span(passage["passage_id"], passage["text"], verdict.start, verdict.end)],
            seed_ids=[s["record_id"] for s in one.seeds],
            task_type=one.prompt.task_type,
            question_type=question_kind(passage["question_type"]),
            audience=passage["audience"] if one.prompt.audience == "unspecified" else one.prompt.audience,
            patient_data=passage["patient_data"] or any(s["patient_data"] for s in one.seeds),
            illustrative=is_illustrative(passage) or any(s["illustrative"] for s in one.seeds),
            route=one.prompt.route, author=chat.name, author_role="model", model=chat.name,
            prompt_id=one.prompt.label, prompt_hash=one.prompt.hash,
            parameters=canonical_json({"temperature": one.request.temperature, "seed": one.request.seed,
                                       "max_tokens": one.request.max_tokens}),
            request_id=answer.request_id,
            prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens,
            cost_usd=answer.cost_usd,
        ))


def _unit(one: Planned) -> str:
    return unit_id(one.prompt.route, one.prompt.label, one.passage["passage_id"])


def _turned(one: Planned, verdict: Refused, answer: ChatAnswer | None = None, model: str = "") -> Turned:
    """A turned unit; the raw answer stays in the row, except where nothing was sent: then ids only."""
    row: dict[str, Any] = {"prompt_id": one.prompt.label, "passage_id": one.passage["passage_id"]}
    if answer is not None:
        row |= {"request_id": answer.request_id, "raw": answer.text, "error": answer.error, "model": model,
                "prompt_tokens": answer.prompt_tokens, "completion_tokens": answer.completion_tokens,
                "cost_usd": answer.cost_usd}
    return Turned(_unit(one), one.passage["passage_id"], verdict.reason, verdict.detail, row)
