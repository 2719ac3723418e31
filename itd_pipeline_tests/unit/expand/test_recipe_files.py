"""A team's own recipes: read without a line of Python, every mistake named with file, key and remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from expand_builders import QUOTE, Run, Scripted, passage

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand import load_recipes
from itd_pipeline.expand.recipe.templates import TemplateProblem, fill, value_of

OURS = """
id: ours
version: 2
title: Our own question
task: question_answering
routes: [synthetic]
prompt: ours.jinja
answer:
  type: object
  properties: {quote: {type: string}, asked: {type: string}}
  required: [quote, asked]
  additionalProperties: false
evidence: [answer.quote]
record: {instruction: "{{ answer.asked }}", output: "{{ answer.quote }}", difficulty: 2}
checks: [is_question]
"""
PROMPT = "[system]\nBe exact.\n[user]\n{{ title }}: {{ excerpt }}\n"


def _write(folder: Path, recipe: str = OURS, prompt: str = PROMPT, name: str = "ours.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(recipe, encoding="utf-8")
    (folder / "ours.jinja").write_text(prompt, encoding="utf-8")
    return folder


def test_a_task_needs_no_python(run: Run, tmp_path: Path) -> None:
    own = load_recipes([_write(tmp_path)], ["ours"])
    said = json.dumps({"quote": QUOTE, "asked": "What does it do?"})
    recipe = own[0].model_copy(update={"checks": (own[0].checks[0].model_copy(update={"of": "instruction"}),)})
    made = run([passage(1)], ("synthetic",), Scripted(lambda _: said), recipes=(recipe,))
    assert (made.rows[0]["prompt_id"], made.rows[0]["output"], made.rows[0]["difficulty"]) == ("ours@2", QUOTE, 2)
    refused = run([passage(1)], ("synthetic",), Scripted(lambda _: said), recipes=own)
    assert refused.reasons == ["not_a_question"], "the check looks at the output unless the recipe says otherwise"


@pytest.mark.parametrize(("old", "new", "named"), [
    ("id: ours", "id: Our Own", "id:"),
    ("task: question_answering", "task: chatting", "task: 'chatting' is not in the vocabulary; allowed: question"),
    ("title:", "titel:", "unknown key 'titel' (did you mean 'title'?)"),
    ("title: Our own question\n", "", "title: this key is needed"),
    ("prompt: ours.jinja", "prompt: none.jinja", "prompt: there is no file 'none.jinja' beside the recipe"),
    ("prompt: ours.jinja", "prompt: ../ours.jinja", "prompt: there is no file"),
    ("routes: [synthetic]", "routes: [template]", "routes.0"),
    ("type: object\n", "type: objekt\n", "answer.type: no JSON schema"),
    ("required: [quote, asked]", "required: [quote]", "answer.required: name every property, 'asked' too"),
    ("  additionalProperties: false\n", "", "answer.additionalProperties: must be false"),
    ("evidence: [answer.quote]", "evidence: []", "evidence"),
    ("evidence: [answer.quote]", "evidence: ['answer.quote |']", "evidence.0: the expression cannot be read"),
    ("evidence: [answer.quote]", "evidence: [reply.quote]", "evidence.0: 'reply' is no name that stands there"),
    ("{{ answer.asked }}", "{{ answer.asked ", "record.instruction: the template cannot be read"),
    ("{{ answer.asked }}", "{{ parent.output }}", "record.instruction: 'parent' is no name that stands there"),
    ("difficulty: 2}", "colour: red}", "'colour' is no column that a recipe fills; allowed: instruction"),
    ("difficulty: 2}", "audience: everybody}", "audience: 'everybody' is not in the vocabulary"),
    ("checks: [is_question]", "checks: [is_true]", "checks.0: there is no check 'is_true'; checks: no_mention"),
    ("checks: [is_question]", "checks: [words]", "checks.0: words needs at_least or at_most"),
    ("checks: [is_question]", "checks: [{name: is_question, at_most: 3}]", "is_question takes no at_most"),
    ("version: 2", "version: 2\nfits: {contains: '('}", "fits.contains: no regular expression"),
    ("version: 2", "version: 2\nfits: {wrods: [1, 2]}", "unknown key 'fits.wrods' (did you mean 'words'?)"),
    ("version: 2", "version: 2\nasks: {audience: [patients]}", "asks: audience: 'patients' is not in the vocabulary"),
    ("version: 2", "version: 2\nhash: abc", "hash: is set by the program"),
    ("id: ours", "id: grounded_question", "id: 'grounded_question' is the name of another recipe"),
    ("id: ours", "id: [ours", "not readable as YAML"),
])
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in OURS
    with pytest.raises(ConfigError) as error:
        load_recipes([_write(tmp_path, OURS.replace(old, new, 1))], ["*"])
    assert "ours.yaml" in error.value.problem
    assert named in error.value.problem
    assert "docs/recipes.md" in error.value.remedy


@pytest.mark.parametrize(("prompt", "named"), [
    ("Hello {{ title }}", "ours.jinja needs lines [system], [user] or [assistant]"),
    ("[user]\n{{ titel }}", "prompt: [user]: 'titel' is no name that stands there; known: ask, audience"),
    ("[user]\n{% if %}", "prompt: [user]: the template cannot be read"),
    ("[user]\na\n[assistant]\nb", "ends with a [user] part"),
])
def test_mistakes_in_a_prompt_are_named(tmp_path: Path, prompt: str, named: str) -> None:
    with pytest.raises(ConfigError, match=r"ours\.yaml") as error:
        load_recipes([_write(tmp_path, prompt=prompt)], ["ours"])
    assert named in error.value.problem


def test_unknown_name_is_told_with_what_was_meant() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'multiple_choice'"):
        load_recipes(use=["multiple_choise"])
    with pytest.raises(ConfigError, match="holds no recipe"):
        load_recipes([Path("nowhere")])


def test_any_character_of_recipe_or_prompt_changes_the_hash(tmp_path: Path) -> None:
    first = load_recipes([_write(tmp_path / "a")], ["ours"])[0]
    other = load_recipes([_write(tmp_path / "b", prompt=PROMPT + "!")], ["ours"])[0]
    third = load_recipes([_write(tmp_path / "c", OURS + "# a remark\n")], ["ours"])[0]
    assert len({first.hash, other.hash, third.hash}) == 3
    assert load_recipes([_write(tmp_path / "d")], ["ours"])[0].hash == first.hash


def test_default_recipes_suit_the_model() -> None:
    assert {recipe.reads for recipe in load_recipes(small_model=True)} == {"small"}
    assert {recipe.source for recipe in load_recipes()} == {"passages"}
    assert [recipe.id for recipe in load_recipes(use=["evolve_*"])] == [
        "evolve_age_group", "evolve_audience", "evolve_broader", "evolve_deeper"]


@pytest.mark.parametrize("template", [
    "{{ ''.__class__.__mro__ }}", "{{ x.__init__.__globals__ }}", "{% include 'x' %}", "{{ cycler }}", "{{ y }}",
    "{{ x.append(1) }}", "{{ range(3) }}",
])
def test_templates_reach_nothing_outside(template: str) -> None:
    with pytest.raises(TemplateProblem):
        fill(template, {"x": [1]})


def test_values_are_not_templates() -> None:
    assert fill("{{ x }}", {"x": "{{ y }}"}) == "{{ y }}"
    assert value_of("x | map(attribute='q') | list", {"x": [{"q": 1}]}) == [1]
