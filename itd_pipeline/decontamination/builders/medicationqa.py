"""MedicationQA (Ben Abacha et al. 2019, doi 10.3233/SHTI190176): consumers' questions on drugs, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, text
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        yield Draft(str(number), text(row["Question"]), answer=text(row["Answer"]))


MEDICATIONQA = Builder("MedicationQA: Question, Answer", _build, ("Question", "Answer"))
