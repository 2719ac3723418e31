"""Question forms restate fields, cite where these stand, and are drawn evenly."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from expand_builders import Run, passage

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand.forms.families import FAMILIES


def term(number: int, name: str, definition: str, **more: Any) -> dict[str, Any]:
    fields = {"id": f"HP:000000{number}", "name": name, "definition": definition, "comment": "",
              "synonyms": [], "parents": [{"id": "HP:0000009", "name": "Abnormal smell"}],
              "branch": "Abnormality of the nervous system", **more}
    text = "\n".join([name, definition, *(s["text"] for s in fields["synonyms"]), "Is a kind of: Abnormal smell."])
    return passage(number, text, attributes=json.dumps(fields), audience="unspecified")


TERMS = [
    term(1, "Anosmia", "An inability to perceive any odour at all.",
         synonyms=[{"text": "Loss of smell", "scope": "EXACT", "layperson": True},
                   {"text": "Anosmia congenita", "scope": "NARROW", "layperson": False}]),
    term(2, "Hyposmia", "A decreased sensitivity to odours of every kind."),
    term(3, "Parosmia", "A distorted quality of odours that are perceived."),
    term(4, "Phantosmia", "The perception of an odour that is not there."),
    term(5, "Cacosmia", "The perception of an odour that is not there."),
    term(6, "Complete anosmia", "A child of the first term, with nothing left.",
         parents=[{"id": "HP:0000001", "name": "Anosmia"}]),
]

CODE = {"code": "M10.0", "description": "Idiopathic gout", "parent_code": "M10", "parent_description": "Gout",
        "category": "M10", "category_description": "Gout", "chapter": "13", "block": "M05-M14",
        "chapter_description": "Diseases of the musculoskeletal system", "inclusion_terms": ["Primary gout"],
        "includes": [], "excludes1": ["chronic gout (M1A.-)"], "excludes2": [], "use_additional": [],
        "code_first": [], "seventh_character": {}, "leaf": True}


def code(**fields: Any) -> dict[str, Any]:
    return passage(1, "M10.0 Idiopathic gout\nCategory: M10 Gout.\nInclusion terms: Primary gout.",
                   attributes=json.dumps({**CODE, **fields}))


def named(rows: list[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["prompt_id"].endswith(f"/{form}@1")]


def test_definition_restates_and_cites(run: Run) -> None:
    rows = named(run(TERMS, ("template",), reader="hpo").rows, "definition")
    first = next(row for row in rows if row["codes"] == ["HP:0000001"])
    assert "Anosmia" in first["instruction"]
    assert first["output"] == "An inability to perceive any odour at all."
    cited = first["citations"][0]
    assert TERMS[0]["text"][cited["start"]:cited["end"]] == cited["quote"] == first["output"]


def test_only_exact_lay_terms_are_lay_terms(run: Run) -> None:
    rows = run(TERMS, ("template",), reader="hpo").rows
    assert [row["output"] for row in named(rows, "term_to_lay")] == ["In plain words, Anosmia is “Loss of smell”."]
    assert not any("congenita" in row["output"] for row in rows)


def test_distractors_are_neither_synonyms_relatives_nor_equals(run: Run) -> None:
    rows = named(run(TERMS, ("template",), reader="hpo").rows, "choose_term")
    assert rows
    for row in rows:
        right = row["options"]["ABCD".index(row["answer_key"])]
        assert row["output"] == f"{row['answer_key']}. {right}"
        assert len(set(row["options"])) == 4
        assert not {"Anosmia", "Complete anosmia"} <= set(row["options"])
        assert not {"Phantosmia", "Cacosmia"} <= set(row["options"]) or right not in {"Phantosmia", "Cacosmia"}


def test_code_says_what_it_still_needs(run: Run) -> None:
    plain = named(run([code()], ("template",), reader="icd10cm").rows, "code")[0]["output"]
    parent = named(run([code(leaf=False)], ("template",), reader="icd10cm").rows, "code")[0]["output"]
    seventh = run([code(seventh_character={"A": "initial encounter"})], ("template",), reader="icd10cm").rows
    assert plain == "M10.0 (Idiopathic gout)."
    assert "subdivisions" in parent
    assert "7th character" in named(seventh, "code")[0]["output"]
    assert "M10.0XXA" in named(seventh, "seventh_character")[0]["output"]


def test_subdivisions_cite_the_codes_below(run: Run) -> None:
    below = [passage(n, f"M10.0{n} Gout of joint {n}", attributes=json.dumps(
        {**CODE, "code": f"M10.0{n}", "description": f"Gout of joint {n}", "parent_code": "M10.0"})) for n in (2, 3)]
    row = named(run([code(leaf=False), *below], ("template",), reader="icd10cm").rows, "subdivided")[0]
    assert "M10.02 Gout of joint 2\n- M10.03 Gout of joint 3" in row["output"]
    assert {c["passage_id"] for c in row["citations"]} == {"passage-1", "passage-2", "passage-3"}


def test_note_with_a_heading_makes_no_single_case(run: Run) -> None:
    rows = run([code(excludes1=["conditions such as:", "lead gout (M10.1-)"])], ("template",), reader="icd10cm").rows
    assert named(rows, "excludes1")
    assert not named(rows, "excludes1_case")


def test_cap_draws_evenly(run: Run) -> None:
    made = run(TERMS, ("template",), reader="hpo", expansion={"template_per_source": 6})
    assert len(made.rows) == 6
    assert max(Counter(row["prompt_id"] for row in made.rows).values()) == 1
    assert max(Counter(row["codes"][0] for row in made.rows).values()) == 1
    more = run(TERMS, ("template",), reader="hpo", expansion={"template_per_source": 10_000})
    assert {r["record_id"] for r in more.rows} == {
        r["record_id"] for r in run(TERMS, ("template",), reader="hpo").rows}


def test_order_of_batches_decides_nothing(run: Run) -> None:
    forth = run(TERMS, ("template",), reader="hpo", expansion={"template_per_source": 7})
    back = run(TERMS[::-1], ("template",), reader="hpo", expansion={"template_per_source": 7})
    assert forth.rows == back.rows


def test_unreadable_attributes_are_told(run: Run) -> None:
    made = run([passage(1, attributes="{"), passage(2, attributes="[]")], ("template",), reader="hpo")
    assert made.reasons == ["bad_attributes", "bad_attributes"]


def test_reader_without_forms_is_a_wrong_profile(run: Run) -> None:
    with pytest.raises(ConfigError, match="hpo, icd10cm"):
        run([passage(1)], ("template",), reader="markdown")


@pytest.mark.parametrize("family", FAMILIES)
def test_forms_are_many_and_well_named(family: str) -> None:
    forms = FAMILIES[family].forms
    assert len(forms) >= 8
    assert len({form.name for form in forms}) == len(forms)
    assert all(len(set(form.wordings)) >= 2 for form in forms)
