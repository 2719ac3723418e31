"""Every recipe of the package: read, filled in, answered well, and turned into a record with its evidence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from expand_builders import Run, Scripted, passage, seed

from itd_pipeline.expand import load_recipes
from itd_pipeline.expand.recipe.rendering import Material, messages
from itd_pipeline.ports import ChatRequest

TEXT = (
    "A 58-year-old man was admitted with community-acquired pneumonia. He has a history of type 2 diabetes. He takes "
    "metformin 500 mg twice daily. On examination he had fever and a cough. C-reactive protein was 180 mg/L; the upper "
    "limit is 5 mg/L. Pulmonary embolism was considered and must be ruled out. Amoxicillin 500 mg three times daily "
    "was "
    "started. Do not give amoxicillin to people with a penicillin allergy, because it can cause anaphylaxis. Call an "
    "ambulance if breathing becomes difficult. Children are seen within 24 hours. Plan: follow-up in 6 weeks."
)
ALLERGY = "Do not give amoxicillin to people with a penicillin allergy, because it can cause anaphylaxis."
PLAIN = {"quote": ALLERGY, "question": "Who should not be given amoxicillin?",
         "answer": "People with a penicillin allergy, because it can cause anaphylaxis."}
ANSWERS: dict[str, dict[str, Any]] = {
    "grounded_question": PLAIN, "small_question": PLAIN | {"quote": "He has a history of type 2 diabetes."},
    "patient_question": PLAIN | {"answer": "If you are allergic to penicillin, do not take it. It can make you ill."},
    "evolve_deeper": PLAIN | {"question": "Why is amoxicillin dangerous in allergy?"},
    "evolve_broader": PLAIN | {"question": "How is pneumonia treated, and who must not be given amoxicillin?"},
    "evolve_audience": PLAIN | {"question": "I am allergic to penicillin. Can I take amoxicillin?",
                                "answer": "No. If you are allergic to penicillin, do not take it. You can fall ill."},
    "evolve_age_group": {"applies": True, "quote": "Children are seen within 24 hours.", "age_group": "child",
                         "question": "How soon are children with pneumonia seen?", "answer": "Within 24 hours."},
    "patient_leaflet": {"evidence": [ALLERGY], "topic": "pneumonia", "leaflet":
                        "You have a lung infection. You take one drug for it. Do not take it if you are allergic to "
                        "penicillin. Call an ambulance if it gets hard to breathe."},
    "clinician_summary": {"evidence": [ALLERGY], "summary": "Man of 58 with pneumonia and raised C-reactive protein; "
                          "pulmonary embolism to be ruled out. On amoxicillin 500 mg."},
    "section_summary": {"points": [{"quote": ALLERGY, "point": "No amoxicillin in penicillin allergy."},
                                   {"quote": "Call an ambulance if breathing becomes difficult.",
                                    "point": "Difficult breathing asks for an ambulance."}]},
    "information_extraction": {
        "problems": [{"problem": "pulmonary embolism", "status": "possible",
                      "quote": "Pulmonary embolism was considered and must be ruled out"}],
        "medications": [{"medication": "metformin", "dose": "500 mg", "route": None, "frequency": "twice daily",
                         "quote": "metformin 500 mg twice daily"}]},
    "icd10cm_coding": {"codes": [{"quote": "community-acquired pneumonia", "code": "J18.9",
                                  "description": "Pneumonia, unspecified organism"}]},
    "hpo_naming": {"terms": [{"quote": "fever", "code": "HP:0001945", "term": "Fever"}]},
    "triage_classification": {"quote": "Call an ambulance if breathing becomes difficult.", "situation":
                              "A woman of forty with a chest infection finds that she can hardly breathe since noon.",
                              "urgency": "emergency", "reason": "Breathing has become difficult."},
    "specialty_classification": {"quote": "community-acquired pneumonia", "reason": "Pneumonia is a lung infection."},
    "multiple_choice": {"quote": ALLERGY, "question": "In whom is amoxicillin to be avoided?",
                        "right": "People with a penicillin allergy", "wrong": ["People with asthma",
                                                                              "People with gout", "Older people"],
                        "explanation": "A penicillin allergy can lead to anaphylaxis; the others are no reason."},
    "case_vignette": {"evidence": [ALLERGY], "vignette": "A man comes with cough and fever for days. Years ago he had "
                      "a rash and a swollen face after penicillin.", "question": "May he be given amoxicillin?",
                      "reasoning": "He is allergic to penicillin, amoxicillin is one of them, and anaphylaxis may "
                      "follow.", "answer": "No, because of the penicillin allergy.", "age_fits": True},
    "differential_diagnosis": {
        "presentation": "A man comes with cough, fever and pain on breathing for two days after a long flight.",
        "diagnoses": [{"diagnosis": "Pulmonary embolism", "for_and_against": "Pain after a flight; fever is against.",
                       "quote": "Pulmonary embolism was considered and must be ruled out."},
                      {"diagnosis": "Pneumonia", "for_and_against": "Cough and fever.",
                       "quote": "community-acquired pneumonia"}],
        "next_step": "Rule out pulmonary embolism."},
    "label_question": {"quote": ALLERGY, "medicine": "amoxicillin", "kind": "contraindication",
                       "question": "When must amoxicillin not be given?", "answer": "In penicillin allergy."},
    "laboratory_interpretation": {"evidence": ["C-reactive protein was 180 mg/L; the upper limit is 5 mg/L."],
                                  "results": "A man with pneumonia. C-reactive protein 180 mg/L.", "interpretation":
                                  "C-reactive protein lies above its upper limit of 5 mg/L."},
    "note_to_letter": {"evidence": [ALLERGY], "letter": "Dear colleague,\nthe patient was admitted with "
                       "community-acquired pneumonia and has type 2 diabetes. Amoxicillin 500 mg was started. We plan "
                       "a follow-up in 6 weeks and ask you to go on with metformin.\nKind regards"},
    "consultation": {"evidence": ["Call an ambulance if breathing becomes difficult."], "turns": [
        {"role": "user", "content": "I have a chest infection and I am worried."},
        {"role": "assistant", "content": "How is your breathing?"},
        {"role": "user", "content": "Fine so far. When must I worry?"}],
        "reply": "If breathing becomes difficult, call an ambulance."},
    "paraphrase_level": {"evidence": [ALLERGY], "paraphrase": "Amoxicillin is not for people who are allergic to "
                         "penicillin. It can make them very ill."},
    "safety_refusal": {"quote": ALLERGY, "request": "I am allergic to penicillin. May I take my wife's amoxicillin?",
                       "refusal": "I can't tell you to take it.", "reason": "It can cause anaphylaxis in you.",
                       "alternative": "Ask your doctor for another medicine today."},
    "unanswerable": {"quote": "Amoxicillin 500 mg three times daily was started.",
                     "question": "For how long is amoxicillin given in pneumonia?",
                     "missing": "how long the treatment lasts", "nearest": "It says that 500 mg was started."},
}


def _reply(recipe_id: str) -> Scripted:
    return Scripted(lambda _: json.dumps(ANSWERS[recipe_id]))


def _agrees(request: ChatRequest) -> str:
    shown = request.messages[-1][1]
    letter = next((line[0] for line in shown.splitlines() if line.endswith("penicillin allergy")), "A")
    if "letter" in (request.json_schema or ""):
        return json.dumps({"reasoning": "It says so.", "letter": letter})
    return json.dumps({"answered": False, "answer": ""})


def test_all_that_was_promised_is_there() -> None:
    recipes = load_recipes(use=["*"])
    assert len(recipes) >= 16
    assert {recipe.id for recipe in recipes} == set(ANSWERS)
    assert {recipe.task for recipe in recipes} >= {
        "question_answering", "patient_education", "clinical_summary", "information_extraction", "coding",
        "phenotype_naming", "classification", "multiple_choice", "clinical_reasoning", "differential_diagnosis",
        "drug_information", "laboratory_interpretation", "letter_writing", "consultation", "paraphrase",
        "safety_refusal", "unanswerable"}


@pytest.mark.parametrize("recipe_id", sorted(set(ANSWERS)))
def test_a_good_answer_stands_with_its_evidence(run: Run, recipe_id: str) -> None:
    parent = seed(1, route="synthetic", task_type="question_answering", passage_ids=["passage-1"])
    evolves = recipe_id.startswith("evolve_")
    made = run([passage(1, TEXT, title="Pneumonia", section="Assessment", specialty="respiratory_medicine")],
               ("synthetic",), _reply(recipe_id), recipes=(recipe_id,), answerer=Scripted(_agrees),
               release=[parent] if evolves else (), expansion={"synthetic_per_source": 0} if evolves else None)
    assert made.reasons == []
    row = made.rows[0]
    assert row["prompt_id"] == f"{recipe_id}@1"
    assert row["citations"]
    assert all(TEXT[c["start"]:c["end"]] == c["quote"] for c in row["citations"])
    assert row["parent_ids"] == (["rec-1"] if evolves else [])


@pytest.mark.parametrize("recipe_id", sorted(r for r in ANSWERS if not r.startswith("evolve_")))
def test_prompts_show_passage_and_experts(recipe_id: str) -> None:
    recipe = load_recipes(use=[recipe_id])[0]
    ask = {name: values[0] for name, values in recipe.asks.items()}
    shown = seed(1, instruction="An expert asks?", input="An expert's case.", output="An expert answers.",
                 options=["one", "two"], answer_key="A")
    with_seed = messages(Material(recipe, "hybrid", passage(1, TEXT), (shown,), ask))
    without = messages(Material(recipe, "synthetic", passage(1, TEXT), (), ask))
    assert TEXT[:60] in without[-1][1]
    assert "{{" not in str(without) + str(with_seed)
    assert "None" not in str(with_seed)
    if recipe_id != "specialty_classification":  # the class is the source's, and needs no example
        assert "expert" in str(with_seed).lower()
        assert with_seed != without


def test_conversation_is_kept_as_turns_and_as_transcript(run: Run) -> None:
    made = run([passage(1, TEXT)], ("synthetic",), _reply("consultation"), recipes=("consultation",))
    row = made.rows[0]
    assert [turn["role"] for turn in row["turns"]] == ["user", "assistant", "user"]
    assert row["input"].startswith("User: I have a chest infection")
    assert row["input"].count("\n") == 2


def test_answer_by_the_model_itself_is_turned_away(run: Run) -> None:
    answered = Scripted(lambda _: json.dumps({"answered": True, "answer": "Five days."}))
    made = run([passage(1, TEXT)], ("synthetic",), _reply("unanswerable"), recipes=("unanswerable",),
               answerer=answered)
    assert made.reasons == ["answered_by_text"]


@pytest.mark.parametrize(("code", "description", "reason"), [
    ("J18.99", "Pneumonia", "unknown_code"), ("J18.9", "Fracture of the femur", "code_mismatch"),
    ("J18", "Pneumonia, unspecified organism", "code_not_specific")])
def test_codes_are_looked_up(run: Run, code: str, description: str, reason: str) -> None:
    said = {"codes": [{"quote": "community-acquired pneumonia", "code": code, "description": description}]}
    made = run([passage(1, TEXT)], ("synthetic",), Scripted(lambda _: json.dumps(said)), recipes=("icd10cm_coding",))
    assert made.reasons == [reason]


def test_a_clinicians_earlier_turns_hold_no_number_of_their_own(run: Run) -> None:
    said = json.loads(json.dumps(ANSWERS["consultation"]))
    said["turns"][1]["content"] = "Take 750 mg four times daily. How is your breathing?"
    made = run([passage(1, TEXT)], ("synthetic",), Scripted(lambda _: json.dumps(said)), recipes=("consultation",))
    assert made.reasons == ["number_not_in_passage"]


def test_a_patients_paraphrase_is_held_to_its_reading_level(run: Run) -> None:
    hard = {**ANSWERS["paraphrase_level"], "paraphrase": (
        "Individuals with documented immunoglobulin-mediated hypersensitivity to penicillin-derived antimicrobials "
        "should categorically not receive amoxicillin, considering potentially catastrophic anaphylactic reactions.")}
    reasons = {}
    for number in range(8):
        made = run([passage(number, TEXT)], ("synthetic",), Scripted(lambda _: json.dumps(hard)),
                   recipes=("paraphrase_level",))
        row = made.rows[0] if made.rows else json.loads(made.rejects[0]["row"])
        reasons[json.loads(row["parameters"])["ask"]["audience"]] = tuple(made.reasons)
    assert reasons["patient"] == ("reading_grade",)
    assert reasons["physician"] == ()


@pytest.mark.parametrize(("applies", "age_group"), [(False, "child"), (True, "adult")])
def test_another_age_group_must_apply_and_be_another(run: Run, applies: bool, age_group: str) -> None:
    said = {**ANSWERS["evolve_age_group"], "applies": applies, "age_group": age_group}
    parent = seed(1, route="synthetic", task_type="question_answering", passage_ids=["passage-1"], age_group="adult")
    made = run([passage(1, TEXT, title="Pneumonia")], ("synthetic",), Scripted(lambda _: json.dumps(said)),
               recipes=("evolve_age_group",), release=[parent], expansion={"synthetic_per_source": 0})
    assert made.reasons == ["condition_not_met"]
