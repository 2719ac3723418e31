"""Forms about FHIR resources: facts as the clean text holds them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from expand_builders import Run, passage


def resource(text: str, kind: str = "Observation", codes: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return passage(1, text, word_count=6, patient_data=True, privacy_status="de_identified",
                   attributes=json.dumps({"resource_type": kind, "codes": codes or []}))


def forms(run: Run, *args: Any, **more: Any) -> dict[str, dict[str, Any]]:
    made = run([resource(*args, **more)], ("template",), reader="fhir", patient_data=True)
    return {row["prompt_id"].split("/")[-1].removesuffix("@1"): row for row in made.rows}


@pytest.mark.parametrize(("value", "where"), [("3.4", "below"), ("3.5", "within"), ("5.1", "within"), ("5.2", "above")])
def test_a_result_is_compared_with_its_own_range(run: Run, value: str, where: str) -> None:
    text = f"Observation: Potassium. Value: {value} mmol/L. Reference range: 3.5 to 5.1 mmol/L. Status: final."
    row = forms(run, text)["in_range"]
    assert row["output"] == f"Potassium: {value} mmol/L lies {where} the reference range of 3.5 to 5.1 mmol/L."
    assert [c["quote"] for c in row["citations"]] == ["Potassium", f"{value} mmol/L", "3.5 to 5.1 mmol/L"]
    assert row["patient_data"]


def test_units_that_differ_are_not_compared(run: Run) -> None:
    assert "in_range" not in forms(run, "Observation: K. Value: 4 mg/dL. Reference range: 3.5 to 5.1 mmol/L.")
    assert "in_range" not in forms(run, "Observation: K. Value: <4 mmol/L. Reference range: 3.5 to 5.1 mmol/L.")


def test_facts_become_json(run: Run) -> None:
    made = forms(run, "Observation: Blood pressure. Systolic blood pressure: 122 mmHg. Diastolic blood pressure: 64 "
                      "mmHg. Status: final. Date: 2000.")
    assert json.loads(made["components"]["output"]) == {
        "Systolic blood pressure": {"value": "122", "unit": "mmHg"},
        "Diastolic blood pressure": {"value": "64", "unit": "mmHg"}}
    made = forms(run, "Observation: Height. Value: 150.6 cm. Status: final.")
    assert json.loads(made["value"]["output"]) == {"test": "Height", "value": "150.6", "unit": "cm"}
    made = forms(run, "Medication request: Ibuprofen 600 MG. Dosage: 1 tablet, as needed. Status: active.",
                 "MedicationRequest")
    assert json.loads(made["medication"]["output"]) == {
        "medication": "Ibuprofen 600 MG", "status": "active", "dosage": "1 tablet, as needed", "reason": None}


def test_only_codes_that_may_be_passed_on(run: Run) -> None:
    text = "Condition: Low back pain. Clinical status: active."
    free = forms(run, text, "Condition", [{"system": "ICD-10-CM", "code": "M54.5"}])
    assert (free["code"]["output"], free["code"]["codes"]) == ("M54.5 (Low back pain).", ["ICD-10-CM:M54.5"])
    assert "code" not in forms(run, text, "Condition", [{"system": "SNOMED CT", "code": "279039007"}])


def test_what_was_taken_out_is_not_asked_about(run: Run) -> None:
    assert forms(run, "Observation: [NAME-2]. Value: 4 mg/dL. Status: final.") == {}
    assert "condition" not in forms(run, "Condition: Gout. Clinical status: [DATE].", "Condition")


def test_free_text_makes_no_forms(run: Run) -> None:
    assert forms(run, "The patient was seen.\nShe is well.", "DocumentReference") == {}
