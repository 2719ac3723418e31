"""Question forms about drug labels (SPL, openFDA).

Belongs here: wording and which section it restates. Does not belong here: what a heading means (`label_sections.py`).
An answer is a whole section, word for word: nothing of a dose or a warning is left out or said another way. Sections
that were cut, or have sections below them, are passed over.
"""

from __future__ import annotations

from collections.abc import Callable

from itd_pipeline.expand.forms.choice import distractors, lettered, place
from itd_pipeline.expand.forms.form import Filled, Form, draw
from itd_pipeline.expand.forms.label_sections import LabelIndex, LabelSection

_CLEAR = {
    "indications": "Indications and usage", "dosage": "Dosage and administration",
    "contraindications": "Contraindications", "interactions": "Drug interactions", "overdosage": "Overdosage",
    "mechanism": "Mechanism of action", "pregnancy": "Pregnancy", "storage": "Storage and handling",
    "children": "Pediatric use", "older_people": "Geriatric use",
}
"""Sections whose content tells them apart; warnings, precautions and adverse reactions share theirs."""
_FRAGMENTS = {"do_not_use", "ask_before_use", "stop_use"}


def _values(section: LabelSection, **more: str) -> dict[str, str]:
    return {"name": section.name, **more}


def _of_kind(kind: str) -> Callable[[LabelSection, LabelIndex], Filled | None]:
    def fill(section: LabelSection, index: LabelIndex) -> Filled | None:
        if section.kind != kind or not section.name or not index.complete(section) or len(section.text.split()) < 4:
            return None
        said = f"{section.heading[-1].rstrip('.:')}: {section.text}" if kind in _FRAGMENTS else section.text
        return Filled(said, (section.text,), _values(section))

    return fill


def _subsection(section: LabelSection, index: LabelIndex) -> Filled | None:
    if section.kind or len(section.heading) < 2 or not section.name or not index.complete(section):
        return None
    if len(section.text.split()) < 12 or not all(section.heading):
        return None
    return Filled(section.text, (section.text,), _values(
        section, heading=section.heading[-1].rstrip(".:"), above=section.heading[0].capitalize()))


def _which_section(section: LabelSection, index: LabelIndex) -> Filled | None:
    if section.kind not in _CLEAR or not section.name or not index.complete(section):
        return None
    if not 12 <= len(section.text.split()) <= 150:
        return None
    return Filled(_CLEAR[section.kind], (section.text,), _values(section), input=section.text)


def _choose_section(section: LabelSection, index: LabelIndex) -> Filled | None:
    filled = _which_section(section, index)
    if filled is None:
        return None
    wrong = sorted((label for label in _CLEAR.values() if label != filled.output and label.casefold()
                    not in section.text.casefold()), key=lambda label: draw(section.document_id, label))[:3]
    options, letter = place(f"choose_section:{section.document_id}", filled.output, wrong)
    return Filled(f"{letter}. {filled.output}", filled.quotes, filled.values,
                  f"{section.text}\n\n{lettered(options)}", options, letter) if len(wrong) == 3 else None


def _names_two(section: LabelSection, index: LabelIndex) -> bool:
    """Whether brand and generic name are two names, and this is the section of the label that holds the generic one."""
    one, other = section.name.casefold(), section.generic.casefold()
    return bool(one and other) and one not in other and other not in one \
        and index.first.get(section.document) == section.document_id


def _generic(section: LabelSection, index: LabelIndex) -> Filled | None:
    if not _names_two(section, index):
        return None
    return Filled(f"The generic name of {section.name} is {section.generic}.", (section.generic,), _values(section))


def _choose_generic(section: LabelSection, index: LabelIndex) -> Filled | None:
    if not _names_two(section, index):
        return None
    words = set(section.generic.casefold().split())
    wrong = distractors(
        f"choose_generic:{section.document_id}", [index.generics],
        lambda other: not words & set(other.casefold().split())
        and section.name.casefold() not in index.names.get(other.casefold(), set()), str, section.generic)
    if not wrong:
        return None
    options, letter = place(f"choose_generic:{section.document_id}", section.generic, wrong)
    return Filled(f"{letter}. {section.generic}", (section.generic,), _values(section), lettered(options), options,
                  letter)


_ABOUT: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("boxed_warning", "contraindication", 3, ("What is the boxed warning of {name}?",
                                              "Which boxed warning does the label of {name} carry?")),
    ("indications", "treatment", 2, ("What is {name} indicated for?",
                                     "For which conditions is {name} approved, according to its label?")),
    ("dosage", "dosage", 3, ("How is {name} dosed and given?",
                             "What does the label of {name} say about dose and administration?")),
    ("do_not_use", "contraindication", 2, ("Who should not use {name}?", "When must {name} not be used?")),
    ("ask_before_use", "contraindication", 2, ("Who should ask a doctor or pharmacist before using {name}?",
                                               "Before taking {name}, when is advice needed?")),
    ("stop_use", "side_effect", 2, ("When should somebody stop using {name} and ask a doctor?",
                                    "Which signs mean that {name} should be stopped and a doctor asked?")),
    ("contraindications", "contraindication", 3, ("What are the contraindications of {name}?",
                                                  "In which patients is {name} contraindicated?")),
    ("warnings", "contraindication", 3, ("Which warnings does the label of {name} give?",
                                         "What should be watched when {name} is used?")),
    ("adverse_reactions", "side_effect", 3, ("Which adverse reactions does the label of {name} list?",
                                             "What are the side effects of {name}, according to its label?")),
    ("interactions", "interaction", 3, ("Which drug interactions does the label of {name} describe?",
                                        "What does {name} interact with?")),
    ("pregnancy", "contraindication", 3, ("May {name} be used in pregnancy?",
                                          "What does the label of {name} say about pregnancy?")),
    ("breastfeeding", "contraindication", 3, ("May {name} be used while breastfeeding?",
                                              "What does the label of {name} say about nursing mothers?")),
    ("children", "dosage", 3, ("What is known about {name} in children?",
                               "What does the label of {name} say about paediatric use?")),
    ("older_people", "dosage", 3, ("What is to be considered with {name} in older people?",
                                   "What does the label of {name} say about geriatric use?")),
    ("kidney", "dosage", 4, ("How is {name} used in renal impairment?",
                             "What does the label of {name} say about patients with renal impairment?")),
    ("liver", "dosage", 4, ("How is {name} used in hepatic impairment?",
                            "What does the label of {name} say about patients with hepatic impairment?")),
    ("overdosage", "management", 4, ("What should be done after an overdose of {name}?",
                                     "What does the label of {name} say about overdosage?")),
    ("mechanism", "other", 3, ("How does {name} work?", "What is the mechanism of action of {name}?")),
    ("storage", "other", 2, ("How is {name} supplied and stored?",
                             "What does the label of {name} say about supply and storage?")),
)

FORMS: tuple[Form[LabelSection, LabelIndex], ...] = (
    *(Form(kind, "drug_information", question_type, difficulty, wordings, _of_kind(kind))
      for kind, question_type, difficulty, wordings in _ABOUT),
    Form("subsection", "drug_information", "other", 3, (
        "What does the label of {name} say about “{heading}” (section “{above}”)?",
        "Under “{above}”, what does the label of {name} state on “{heading}”?",
    ), _subsection),
    Form("which_section", "classification", "classification", 2, (
        "From which section of the label of {name} is this text?",
        "Name the section of a drug label to which this text about {name} belongs.",
    ), _which_section),
    Form("choose_section", "multiple_choice", "classification", 2, (
        "From which section of the label of {name} is this text?",
        "Choose the section of a drug label to which this text about {name} belongs.",
    ), _choose_section),
    Form("generic", "drug_information", "synonym", 2, (
        "What is the generic name of {name}?",
        "Under which generic name is {name} known?",
    ), _generic),
    Form("choose_generic", "multiple_choice", "synonym", 2, (
        "Which is the generic name of {name}?",
        "Choose the generic name of the medicine sold as {name}.",
    ), _choose_generic),
)
