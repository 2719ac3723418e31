"""MMLU (Hendrycks et al. 2021, arXiv:2009.03300): the six medical subjects that MultiMedQA takes (Singhal et al. 2023,
doi 10.1038/s41586-023-06291-2).

Read are the authors' CSV files without a header (question, four options, letter), alone or as the folder of all
subjects, and the Hub's Parquet (question, choices, subject). Of a folder, and of a file that names subjects, only the
medical ones are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from itd_pipeline.decontamination.builders.draft import Builder, Draft, FormatError, lettered, text, texts
from itd_pipeline.decontamination.builders.files import Row

SUBJECTS = ("anatomy", "clinical_knowledge", "college_biology", "college_medicine", "medical_genetics",
            "professional_medicine")
_SPLIT = re.compile(r"_(test|val|dev)$")


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        if "question" in row:
            if text(row.get("subject")) in ("", *SUBJECTS):
                options = texts(row.get("choices"))
                at = row.get("answer")
                answer = options[at] if isinstance(at, int) and 0 <= at < len(options) else lettered(options, text(at))
                yield Draft(str(number), text(row["question"]), options, answer)
            continue
        cells = [text(cell) for cell in row.values()]
        if len(cells) != 6:
            raise FormatError(f"line {number} has {len(cells)} columns; six are wanted: question, four options, letter")
        yield Draft(str(number), cells[0], tuple(cells[1:5]), lettered(tuple(cells[1:5]), cells[5]))


def _medical(path: Path) -> bool:
    return _SPLIT.sub("", path.name.split(".")[0]) in SUBJECTS


MMLU_MEDICAL = Builder("MMLU, medical subjects: CSV without header, or the folder of them", _build, wanted=_medical,
                       header=False)
