"""MEDEC (Ben Abacha et al. 2024, arXiv:2412.19260): clinical texts, each right or with one planted error.

The prompt is the text; the corrected sentence, which is the answer, is looked for where it is long enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, text
from itd_pipeline.decontamination.builders.files import Row

_NONE = ("NA", "nan", "None")


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        corrected = text(row.get("Corrected Sentence"))
        yield Draft(text(row.get("Text ID")) or str(number), text(row["Text"]),
                    answer="" if corrected in _NONE else corrected)


MEDEC = Builder("MEDEC: Text ID, Text, Corrected Sentence", _build, ("Text",))
