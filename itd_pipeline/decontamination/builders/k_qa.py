"""K-QA (Manes et al. 2024, arXiv:2401.14493): questions of patients, some with a physician's answer.

The statements that an answer must hold are not looked for: a fact in one sentence is no one's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, text
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        yield Draft(str(number), text(row["Question"]), answer=text(row.get("Free_form_answer")))


K_QA = Builder("K-QA: Question, Free_form_answer", _build, ("Question",))
