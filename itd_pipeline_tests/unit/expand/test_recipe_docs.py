"""docs/recipes.md as a newcomer reads it: its recipe loads and makes a record, its table names every key."""

from __future__ import annotations

import json
import re
from pathlib import Path

from expand_builders import Run, Scripted, passage
from pydantic import BaseModel

from itd_pipeline.expand import load_recipes
from itd_pipeline.expand.recipe import model
from itd_pipeline.expand.recipe.templates import compile_template, fill

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
PASSAGE = (
    "Amoxicillin treats infections by bacteria. A common side effect is diarrhoea. Tell your doctor if it is bloody or "
    "lasts for more than 2 days. Take the capsules at even times, with or without food, until they are finished."
)


def test_the_recipe_of_the_page_makes_a_record(run: Run, tmp_path: Path) -> None:
    blocks = dict(reversed(re.findall(r"```(yaml|jinja)\n(.*?)```", TEXT, re.DOTALL)))  # the first of each kind
    (tmp_path / "side_effect.yaml").write_text(blocks["yaml"], encoding="utf-8")
    (tmp_path / "side_effect.jinja").write_text(blocks["jinja"], encoding="utf-8")
    recipes = load_recipes([tmp_path], ["side_effect"])
    answer = {"quote": "A common side effect is diarrhoea.", "question": "Which side effect of amoxicillin is common?",
              "answer": "Diarrhoea; the doctor is told if it lasts for more than 2 days."}
    model = Scripted(lambda _: json.dumps(answer))
    made = run([passage(1, PASSAGE, title="Amoxicillin")], ("synthetic",), model, recipes=recipes)
    assert (made.reasons, made.rows[0]["prompt_id"]) == ([], "side_effect@1")
    assert made.rows[0]["citations"][0]["quote"] == answer["quote"]
    assert PASSAGE in model.asked[0].messages[-1][1]


def test_the_page_names_every_key() -> None:
    table = TEXT.partition("## Keys")[2].partition("A *template*")[0]
    said = {key for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for key in re.findall(r"`([^`]+)`", row)}
    ours = {"hash", "text", "sections", "confirm_sections", "origin"}
    parts: dict[str, type[BaseModel]] = {"fits": model.Fits, "examples": model.Examples, "choice": model.Choice,
                                         "confirm": model.Confirm, "quota": model.Quota}
    wanted = {field.alias or name for name, field in model.Recipe.model_fields.items()} - ours - set(parts)
    wanted |= {f"{name}.{key}" for name, part in parts.items() for key in part.model_fields}
    assert said == wanted


def test_the_page_names_every_filter() -> None:
    said = TEXT.partition("Filters besides Jinja's:")[2].partition("\n\n")[0]
    for name in re.findall(r"`(\w+)", said):
        compile_template("{{ title | " + name + " }}")
    assert fill("{{ title | words }}", {"title": "chest_pain"}) == "chest pain"
