"""Whatever a model answers, every planned record becomes a row or a named rejection, per recipe."""

from __future__ import annotations

import json
from typing import Any

from expand_builders import Run, Scripted, passage, seed
from hypothesis import given, settings
from hypothesis import strategies as st
from test_shipped_recipes import ANSWERS, TEXT

from itd_pipeline.expand import load_recipes
from itd_pipeline.ports import ChatAnswer, ChatRequest

RECIPES = load_recipes(use=["*"])
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["quote", "question", "answer", "role", "content", "x"]), inner, max_size=4),
    max_leaves=8)


def _spoilt(value: Any, at: int, odd: Any) -> Any:
    """A good answer with one of its values replaced, or one more key."""
    keys = sorted(value)
    return {**value, keys[at % len(keys)]: odd} if at % 5 else {**value, "more": odd}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), ODD), min_size=6, max_size=6))
def test_nothing_is_lost(answers: list[tuple[int, Any]]) -> None:
    from expand_builders import call

    asked = 0

    def reply(request: ChatRequest) -> ChatAnswer | str:
        nonlocal asked
        at, odd = answers[asked % len(answers)]
        asked += 1
        good = next((a for r, a in ANSWERS.items() if set(a) == set(
            json.loads(request.json_schema or "{}").get("properties", {}))), {"x": 1})
        if at == 0:
            return ChatAnswer("id", "", "error", error="timeout: x")
        if at == 1:
            return json.dumps(good)[: 20 + asked % 40]
        return json.dumps(good if at < 5 else _spoilt(good, at, odd))

    made = call([passage(n, TEXT.replace("58", str(40 + n)), section="Plan") for n in range(6)],
                ("synthetic", "hybrid"), Scripted(reply), seeds=[seed(1, output="Something about another thing.")],
                recipes=RECIPES, expansion={"synthetic_per_source": 30, "hybrid_per_source": 20})
    assert made.units >= 50
    assert sum(made.accounts.values()) == made.units
    assert all(reason.islower() and reason.isidentifier() for reason in made.reasons)


def test_same_inputs_give_the_same_rows(run: Run) -> None:
    rows = [passage(n, TEXT.replace("58", str(40 + n)), section="Plan") for n in range(4)]

    def reply(request: ChatRequest) -> str:
        return json.dumps(next((a for a in ANSWERS.values() if set(a) == set(
            json.loads(request.json_schema or "{}").get("properties", {}))), {}))

    first, second = (run(order, ("synthetic", "hybrid"), Scripted(reply), seeds=[seed(1), seed(2)], recipes=RECIPES)
                     for order in (rows, rows[::-1]))
    assert first.rows == second.rows
    assert first.rejects == second.rejects
