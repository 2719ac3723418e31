"""What is drawn: by weights, by the grid, stable where nothing changed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from expand_builders import QUOTE, Run, Scripted, good, passage, seed

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand import grid, load_recipes
from itd_pipeline.expand.asking.coverage import count, to_plan, within
from itd_pipeline.expand.asking.planning import Slot, expected, plan_slots
from itd_pipeline.settings import Coverage
from itd_pipeline.tables.passages import PASSAGES

RECIPES = load_recipes(use=["grounded_question", "patient_question", "multiple_choice", "clinician_summary"])
LONGER = " ".join(f"Sentence {n} about gout and its care in daily life." for n in range(12))


def _plan(
    passages: list[dict[str, Any]], budget: int, coverage: dict[str, Any] | None = None, **more: Any,
) -> list[Slot]:
    cells = grid(Coverage(**coverage)) if coverage else ()
    wanted = to_plan(cells, "leaflets", ["leaflets"], [], 1.0)
    return plan_slots(PASSAGES.from_rows(passages), more.pop("recipes", RECIPES), "synthetic", budget, 7, "markdown",
                      "en", cells, wanted, **more)


def _key(slot: Slot) -> tuple[str, str, str]:
    return slot.pair.recipe.id, slot.pair.passage_id, json.dumps(dict(slot.ask))


def test_recipes_take_their_weight() -> None:
    many = [passage(n, LONGER) for n in range(900)]
    shares = Counter(slot.pair.recipe.id for slot in _plan(many, 400))
    assert shares["grounded_question"] > 1.2 * shares["patient_question"] > 1.2 * shares["clinician_summary"] > 0
    assert len({slot.pair.passage_id for slot in _plan(many, 400)}) == 400, "no passage twice before all had a turn"


def test_a_changed_passage_moves_only_its_own_requests() -> None:
    many = [passage(n, LONGER) for n in range(1000)]
    changed = [*many[:500], passage(5000, LONGER + " And more.", document_id="document-500"), *many[501:]]
    before, after = ({_key(slot) for slot in _plan(rows, 1000)} for rows in (many, changed))
    assert after - before == {key for key in after if key[1] == "passage-5000"}
    partly_before, partly_after = ({_key(slot) for slot in _plan(rows, 300)} for rows in (many, changed))
    assert len(partly_after - partly_before) <= 2, "at the end of the budget one more may move up"


def test_order_of_passages_decides_nothing() -> None:
    many = [passage(n, LONGER) for n in range(50)]
    assert [_key(s) for s in _plan(many, 30)] == [_key(s) for s in _plan(many[::-1], 30)]


def test_cells_are_filled_first() -> None:
    many = [passage(n, LONGER, specialty="cardiology" if n % 10 == 0 else "nephrology") for n in range(200)]
    cells = {"cells": [{"specialty": ["cardiology"], "task": ["multiple_choice"], "difficulty": [4], "wanted": 9},
                       {"task": ["patient_education"], "audience": ["carer"], "wanted": 5}]}
    made = [expected(slot) for slot in _plan(many, 40, cells)]
    assert len(made) == 40
    assert count(grid(Coverage(**cells)), made)[0] >= 9
    assert count(grid(Coverage(**cells)), made)[1] >= 5
    only = _plan(many, 40, cells, only_cells=True)
    assert len(only) == 14


def test_a_small_budget_is_shared_between_cells() -> None:
    many = [passage(n, LONGER) for n in range(50)]
    cells = {"cells": [{"task": ["multiple_choice"], "wanted": 30}, {"task": ["clinical_summary"], "wanted": 10}]}
    assert Counter(slot.pair.recipe.task for slot in _plan(many, 8, cells)) == {
        "multiple_choice": 6, "clinical_summary": 2}


def test_quota_of_a_recipe_is_its_most() -> None:
    few = tuple(r.model_copy(update={"quota": r.quota.model_copy(update={"per_source": 3})}) for r in RECIPES)
    assert Counter(s.pair.recipe.id for s in _plan([passage(n, LONGER) for n in range(50)], 40, recipes=few)) == {
        recipe.id: 3 for recipe in few}
    none = tuple(r.model_copy(update={"quota": r.quota.model_copy(update={"weight": 0})}) for r in RECIPES)
    assert _plan([passage(1, LONGER)], 40, recipes=none) == []


def test_sources_share_what_seeds_leave_open() -> None:
    cells = grid(Coverage(**{"cells": [{"task": ["coding", "paraphrase"], "wanted": 10}]}))
    seeds = [seed(1, task_type="coding"), seed(2, task_type="coding"), seed(3, task_type="coding")]
    parts = [to_plan(cells, name, ["a", "b", "c"], seeds, 1.0) for name in "abc"]
    assert [sum(column) for column in zip(*parts, strict=True)] == [7, 10]
    assert to_plan(cells, "b", ["a", "b", "c"], seeds, 2.0)[0] == 2 * parts[1][0]
    elsewhere = grid(Coverage(**{"cells": [{"wanted": 4, "sources": ["a"]}]}))
    assert (to_plan(elsewhere, "a", ["a", "b"], [], 1.0), to_plan(elsewhere, "b", ["a", "b"], [], 1.0)) == ([4], [0])


@pytest.mark.parametrize(("planned", "budget", "scaled"), [
    ([3, 2], 5, [3, 2]), ([3, 2], 4, [2, 2]), ([30, 10], 8, [6, 2]), ([1, 1, 1], 2, [1, 1, 0]), ([5], 0, [0])])
def test_within(planned: list[int], budget: int, scaled: list[int]) -> None:
    assert within(planned, budget) == scaled


@pytest.mark.parametrize(("cell", "named"), [
    ({"specialty": ["heart"]}, "cells.0.specialty: 'heart'"), ({"task": ["chat"]}, "cells.0.task: 'chat'"),
    ({"difficulty": [6]}, "cells.0.difficulty: 6"), ({"sources": ["x"]}, "no source 'x'")])
def test_wrong_cells_are_named(cell: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as error:
        grid(Coverage(**{"cells": [{**cell, "wanted": 1}]}), ["leaflets"])
    assert named in error.value.problem


def test_own_records_without_a_model_count(run: Run) -> None:
    pair = passage(2, "Gout is a painful arthritis.", question="What is gout?", word_count=5)
    coverage = {"cells": [{"task": ["question_answering"], "wanted": 2}], "overdraw": 1.0, "only": True}
    made = run([passage(1), passage(3), pair], ("converted", "synthetic"), Scripted(good),
               expansion={"coverage": coverage})
    assert made.accounts == {("grounded_question@1", "synthetic"): 1}


def test_seeds_like_the_passage_are_never_shown() -> None:
    from itd_pipeline.expand.asking.examples import Examples

    here = passage(1)
    twin = seed(1, output=here["text"])
    near = seed(2, output="Rest the joint and drink water; after some weeks the practice tests kidneys and blood.",
                specialty="rheumatology")
    far = seed(3, output="Asthma narrows the airways.", specialty="rheumatology")
    other_task = seed(4, output="Crystals in joints are seen under a microscope.", task_type="coding")
    recipe = load_recipes(use=["grounded_question"])[0]
    shown = Examples([twin, near, far, other_task], 7).choose(recipe, here, 3)
    assert [s["record_id"] for s in shown] == ["rec-2", "rec-3", "rec-4"]
    assert [s["record_id"] for s in Examples([near, far], 7).choose(recipe, here, 2)] == ["rec-3"], \
        "the nearest of all is left out where it is near"
    same = recipe.model_copy(update={"examples": recipe.examples.model_copy(update={"same_task": True})})
    assert "rec-4" not in [s["record_id"] for s in Examples([far, other_task], 7).choose(same, here, 2)]


def test_evolution_takes_seeds_releases_and_what_was_just_made(run: Run) -> None:
    def reply(request: Any) -> str:
        evolving = "There is this record" in request.messages[-1][1]
        return json.dumps({"quote": QUOTE, "question": "Why does allopurinol prevent attacks?" if evolving
                           else "What does allopurinol do?", "answer": "It lowers urate."})

    about_gout = seed(1, output="Allopurinol lowers urate in gout and prevents painful attacks in the joints.")
    about_asthma = seed(2, output="Inhaled steroids reduce swelling in the airways.")
    made = run([passage(1)], ("synthetic", "hybrid"), Scripted(reply), seeds=[about_gout, about_asthma],
               recipes=("grounded_question", "evolve_deeper"), expansion={"hybrid_per_source": 0})
    evolved = [row for row in made.rows if row["parent_ids"]]
    assert {(row["route"], row["parent_ids"][0]) for row in evolved} == {
        ("hybrid", "rec-1"), ("synthetic", next(r["record_id"] for r in made.rows if not r["parent_ids"]))}
    assert next(row for row in evolved if row["route"] == "hybrid")["seed_ids"] == ["rec-1"]
    assert made.facts["units_evolved"] == 2
