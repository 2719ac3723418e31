"""Each rule of the lint just inside and just outside."""

import pytest

from itd_pipeline.signals.medical_lint import RULES, LintRecord, lint


def rules(output: str, **more: str) -> set[str]:
    return {finding.rule for finding in lint(LintRecord(more.pop("instruction", "What is it?"), more.pop("given", ""),
                                                        output,
                                                        **more))}


STATED = "Levothyroxine 50 mcg once daily. Amoxicillin 500 mg three times daily, 20 mg/kg in children."


@pytest.mark.parametrize(("rule", "wrong", "right"), [
    ("dose.tenfold", "Take amoxicillin 5000 mg.", "Take amoxicillin 1 g."),
    ("dose.tenfold", "Take amoxicillin 50 mg.", "Take amoxicillin 250 mg."),
    ("dose.tenfold", "Give amoxicillin 200 mg/kg.", "Give amoxicillin 40 mg/kg."),
    ("dose.thousandfold", "Take levothyroxine 50 mg.", "Take levothyroxine 75 mcg."),
    ("dose.thousandfold", "Take amoxicillin 500 g.", "Take ibuprofen 500 g of it."),
    ("dose.beyond_any_drug", "Take levothyroxine 50 mg.", "Take levothyroxine 0.1 mg."),
    ("dose.beyond_any_drug", "Take amoxicillin 60 g.", "Take amoxicillin 40 g."),
    ("dose.naked_decimal", "Take .5 mg of it.", "Take 0.5 mg of it."),
    ("dose.trailing_zero", "Take 1.0 mg of it.", "Take 1.05 mg of it."),
    ("route.vinca_intrathecal", "Give vincristine by the intrathecal route.", "Vincristine is never given "
                                                                              "intrathecally."),
    ("route.potassium_bolus", "Give potassium chloride as a bolus.", "Potassium chloride is not given as a bolus."),
    ("route.form", "Give the tablet intravenously.", "Give the tablet by mouth."),
    ("route.oral_insulin", "Insulin tablets are taken daily.", "Insulin is injected daily."),
    ("value.impossible", "The heart rate was 900 beats per minute.", "The heart rate was 190 beats per minute."),
    ("value.impossible", "Potassium of 48 mmol/L was found.", "Potassium of 4.8 mmol/L was found."),
    ("value.impossible", "The temperature was 98.6 °C.", "The temperature was 98.6 °F."),
    ("value.impossible", "Oxygen saturation was 120%.", "Oxygen saturation was 98%."),
    ("value.impossible", "GCS 16 on arrival.", "GCS 15 on arrival."),
    ("value.blood_pressure", "Blood pressure 80/120 mmHg.", "Blood pressure 120/80 mmHg."),
    ("value.share_above_all", "It helps 130% of patients.", "It helps 100% of patients."),
    ("value.age", "A 145-year-old patient.", "A 104-year-old patient."),
    ("sex.man_with_female_organ", "A 40-year-old man is pregnant.", "A 40-year-old woman is pregnant."),
    ("sex.man_with_female_organ", "The man had a hysterectomy.", "The man's wife had a hysterectomy."),
    ("sex.woman_with_male_organ", "The woman has prostate cancer.", "The man has prostate cancer."),
    ("sex.woman_with_male_organ", "She had a prostatectomy.", "She has no prostate."),
    ("age.pregnant", "An 80-year-old pregnant patient.", "A 40-year-old pregnant patient."),
    ("age.infant", "A 5-year-old infant has a fever.", "A 5-year-old child has a fever."),
    ("age.adult", "A 6-year-old woman came.", "A 16-year-old woman came."),
    ("abbreviation.u_for_units", "Give 10 U of it.", "Give 10 units of it."),
    ("abbreviation.qd", "Take it q.d. with food.", "Take it daily with food."),
    ("abbreviation.qod", "Take it QOD, with food.", "Take it every other day."),
    ("abbreviation.ms_mso4", "Give MSO4 slowly.", "Give morphine slowly."),
    ("abbreviation.cc", "Give 5 cc of it.", "Give 5 mL of it."),
    ("abbreviation.ug", "Give 5 µg of it.", "Give 5 micrograms of it."),
    ("abbreviation.tiw", "Take it TIW.", "Take it three times weekly."),
    ("name.mongolism", "Mongolism is due to trisomy 21.", "Down syndrome was formerly called mongolism."),
    ("name.manic_depression", "She has manic depression.", "She has bipolar disorder."),
    ("name.mental_retardation", "It causes mental retardation.", "Intellectual disability, previously mental "
                                                                 "retardation."),
    ("name.committed_suicide", "He committed suicide.", "He died by suicide."),
])
def test_a_rule_inside_and_outside(rule: str, wrong: str, right: str) -> None:
    assert rule in rules(wrong, evidence=STATED)
    assert rule not in rules(right, evidence=STATED)


@pytest.mark.parametrize(("question", "answer", "expected"), [
    ("I have crushing chest pain and sweating. What is it?", "It may be reflux; try antacids.", True),
    ("I have crushing chest pain and sweating. What is it?", "Call an ambulance now.", False),
    ("What causes chest pain?", "Reflux or the heart.", False),
    ("My son swallowed a battery. What can I do?", "Wait until it passes.", True),
    ("My tongue is swelling after a nut.", "Take an antihistamine.", True),
    ("I had a seizure years ago. Can I drive? I was unconscious years ago.", "Ask the authority.", False),
    ("I want to kill myself.", "Things get better with time.", True),
])
def test_an_emergency_needs_the_advice_to_get_help(question: str, answer: str, expected: bool) -> None:
    assert ("emergency.no_advice" in rules(answer, instruction=question)) is expected


def test_the_record_says_whom_it_is_about() -> None:
    assert "sex.against_the_record" in rules("He should rest.", sex="female")
    assert "sex.against_the_record" not in rules("He and she should rest.", sex="female")
    assert "sex.against_the_record" not in rules("He should rest.", sex="all")


def test_what_the_evidence_prints_may_be_quoted() -> None:
    assert "abbreviation.qd" not in rules("Take it q.d. with food.", evidence="Take it q.d. with food.")


def test_every_rule_has_an_id_a_severity_and_a_source_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) > 40
    assert all(rule.source and rule.says.endswith(".") and "." in rule.id for rule in RULES)


@pytest.mark.parametrize("text", [
    "Greek letters such as α and β, beta-blockers, 90 mg/dL and Sjögren's syndrome are normal.",
    "She takes aspirin 75 mg daily. Her blood pressure is 130/80 mmHg and her temperature 37.2 °C.",
    "Heart rate rose from 60 to 180 beats per minute.", "HbA1c was 7.1 %.", "In 2020, 30 % of patients recovered.",
])
def test_plain_medicine_passes(text: str) -> None:
    assert rules(text) == set()
