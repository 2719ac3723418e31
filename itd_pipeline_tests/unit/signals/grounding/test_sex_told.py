import pytest

from itd_pipeline.signals.grounding.sex import contradicted_sex, sex_of


@pytest.mark.parametrize(("text", "sex"), [
    ("Patient: I'm twenty three and I am a white female.", "female"), ("Patient: I am a 60 year old man.", "male"),
    ("Patient: I am married to a kind man.", ""), ("Patient: I'm breastfeeding well.", "female"),
    ("Doctor: Did they check your prostate?", "male"), ("Patient: My wife had her period.", ""),
    ("Doctor: How did he hurt himself?\nGuest_family_1: He fell off, I saw it.", "male"),
    ("Patient: I am seeing a male nurse.", "")])
def test_a_patient_tells_the_own_sex(text, sex):
    assert sex_of(text) == sex


def test_a_relative_of_the_other_sex_contradicts():
    evidence = "Patient: Actually, my father passed away due to this disease."
    assert contradicted_sex("Her mother had the disease.", evidence) == "mother"
    assert contradicted_sex("The father had the disease.", evidence) == ""
    assert contradicted_sex("Mother and father had it.", evidence) == ""
    assert contradicted_sex("The mother had it.", "My mom had it, my dad did not.") == ""
