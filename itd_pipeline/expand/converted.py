"""The route `converted`: a question that the source asks and its own answer become a record.

Belongs here: turning a pair into a record. Does not belong here: the wording of questions (`questions.py`).

A long answer was cut into several passages that carry the same question. A piece of it would be a wrong answer,
so the passages of one document are joined again, in order, and each is cited whole. The unit is therefore the
document, and for passages without a question the passage (`no_question`). A question without a subject, left over
from a source's pattern, is turned away as `question_lacks_subject`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from itd_pipeline.expand.draft import Draft, Turned, from_passage, span, unit_id
from itd_pipeline.expand.questions import lacks_subject, question_kind, tidy_question

MAKER = "converted/1"


def convert(passages: Sequence[Mapping[str, Any]], language: str) -> Iterator[Draft | Turned]:
    """One draft per document with a question.

    Args:
        passages: rows of the passages table, by document and ordinal.
        language: language of the source.
    """
    for _, group in groupby(passages, key=lambda p: p["document_id"]):
        pieces = list(group)
        asked = [p for p in pieces if (p["question"] or "").strip()]
        for piece in pieces:
            if not (piece["question"] or "").strip():
                yield _turned(piece, "no_question")
        if not asked:
            continue
        first = asked[0]
        if lacks_subject(first["question"]):
            yield _turned(first, "question_lacks_subject")
            continue
        yield Draft(unit_id("converted", MAKER, first["passage_id"]), first["passage_id"], from_passage(
            first, language,
            instruction=tidy_question(first["question"]),
            output="\n\n".join(piece["text"] for piece in asked),
            citations=[span(p["passage_id"], p["text"], 0, len(p["text"])) for p in asked],
            passage_ids=[p["passage_id"] for p in asked],
            patient_data=any(p["patient_data"] for p in asked),
            privacy_status=_worst([p["privacy_status"] for p in asked]),
            task_type="question_answering",
            question_type=question_kind(first["question_type"]),
            route="converted", author=MAKER, author_role="program", prompt_id=MAKER,
        ))


def _worst(statuses: Sequence[str]) -> str:
    order = ("no_patient_data", "de_identified", "residual_identifiers")
    return max(statuses, key=order.index)


def _turned(passage: Mapping[str, Any], reason: str) -> Turned:
    return Turned(unit_id("converted", MAKER, passage["passage_id"]), passage["passage_id"], reason,
                  row=dict(passage))
