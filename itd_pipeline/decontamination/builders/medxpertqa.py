"""MedXpertQA (Zuo et al. 2025, arXiv:2501.18362): specialty board questions, ten options.

The question repeats the options behind `Answer Choices:`; that list is taken off, so that the share of the question
means the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, lettered, text, texts
from itd_pipeline.decontamination.builders.files import Row

_CHOICES = re.compile(r"\s*Answer Choices:\s*\(A\).*\Z", re.DOTALL | re.IGNORECASE)


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        options = texts(row["options"])
        yield Draft(text(row.get("id")) or str(number), _CHOICES.sub("", text(row["question"])), options,
                    lettered(options, text(row.get("label"))))


MEDXPERTQA = Builder("MedXpertQA: id, question, options by letter, label", _build, ("question", "options"))
