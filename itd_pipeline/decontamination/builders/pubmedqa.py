"""PubMedQA (Jin et al. 2019, doi 10.18653/v1/D19-1259): questions that are titles, with the abstract's conclusion.

The abstract without its conclusion is the context; it is a published text that sources hold by right, so it is not
looked for. The question and the conclusion are. Read are the authors' JSON (by PubMed id) and the Hub's Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, FormatError, text
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        folded = {key.lower(): value for key, value in row.items()}
        if "question" not in folded:
            raise FormatError("there is no column 'QUESTION' or 'question'")
        yield Draft(text(folded.get("_id")) or text(folded.get("pubid")) or str(number), text(folded["question"]),
                    answer=text(folded.get("long_answer")))


PUBMEDQA = Builder("PubMedQA: QUESTION, LONG_ANSWER", _build)
