"""Which cells a seed has, and of which kind each is.

Names are those of the instruction record, but for four: `id` (the authors' own name for the seed), `group` (seeds
that a split must not part), `citation` (references in words) and `comment` (for the authors, not read further).
Does not belong here: how a kind is read (`cells.py`).
"""

from __future__ import annotations

from typing import Any

from itd_pipeline.seeds.cells import (
    Reader,
    WrongCell,
    codes_cell,
    date_cell,
    flag_cell,
    integer_cell,
    list_cell,
    pattern_cell,
    term_cell,
    text_cell,
)
from itd_pipeline.tables import vocabularies as v


def _no_patient_data(value: Any) -> bool:
    """Only false: a seed stands in prompts as an example, so text about a real patient has no place in one."""
    if flag_cell(value):
        raise WrongCell("true; allowed: false. Text about patients belongs in a source with patient_data: true")
    return False


COLUMNS: dict[str, Reader] = {
    "id": pattern_cell(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", "letters, digits, dot, hyphen, underscore, at most 80"),
    "group": text_cell,
    "instruction": text_cell,
    "input": text_cell,
    "output": text_cell,
    "rationale": text_cell,
    "options": list_cell,
    "answer_key": pattern_cell(r"[A-Za-z]", "the letter of an option"),
    "citation": list_cell,
    "task_type": term_cell(v.TASK_TYPE),
    "question_type": term_cell(v.QUESTION_TYPE),
    "specialty": term_cell(v.SPECIALTY),
    "level_of_care": term_cell(v.LEVEL_OF_CARE),
    "severity": term_cell(v.SEVERITY),
    "age_group": term_cell(v.AGE_GROUP),
    "sex": term_cell(v.SEX),
    "audience": term_cell(v.AUDIENCE),
    "difficulty": integer_cell(1, 5),
    "jurisdiction": term_cell(v.JURISDICTION),
    "codes": codes_cell,
    "language": pattern_cell(r"[a-z]{2}", "two small letters of ISO 639-1, such as en"),
    "author": pattern_cell(r"[a-z][a-z0-9_-]{0,48}", "a pseudonym such as clinician-a, not a person's name"),
    "author_role": term_cell(v.AUTHOR_ROLE),
    "licence": pattern_cell(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,98}", "an SPDX identifier or LicenseRef-..."),
    "evidence_date": date_cell(allow_part=True),
    "review_due": date_cell(allow_part=False),
    "illustrative": flag_cell,
    "patient_data": _no_patient_data,
    "comment": text_cell,
}
"""Name of the cell -> how it is read."""

REQUIRED = ("instruction", "output", "task_type", "author", "licence")
"""Cells without which a seed is turned away (`missing_cell`)."""
