"""Passages, seeds and models that play their part, all built in code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.expand import Recipe, Writers, expand, load_recipes
from itd_pipeline.ports import Batch, ChatAnswer, ChatModel, ChatRequest
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.records import CANDIDATES, DEFAULTS, MODEL_REQUESTS, RECIPE_ACCOUNTS, SEEDS
from itd_pipeline.tables.rejects import REJECTS

LONG = (
    "Gout is a painful arthritis caused by crystals of urate in the joints. It often begins at night in the big toe. "
    "Allopurinol lowers urate and prevents attacks. Drink water and rest the joint until the attack has passed."
)


def passage(number: int, text: str = LONG, **columns: Any) -> dict[str, Any]:
    """A row of the passages table."""
    return {
        "passage_id": f"passage-{number}", "document_id": f"document-{number}", "source": "leaflets",
        "group_id": f"group-{number}", "ordinal": 0, "title": "Gout", "section": "", "text": text, "start": 0,
        "end": len(text), "word_count": max(1, len(text.split())), "question": None, "question_type": None,
        "language": "en", "specialty": "rheumatology", "audience": "patient", "licence": "CC0-1.0", "url": None,
        "evidence_date": None, "patient_data": False, "privacy_status": "no_patient_data", "identifier_classes": [],
        "attributes": "{}", **columns,
    }


def seed(number: int, **columns: Any) -> dict[str, Any]:
    """A row of the seeds table."""
    return {
        **DEFAULTS, "record_id": f"rec-{number}", "instruction": f"Question {number}?", "output": f"Answer {number}.",
        "task_type": "question_answering", "route": "manual", "author": "expert_1", "author_role": "clinician",
        "source": "expert_seeds", "group_id": f"seed-{number}", "licence": "CC0-1.0", "input": None, "rationale": None,
        "answer_key": None, "difficulty": None, **columns,
    }


class Scripted:
    """A model that answers by a function of the request and remembers what it was asked."""

    def __init__(self, reply: Callable[[ChatRequest], ChatAnswer | str], local: bool = True,
                 name: str = "test/scripted") -> None:
        self.reply, self.local, self.name = reply, local, name
        self.hosts = () if local else ("llm.hospital.example",)
        self.asked: list[ChatRequest] = []

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        for request in requests:
            self.asked.append(request)
            reply = self.reply(request)
            request_id = request.payload_hash(self.name)
            yield reply if isinstance(reply, ChatAnswer) else ChatAnswer(request_id, reply, "stop", 10, 5, 0.5)


QUOTE = "Allopurinol lowers urate and prevents attacks."


def good(request: ChatRequest) -> str:
    """A whole answer whose quote stands in `LONG`."""
    return json.dumps({"quote": QUOTE, "question": "What does allopurinol do?", "answer": "It lowers urate."})


class Outcome:
    """What came of a call, gathered over its batches, with the accounting checked, per recipe too."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self.rows: list[dict[str, Any]] = []
        self.rejects: list[dict[str, Any]] = []
        self.units = 0
        self.facts: dict[str, Any] = {}
        self.accounts: dict[tuple[str, str], int] = {}
        self.requests: list[dict[str, Any]] = []
        for batch in batches:
            assert batch.rows.schema.equals(CANDIDATES.conform(batch.rows).schema)
            assert batch.rejects.schema.equals(REJECTS.conform(batch.rejects).schema)
            self.rows += batch.rows.to_pylist()
            self.rejects += batch.rejects.to_pylist()
            self.units += batch.units_in
            for name, value in batch.facts.items():
                self.facts[name] = value if isinstance(value, Mapping) else self.facts.get(name, 0) + value
            if RECIPE_ACCOUNTS.name in batch.sides:
                self.accounts |= {(row["recipe"], row["route"]): row["planned"]
                                  for row in batch.sides[RECIPE_ACCOUNTS.name].to_pylist()}
                self.requests += batch.sides[MODEL_REQUESTS.name].to_pylist()
        assert self.units == len(self.rows) + len(self.rejects)
        assert len({r["row_id"] for r in self.rejects}) == len(self.rejects)
        assert len({r["record_id"] for r in self.rows}) == len(self.rows)
        came: dict[tuple[str, str], int] = {}
        for row in [*self.rows, *(json.loads(r["row"]) for r in self.rejects)]:
            if row.get("route") in ("synthetic", "hybrid"):
                key = (row["prompt_id"], row["route"])
                came[key] = came.get(key, 0) + 1
        assert came == self.accounts
        named = {one for row in [*self.rows, *(json.loads(r["row"]) for r in self.rejects)]
                 for one in (row.get("request_id"), *row.get("further_request_ids", ())) if one}
        assert named == {request["request_id"] for request in self.requests}

    @property
    def reasons(self) -> list[str]:
        return [reject["reason"] for reject in self.rejects]


def call(
    passages: Sequence[Mapping[str, Any]], routes: tuple[str, ...], model: ChatModel | None = None,
    seeds: Sequence[Mapping[str, Any]] = (), reader: str = "markdown", name: str = "openai/some",
    expansion: Mapping[str, Any] | None = None, recipes: Sequence[str] | Sequence[Recipe] = ("grounded_question",),
    answerer: ChatModel | None = None, release: Sequence[Mapping[str, Any]] = (), among: Sequence[str] = (),
    **source: Any,
) -> Outcome:
    """Call `expand` on literal rows, one per batch. Where `model` is None, none may be opened."""

    def opened(role: str) -> ChatModel:
        found = answerer if role == "answerer" and answerer is not None else model
        assert found is not None, "no model may be opened here"
        return found

    used = [r for r in recipes if isinstance(r, Recipe)] or load_recipes(use=[str(r) for r in recipes])
    tables: list[pa.Table] = [PASSAGES.from_rows([row]) for row in passages]
    return Outcome(expand(
        tables, SEEDS.from_rows(list(seeds)), "leaflets",
        settings.Source(reader=reader, licence="CC0-1.0", routes=routes, **source),
        settings.Expansion(**(expansion or {})),
        Writers(used, opened, lambda _: settings.Model(name=name), among, release),
    ))


Run = Callable[..., Outcome]
