"""MedQA (Jin et al. 2021, arXiv:2009.13081): USMLE questions, as JSON lines with options by letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, text, texts
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        yield Draft(text(row.get("id")) or str(number), text(row["question"]), texts(row["options"]),
                    text(row.get("answer")))


MEDQA = Builder("MedQA: question, options by letter, answer", _build, ("question", "options"))
