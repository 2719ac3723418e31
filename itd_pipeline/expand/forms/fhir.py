"""Question forms about structured FHIR resources.

Belongs here: wording and which facts it restates. Does not belong here: how facts are read (`fhir_facts.py`).
Values are restated as written; the only arithmetic is whether a number lies inside its own reference range.
"""

from __future__ import annotations

import json
from decimal import Decimal

from itd_pipeline.expand.forms.fhir_facts import FhirIndex, Resource, limits, measure
from itd_pipeline.expand.forms.form import Filled, Form, listed

_MEDICINES = {"medication request", "medication order", "medication prescription", "medication statement",
              "medication administration"}
_KINDS = {"condition": "a condition (diagnosis or problem)", "observation": "an observation (measurement or finding)",
          "procedure": "a procedure", "allergy intolerance": "an allergy or intolerance",
          "immunization": "an immunisation", "goal": "a goal of care",
          **dict.fromkeys(_MEDICINES, "a medication entry")}


def _values(resource: Resource, **more: str) -> dict[str, str]:
    return {"subject": resource.subject, **more}


def _value(resource: Resource, _: FhirIndex) -> Filled | None:
    found = measure(resource.fact("Value"))
    if resource.kind != "observation" or found is None:
        return None
    said = {"test": resource.subject, "value": f"{found.sign}{found.number}", "unit": found.unit or None}
    return Filled(json.dumps(said, ensure_ascii=False), (resource.subject, resource.fact("Value")),
                  _values(resource), input=resource.text)


def _components(resource: Resource, _: FhirIndex) -> Filled | None:
    if resource.kind != "observation":
        return None
    parts = [(name, found) for name, value in resource.facts
             if name not in ("Value", "Status", "Interpretation", "Reference range") and (found := measure(value))]
    if len(parts) < 2 or len({name for name, _ in parts}) < len(parts):
        return None
    said = {name: {"value": f"{found.sign}{found.number}", "unit": found.unit or None} for name, found in parts}
    return Filled(json.dumps(said, ensure_ascii=False), tuple(f"{n}: {resource.fact(n)}" for n, _ in parts),
                  _values(resource), input=resource.text)


def _in_range(resource: Resource, _: FhirIndex) -> Filled | None:
    found, between = measure(resource.fact("Value")), limits(resource.fact("Reference range"))
    if resource.kind != "observation" or found is None or between is None or found.sign:
        return None
    low, high, unit = between
    if unit and found.unit and unit != found.unit:
        return None
    number = Decimal(found.number)
    where = "below" if number < Decimal(low) else "above" if number > Decimal(high) else "within"
    return Filled(
        f"{resource.subject}: {resource.fact('Value')} lies {where} the reference range of "
        f"{resource.fact('Reference range')}.",
        (resource.subject, resource.fact("Value"), resource.fact("Reference range")), _values(resource),
        input=resource.text)


def _interpretation(resource: Resource, _: FhirIndex) -> Filled | None:
    said = resource.fact("Interpretation")
    if resource.kind != "observation" or not said or not resource.fact("Value"):
        return None
    return Filled(f"It was interpreted as: {said}.", (resource.subject, resource.fact("Value"), said),
                  _values(resource, value=resource.fact("Value")), input=resource.text)


def _condition(resource: Resource, _: FhirIndex) -> Filled | None:
    status = resource.fact("Clinical status")
    if resource.kind != "condition" or not status:
        return None
    said = {"condition": resource.subject, "clinical_status": status,
            "verification_status": resource.fact("Verification status") or None}
    return Filled(json.dumps(said, ensure_ascii=False),
                  tuple(q for q in (resource.subject, status, resource.fact("Verification status")) if q),
                  _values(resource), input=resource.text)


def _medication(resource: Resource, _: FhirIndex) -> Filled | None:
    if resource.kind not in _MEDICINES or not resource.subject:
        return None
    said = {"medication": resource.subject, "status": resource.fact("Status") or None,
            "dosage": resource.fact("Dosage") or None, "reason": resource.fact("Reason") or None}
    return Filled(json.dumps(said, ensure_ascii=False),
                  tuple(q for q in (resource.subject, *(v for n, v in resource.facts
                                                        if n in ("Status", "Dosage", "Reason"))) if q),
                  _values(resource), input=resource.text)


def _allergy(resource: Resource, _: FhirIndex) -> Filled | None:
    if resource.kind != "allergy intolerance" or not resource.subject or resource.subject.lower().startswith("no "):
        return None
    more = [f"{name.lower()}: {value}" for name, value in resource.facts if name in ("Reaction", "Criticality",
                                                                                     "Clinical status")]
    return Filled(f"{resource.subject}" + (f" ({listed(more)})." if more else "."),
                  (resource.subject, *(value for _, value in resource.facts)), _values(resource),
                  input=resource.text) if more else None


def _code(resource: Resource, _: FhirIndex) -> Filled | None:
    if not resource.codes or not resource.subject:
        return None
    system, code = resource.codes[0]
    return Filled(f"{code} ({resource.subject}).", (resource.subject,), _values(resource, system=system))


def _kind(resource: Resource, _: FhirIndex) -> Filled | None:
    if resource.kind not in _KINDS or not resource.subject:
        return None
    body = resource.text.partition(": ")[2]
    return Filled(f"It is {_KINDS[resource.kind]}.", (resource.text,), _values(resource), input=body)


FORMS: tuple[Form[Resource, FhirIndex], ...] = (
    Form("value", "information_extraction", "other", 1, (
        "Give the result in this entry as JSON with the keys test, value and unit.",
        "Extract test, value and unit from this entry as JSON.",
    ), _value),
    Form("components", "information_extraction", "other", 2, (
        "Give every measurement in this entry as JSON: name, then value and unit.",
        "Extract the component results of “{subject}” as JSON, each with value and unit.",
    ), _components),
    Form("in_range", "laboratory_interpretation", "diagnosis", 2, (
        "Does this result lie within its reference range?",
        "Compare the result of “{subject}” with its reference range.",
    ), _in_range),
    Form("interpretation", "laboratory_interpretation", "diagnosis", 2, (
        "How was the result of “{subject}” ({value}) interpreted?",
        "The entry gives {value} for “{subject}”. Which interpretation does it record?",
    ), _interpretation),
    Form("condition", "information_extraction", "diagnosis", 2, (
        "Extract the condition from this entry as JSON with the keys condition, clinical_status and "
        "verification_status.",
        "Give condition, clinical status and verification status of this entry as JSON.",
    ), _condition),
    Form("medication", "information_extraction", "dosage", 2, (
        "Extract the medication from this entry as JSON with the keys medication, status, dosage and reason; null for "
        "what is not said.",
        "Give medication, status, dosage and reason of this entry as JSON; null where the entry does not say it.",
    ), _medication),
    Form("allergy", "information_extraction", "contraindication", 2, (
        "To what is this person allergic or intolerant, and what is known about it?",
        "Name the allergy or intolerance in this entry with its details.",
    ), _allergy),
    Form("code", "coding", "code_lookup", 3, (
        "Which {system} code does the record use for “{subject}”?",
        "Give the {system} code under which “{subject}” was recorded.",
    ), _code),
    Form("kind", "classification", "classification", 1, (
        "What kind of entry of a health record is this?",
        "Classify this entry of a health record: condition, observation, procedure, medication or another kind.",
    ), _kind),
)
