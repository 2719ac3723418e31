"""BioASQ, task B (Krithara et al. 2023, doi 10.1038/s41597-023-02068-4): questions of biomedical experts, as JSON.

Looked for are the question and the ideal answers. Snippets are sentences of PubMed, which sources hold by right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from itd_pipeline.decontamination.builders.draft import Builder, Draft, references, text, texts
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        yield Draft(text(row.get("id")) or str(number), text(row["body"]),
                    more=tuple(references("answer", texts(row.get("ideal_answer")))))


BIOASQ = Builder("BioASQ task B: questions with id, body, ideal_answer", _build, ("body",))
