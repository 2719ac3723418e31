"""MedMCQA (Pal et al. 2022, PMLR 174): questions of Indian entrance exams, options in `opa` to `opd`.

`cop`, the right option, counts from 1 in the authors' files and from 0 on the Hub: which, the file itself shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, references, text
from itd_pipeline.decontamination.builders.files import Row

_OPTIONS = ("opa", "opb", "opc", "opd")


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    right = [row.get("cop") for row in rows]
    first = 0 if any(str(place) == "0" for place in right) else 1
    for number, (row, place) in enumerate(zip(rows, right, strict=True), start=1):
        options = tuple(text(row[name]) for name in _OPTIONS)
        at = int(str(place)) - first if str(place).isdigit() else -1
        yield Draft(text(row.get("id")) or str(number), text(row["question"]), options,
                    options[at] if 0 <= at < len(options) else "",
                    tuple(references("explanation", [text(row.get("exp"))])))


MEDMCQA = Builder("MedMCQA: question, opa to opd, cop, exp", _build, ("question", *_OPTIONS))
