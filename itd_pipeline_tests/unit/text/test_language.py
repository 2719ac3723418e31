"""Language tags."""

from __future__ import annotations

import pytest

from itd_pipeline.text.language import identify

ENGLISH = ("Asthma is a long-term disease of the airways of the lungs. It causes wheezing, breathlessness, chest "
           "tightness and coughing, often at night or early in the morning.")
ITALIAN = ("Il paziente deve assumere la compressa ogni mattina prima della colazione e bere molta acqua durante tutta "
           "la giornata.")
GERMAN = ("Asthma ist eine chronische Erkrankung der Atemwege. Sie verursacht Husten und Atemnot, vor allem nachts "
          "oder in den frühen Morgenstunden, und wird mit Sprays behandelt.")
SPANISH = ("El asma es una enfermedad crónica de las vías respiratorias que causa tos, dificultad para respirar y "
           "opresión en el pecho, sobre todo por la noche o de madrugada.")
LATIN_ENGLISH = ("Tinea versicolor, tinea pedis, molluscum contagiosum, verruca vulgaris and pityriasis rosea are "
                 "seen by the general practitioner; lichen planus and pemphigus vulgaris are not.")


@pytest.mark.parametrize(
    ("text", "language"), [(ENGLISH, "en"), (GERMAN, "de"), (SPANISH, "es"), (LATIN_ENGLISH, "en")])
def test_languages(text: str, language: str) -> None:
    assert identify(text, 15) == language


SYMPTOMS = ("Common causes: allergic reactions, eczema, dry skin, insect bites, irritating chemicals, parasites such "
            "as pinworms, scabies, head lice, early kidney disease, liver disease, some medicines.")
OTHERS = {
    "da": ("Patienten skal tage en tablet hver morgen for sin astma, men lægen kan give en anden dosis, hvis hun får "
           "det dårligt af den, og der er ikke andre tegn."),
    "nl": ("De patiënt is in het ziekenhuis opgenomen met koorts of benauwdheid en werd over de behandeling met "
           "antibiotica voorgelicht; was er verbetering, dan mocht zij naar huis."),
    "it": ITALIAN,
    "pt": ("O doente deve tomar o comprimido todas as manhãs antes do pequeno almoço e beber muita água durante o dia, "
           "a menos que o médico tenha dito outra coisa."),
}


def unused() -> None:
    raise AssertionError("the model was asked")


def test_lists_of_symptoms_need_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itd_pipeline.text.language._model", unused)
    assert identify(SYMPTOMS, 15) == "en"


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_no_english_is_left_to_the_model(language: str) -> None:
    assert identify(OTHERS[language], 15) == language


def test_short_text_cannot_be_told() -> None:
    nineteen = "word " * 19
    assert identify(nineteen, 20) == "und"
    assert identify("", 1) == "und"
    assert identify(ENGLISH, 27) == "en"


def test_below_the_threshold_it_cannot_be_told() -> None:
    assert identify(ITALIAN, 15, threshold=1.01) == "und"
