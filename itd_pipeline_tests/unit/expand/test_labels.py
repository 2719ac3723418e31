"""Forms about drug labels: whole sections, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from expand_builders import Run, passage

WARNING = "WARNING: this medicine raises the risk of bleeding in older people with a stomach ulcer."
USE = "Rivostatin is indicated for the prevention of stroke in adults with atrial fibrillation of any cause."
SPL = {"set_id": "x", "products": [{"name": "Blooda", "generic": "rivostatin"}]}


def section(number: int, heading: str, text: str, document: int = 1, **fields: Any) -> dict[str, Any]:
    return passage(number, text, document_id=f"document-{document}", ordinal=number, section=heading,
                   attributes=json.dumps({**SPL, **fields}))


def forms(run: Run, rows: list[dict[str, Any]], reader: str = "spl") -> dict[str, dict[str, Any]]:
    made = run(rows, ("template",), reader=reader)
    assert made.reasons == []
    return {row["prompt_id"].split("/")[-1].removesuffix("@1"): row for row in made.rows}


@pytest.mark.parametrize(("heading", "text", "form"), [
    ("1 INDICATIONS AND USAGE", USE, "indications"), ("Uses", USE, "indications"),
    ("Indications & usage", USE, "indications"), ("Boxed warning section", WARNING, "boxed_warning"),
    ("8 USE IN SPECIFIC POPULATIONS > 8.5 Geriatric Use", USE, "older_people"),
    ("12 CLINICAL PHARMACOLOGY > 12.1 Mechanism of Action", USE, "mechanism"),
    ("17 PATIENT COUNSELING INFORMATION > 17.4 Pregnancy", USE, "subsection"),
    ("Do not use", "if you have ever had an allergic reaction", "do_not_use"),
])
def test_a_section_is_told_by_its_heading(run: Run, heading: str, text: str, form: str) -> None:
    made = forms(run, [section(1, heading, text)])
    assert made[form]["output"].endswith(text)
    assert made[form]["citations"][0]["quote"] == text
    assert "Blooda" in made[form]["instruction"]


def test_no_half_of_a_section_is_an_answer(run: Run) -> None:
    cut = [section(1, "Overdosage", USE), section(2, "Overdosage", WARNING)]
    above = [section(3, "5 WARNINGS", USE), section(4, "5 WARNINGS > 5.1 Bleeding", WARNING)]
    made = forms(run, [*cut, *above])
    assert "overdosage" not in made
    assert "warnings" not in made
    assert made["subsection"]["output"] == WARNING


def test_doses_under_a_boxed_heading_are_no_boxed_warning(run: Run) -> None:
    assert "boxed_warning" not in forms(run, [section(1, "Boxed warning section", USE)])


def test_openfda_and_generic_names(run: Run) -> None:
    label = [passage(n, f"{generic.capitalize()} is indicated for one thing and for another, in adults alone, daily.",
                     document_id=f"document-{n}", section="Indications and usage", attributes=json.dumps(
                         {"openfda": {"brand_name": [brand], "generic_name": [generic]}}))
             for n, (brand, generic) in enumerate([("Blooda", "rivostatin"), ("Calma", "sedapam"), ("Dolo", "painol"),
                                                   ("Etna", "fevrin"), ("Rivostatin Plus", "rivostatin")])]
    made = run(label, ("template",), reader="openfda")
    rows = [row for row in made.rows if "generic" in row["prompt_id"]]
    assert {row["output"] for row in rows if row["prompt_id"].endswith("/generic@1")} >= {
        "The generic name of Blooda is rivostatin.", "The generic name of Calma is sedapam."}
    for row in (r for r in rows if r["options"]):
        assert len(set(row["options"])) == 4
    assert not any("Rivostatin Plus" in row["instruction"] for row in rows), "it gives itself away"


def test_other_documents_are_told(run: Run) -> None:
    assert run([passage(1, attributes='{"name": "x"}')], ("template",), reader="spl").reasons == ["bad_attributes"]
