"""What each cell of a seed is for, in words for an author, and two worked examples.

Belongs here: words. Does not belong here: what a cell may hold (`columns.py`), sheets or pages.
"""

from __future__ import annotations

from itd_pipeline.seeds.columns import COLUMNS
from itd_pipeline.tables import vocabularies as v

CHOICES: dict[str, tuple[str, ...]] = {
    "task_type": v.TASK_TYPE, "question_type": v.QUESTION_TYPE, "specialty": v.SPECIALTY,
    "level_of_care": v.LEVEL_OF_CARE, "severity": v.SEVERITY, "age_group": v.AGE_GROUP, "sex": v.SEX,
    "audience": v.AUDIENCE, "difficulty": ("1", "2", "3", "4", "5"), "jurisdiction": v.JURISDICTION,
    "author_role": tuple(r for r in v.AUTHOR_ROLE if r not in {"model", "program"}),
    "illustrative": ("false", "true"),
}
"""Cells with a list to choose from."""

LONG = ("instruction", "input", "output", "rationale", "options", "citation", "comment")
"""Cells that hold prose."""

GUIDANCE: dict[str, str] = {
    "id": "Your own name for the seed, such as cardio-12; each once. It stays the same when you edit the seed.",
    "instruction": "The task, as a user would put it. One task only.",
    "input": "The vignette, note or question that the task works on. No names, no dates of birth, no real patients.",
    "output": "The answer that you would want to read. Whole sentences; say what is uncertain; say when to seek help.",
    "rationale": "Why this is the right answer, in two or three sentences.",
    "options": "For multiple choice: the options without letters, with | between them.",
    "answer_key": "For multiple choice: the letter of the right option.",
    "citation": "The guideline or reference work in words, with issuing body and year. Several with | between them.",
    "task_type": "What kind of task it is.",
    "question_type": "What the question is about.",
    "specialty": "The clinical specialty.",
    "audience": "Who the output is written for.",
    "difficulty": "1 everyday, 2 needs some training, 3 needs training, 4 hard, 5 for experts.",
    "level_of_care": "Where such a question comes up.",
    "severity": "How severe the condition at hand is.",
    "age_group": "The age group that it is about.",
    "sex": "The sex that it is about.",
    "jurisdiction": "Where the guidance applies.",
    "codes": "Such as ICD-10-CM:E11.9 or HP:0001250. Several with | between them.",
    "language": "Two letters, en where empty.",
    "group": "The same word in seeds that belong together, so that they are never split between training and test.",
    "author": "Your pseudonym, such as clinician-a. Never your name.",
    "author_role": "Your profession.",
    "licence": "An SPDX licence, such as CC0-1.0 or CC-BY-4.0.",
    "evidence_date": "Year or date of the evidence, such as 2024.",
    "review_due": "When somebody should look again, such as 2028-11-30.",
    "illustrative": "true only for examples that are not meant as guidance.",
    "patient_data": "Leave empty. Text about real patients does not belong in a seed.",
    "comment": "Notes among authors. Not read into the dataset.",
}
"""Name of the cell -> what belongs there."""

SHOWN = tuple(name for name in GUIDANCE if name != "patient_data")
"""Cells that a workbook or page offers, in order."""

EXAMPLES: tuple[dict[str, str], ...] = (
    {"id": "example-1", "instruction": "Explain to a parent when a child with a fever needs to be seen the same day.",
     "output": "Most fevers pass in a few days. Have your child seen the same day if they are under three months old "
               "and feel hot, if they drink much less than usual, if they are hard to wake, or if you are worried. "
               "Call the emergency number for trouble breathing, a rash that does not fade when pressed, or a fit.",
     "citation": "Name of the guideline, issuing body, year", "task_type": "patient_education",
     "question_type": "management", "specialty": "paediatrics", "audience": "carer", "difficulty": "2",
     "level_of_care": "self_care", "severity": "mild", "age_group": "child", "sex": "all",
     "jurisdiction": "international", "codes": "HP:0001945", "author": "clinician-a", "author_role": "clinician",
     "licence": "CC0-1.0", "evidence_date": "2024", "illustrative": "true", "comment": "An example; delete the row."},
    {"id": "example-2", "instruction": "Choose the electrolyte disturbance that fits best.",
     "input": "An adult takes a thiazide diuretic. Sodium 126 mmol/L, potassium 3.9 mmol/L, creatinine normal.",
     "options": "Hyponatraemia | Hyperkalaemia | Hypernatraemia", "answer_key": "A",
     "output": "Hyponatraemia: sodium is below the reference range while potassium is within it. Thiazides are a "
               "common cause.", "rationale": "Only sodium is out of range, and the drug explains it.",
     "citation": "Name of the guideline, issuing body, year", "task_type": "multiple_choice",
     "question_type": "diagnosis", "specialty": "nephrology", "audience": "student", "difficulty": "2",
     "level_of_care": "primary_care", "severity": "moderate", "age_group": "adult", "sex": "all",
     "jurisdiction": "international", "codes": "ICD-10-CM:E87.1", "author": "clinician-a",
     "author_role": "clinician", "licence": "CC0-1.0", "evidence_date": "2024", "illustrative": "true"},
)
"""Worked examples that stand on a sheet of their own."""

if set(GUIDANCE) != set(COLUMNS):
    raise AssertionError(f"guidance and columns differ: {sorted(set(GUIDANCE) ^ set(COLUMNS))}")
