"""In = out + rejected for each recipe, whatever the provider does: every mixture of faults, through the real client.

`Outcome` checks the accounts: units, rows and rejects of each recipe and route, and a row of `model_requests` for every
request that they name.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from expand_builders import Outcome, call, passage, seed
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from itd_pipeline import settings
from itd_pipeline.expand import load_recipes
from itd_pipeline.llm import open_model
from itd_pipeline.llm.fake_provider import Behaviour, running

RECIPES = tuple(sorted(recipe.id for recipe in load_recipes(use=["*"])))
TEXT = (
    "A 58-year-old man was admitted with community-acquired pneumonia. He has a history of type 2 diabetes. He takes "
    "metformin 500 mg twice daily. On examination he had fever and a cough. C-reactive protein was 180 mg/L. Pulmonary "
    "embolism was considered and must be ruled out. Amoxicillin 500 mg three times daily was started. Do not give "
    "amoxicillin to people with a penicillin allergy, because it can cause anaphylaxis. Call an ambulance if breathing "
    "becomes difficult, or if the lips turn blue. Children are seen within 24 hours. Plan number {n}: follow-up in the "
    "clinic after 6 weeks with a chest radiograph."
)
SHARES = st.fixed_dictionaries({kind: st.sampled_from([0.0, 0.05, 0.2]) for kind in (
    "server_error", "malformed", "truncated", "wrong_schema")} | {"refused": st.sampled_from([0.0, 0.1])} | {
    "duplicate": st.sampled_from([0.0, 0.1]), "reset": st.sampled_from([0.0, 0.05]), "seed": st.integers(0, 10**6)})


def made(recipes: tuple[str, ...], faults: dict[str, Any], **model: Any) -> Outcome:
    passages = [passage(n, TEXT.format(n=n), title="Pneumonia", section="Assessment", specialty="respiratory_medicine")
                for n in range(3)]
    parents = [seed(n, route="synthetic", task_type="question_answering", passage_ids=[f"passage-{n}"])
               for n in range(3)]
    with running(Behaviour(**faults)) as (address, _), tempfile.TemporaryDirectory() as folder:
        section = settings.Model(name="openai/fake", api_base=address, concurrency=8, retries=0, malformed_retries=1,
                                 **model)
        with open_model(section, Path(folder) / "s") as chat:
            return call(passages, ("synthetic", "hybrid"), chat, [seed(9)], recipes=recipes, release=parents,
                        expansion={"synthetic_per_source": 12, "hybrid_per_source": 6, "evolved_per_source": 6})


@given(st.lists(st.sampled_from(RECIPES), min_size=1, max_size=6, unique=True), SHARES)
@examples(max_examples=12, deadline=None)
def test_rows_in_are_rows_out_and_rejected_for_each_recipe(recipes: list[str], faults: dict[str, Any]) -> None:
    outcome = made(tuple(recipes), faults)
    assert outcome.units == sum(outcome.accounts.values())


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_recipe_alone_under_all_faults_at_once(recipe: str) -> None:
    outcome = made((recipe,), {"server_error": 0.2, "malformed": 0.2, "truncated": 0.2, "refused": 0.2, "seed": 3})
    assert outcome.units == sum(outcome.accounts.values()) > 0
    assert {label.partition("@")[0] for label, _ in outcome.accounts} == {recipe}


def test_a_cap_in_the_middle_keeps_the_accounts() -> None:
    outcome = made(("grounded_question", "multiple_choice"), {}, max_cost_usd=0.05,
                   prices={"openai/fake": settings.model.Price(request=0.01)})
    assert outcome.units == sum(outcome.accounts.values())
    assert "spending_cap" in outcome.reasons
