"""Entailment: does the evidence imply each sentence of the output? By a model of your choice behind a port.

Off by default: no such model is carried. `Study.entailment` is anything that follows `Entailment`; a natural-language
inference model and a judge model (`JudgeEntailment`) fit alike. Where there is none, the column is null, and a rule on
it says what that means (`if_missing`).

What the other measures of groundedness cannot see, free paraphrase that says the reverse, is what this one is for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from itd_pipeline.ports import ChatModel, ChatRequest
from itd_pipeline.signals.egress import as_parameter
from itd_pipeline.signals.grounding.sentences import sentences_in
from itd_pipeline.signals.signal import Columns, Records, Signal, Study

_MOST_SENTENCES = 40
_PROMPT = (
    "You check medical texts. Below are an evidence text and a statement. Answer with one word as JSON: does the "
    "evidence "
    "entail the statement (entailed), say the opposite (contradicted), or neither (neutral)?")
_SCHEMA = json.dumps({
    "type": "object", "additionalProperties": False, "required": ["verdict"],
    "properties": {"verdict": {"type": "string", "enum": ["entailed", "neutral", "contradicted"]}}})
_VALUE = {"entailed": 1.0, "neutral": 0.5, "contradicted": 0.0}


class Entailment(Protocol):
    """A model of natural-language inference."""

    @property
    def name(self) -> str:
        """Name and version: part of the key under which its values are kept."""
        ...

    @property
    def local(self) -> bool:
        """Whether texts stay on this machine; records of patient data go to no other model."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that texts may go to besides this machine."""
        ...

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float | None]:
        """Per (evidence, statement) how far the evidence entails the statement: 1 entails, 0 contradicts; None where
        the model gave no answer."""
        ...


class JudgeEntailment:
    """A chat model that plays `Entailment`; its answers are cached and priced by the store that it was opened with."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return f"judge:{self._model.name}:1"

    @property
    def local(self) -> bool:
        return self._model.local

    @property
    def hosts(self) -> tuple[str, ...]:
        return self._model.hosts

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float | None]:
        requests = [ChatRequest(messages=(("system", _PROMPT), ("user",
                                                                f"Evidence:\n{evidence}\n\nStatement:\n{statement}")),
                                json_schema=_SCHEMA, max_tokens=30) for evidence, statement in pairs]
        return [_value(answer.text) if answer.finish_reason == "stop" else None
                for answer in self._model.answer(requests)]


def _value(text: str) -> float | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return _VALUE.get(str(answer.get("verdict"))) if isinstance(answer, dict) else None


def least_entailed(output: str, evidence: str, model: Entailment) -> float | None:
    """The least score of any sentence of `output`; None where a sentence got no answer, because a gap is no pass."""
    statements = [s.text for s in sentences_in(output) if not s.text.endswith("?") and s.text not in evidence]
    if not statements:
        return 1.0
    scores = model.scores([(evidence, statement) for statement in statements[:_MOST_SENTENCES]])
    return None if any(score is None for score in scores) else min(score for score in scores if score is not None)


def measured(records: Records) -> Columns:
    """The column of this file for each record; null where no model is set or the record has no evidence."""
    model = records.study.entailment
    if model is None:
        return {"entailment_least": [None] * len(records)}
    return {"entailment_least": [
        least_entailed(output, "\n".join(records.evidence[p] for p in named), model)
        if named and shown else None
        for output, named, shown in zip(records.column("output"), records.named, records.shown_to(model),
                                        strict=True)]}


def _parameters(study: Study) -> dict[str, Any]:
    return {"model": study.entailment.name, "uses": as_parameter(study.uses)} if study.entailment else {"model": None}


SIGNAL = Signal(name="entailment", version=1, columns=("entailment_least",), compute=measured, workers=False,
                parameters=_parameters, libraries=("rapidfuzz",))
