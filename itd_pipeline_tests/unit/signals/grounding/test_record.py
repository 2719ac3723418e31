"""A record against its evidence: drugs, negations, opposites, sex, tests, diagnoses, and numbers in their place."""

import pytest

from itd_pipeline.signals.grounding import Grounding, ground
from itd_pipeline.signals.grounding.record import Support


def claims(output: str, evidence: str, given: str = "") -> Grounding:
    return ground(output, [Support(evidence)], [Support(given), Support("What should be known?")])


TEXT = ("Metformin is not recommended in severe kidney disease. Adults take 500 mg with meals; children take 250 mg. "
        "It does not cause low blood sugar. An increase in the dose is possible after one week.")


@pytest.mark.parametrize(("output", "expected"), [
    ("Metformin is recommended in severe kidney disease.", ["-not"]),
    ("Metformin isn't recommended in severe kidney disease.", []),
    ("Metformin is contraindicated in severe kidney disease.", []),
    ("It causes low blood sugar.", ["-not"]),
    ("It never causes low blood sugar.", []),
    ("A decrease in the dose is possible after one week.", ["increase/decrease"]),
    ("An increase in the dose is not possible after one week.", ["+not"]),
    ("Adults take 500 mg with meals.", []),
    ("Does it not cause low blood sugar?", []),            # a question asserts nothing
    ("Something quite different is not said here at all.", []),
])
def test_reversed_claims(output: str, expected: list[str]) -> None:
    assert list(claims(output, TEXT).reversed) == expected


def test_the_sentence_with_less_to_object_to_decides() -> None:
    text = "Aspirin is safe in pregnancy after all. Aspirin is not safe in pregnancy after all."
    assert claims("Aspirin is not safe in pregnancy after  all!", text).reversed == ()


@pytest.mark.parametrize(("output", "expected"), [
    ("Metformin 500 mg is taken with meals.", []),
    ("Warfarin is taken with meals.", ["warfarin"]),
    ("It may be treated with Zolvaprex.", ["zolvaprex"]),     # exists nowhere, stands where a drug stands
    ("Cardixamab helps.", ["cardixamab"]),                    # exists nowhere, has a stem
    ("Patients take antibiotics and vitamins with water.", []),
    ("It may be treated with naproxen.", ["naproxen"]),       # by name in the poisonings of ICD-10-CM
    ("It may be treated with surgery or radiotherapy.", []),
    ("The doctor may prescribe rest and determine the appropriate routine.", []),
])
def test_drugs(output: str, expected: list[str]) -> None:
    assert list(claims(output, TEXT).drugs) == expected


def test_two_names_of_one_substance_are_one() -> None:
    assert claims("Take acetaminophen.", "Take paracetamol when needed.").drugs == ()
    assert claims("Take ibuprofen.", "Take paracetamol when needed.").drugs == ("ibuprofen",)


def test_input_and_question_support_drugs_and_numbers() -> None:
    assert claims("Warfarin 3 mg may go on.", TEXT, "She takes warfarin 3 mg.").drugs == ()
    assert claims("Warfarin 3 mg may go on.", TEXT, "She takes warfarin 3 mg.").numbers == ()


@pytest.mark.parametrize(("output", "expected"), [
    ("Adults take 250 mg with meals; children take 250 mg.", ["250 mg"]),   # both numbers are in the evidence
    ("Children take 500 mg.", []),                           # too short a match to say where it comes from
    ("Adults take 0.5 g with meals; children take 250 mg.", []),
])
def test_a_number_stands_where_its_sentence_has_it(output: str, expected: list[str]) -> None:
    assert list(claims(output, TEXT).numbers) == expected


@pytest.mark.parametrize(("output", "evidence", "expected"), [
    ("The man has asthma and uses his inhaler.", "The woman has asthma and uses her inhaler.", True),
    ("He is well.", "A 45-year-old woman came for review. She is well today and walks.", True),
    ("She is well.", "A 45-year-old woman came for review. She is well today and walks.", False),
    ("He or she should rest.", "She should rest and drink.", False),
    ("He is well.", "Patient: My wife says she is well, and I am.", False),
    ("He has asthma.", "Doctor: How are you, ma'am?\nPatient: I have asthma.", True),
    ("He has asthma.", "Doctor: How is he, ma'am?\nGuest_family: He has asthma, my son.", False),
    ("It passes by father-to-child transmission.", "It passes by mother-to-child transmission.", True),
    ("The man's partner is tested.", "The woman's partner is tested.", True),
    ("Should men take folic acid daily?", "Should women take folic acid daily? It depends.", True),
    ("He should rest today.", "She should rest today. You should rest today.", True),
    ("He should rest today.", "She should rest today. He should rest today, too.", False),
    ("The woman's partner is tested early.", "The woman's partner is tested.", False),
])
def test_sex(output: str, evidence: str, expected: bool) -> None:
    assert bool(claims(output, evidence).sex) is expected


def test_tests_and_diagnoses() -> None:
    text = "A magnetic resonance image showed hypertensive changes."
    found = claims("An MRI showed hypertension, not pancreatitis; a colonoscopy followed.", text)
    assert found.tests == ("colonoscopy",)
    assert found.diagnoses == ("pancreatitis",)


def test_what_stands_in_the_evidence_claims_nothing() -> None:
    assert claims("It does not cause low blood sugar.", TEXT) == Grounding()
    assert claims(TEXT, "Foreword. " + TEXT) == Grounding()


def test_greek_letters_beta_blockers_and_accents_are_normal() -> None:
    text = "β-blockers and α-interferon help in Ménière's disease; glucose is 90 mg/dL."
    assert claims("In Ménière's disease β-blockers help; glucose was 90 mg/dL there.", text).numbers == ()
    assert claims("In Ménière's disease β-blockers help.", text).drugs == ()
