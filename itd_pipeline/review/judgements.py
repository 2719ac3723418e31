"""What reviewers said of a record, in words and without names, for the person who gives the third opinion.

Belongs here: words. Does not belong here: which records are in dispute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from itd_pipeline.review import sheet
from itd_pipeline.review.rubric import Rubric


def in_words(answers: Sequence[Mapping[str, str]], rubric: Rubric) -> str:
    """One paragraph per judgement, numbered.

    Args:
        answers: answer id -> text, in the order in which they are numbered.
        rubric: what was asked.
    """
    asked = sheet.answers(rubric)
    said = []
    for number, answer in enumerate(answers, start=1):
        parts = [f"{one.label.rstrip('?')}: {answer[one.id]}" for one in asked if answer.get(one.id)]
        said.append(f"Judgement {number}. " + "; ".join(parts))
    return "\n".join(said)


def answer_of(rating: Mapping[str, Any]) -> dict[str, str]:
    """A row of `human_evaluation` as answer id -> text: `answer.rating_of` the other way."""
    harm = json.loads(rating["harm"] or "{}")
    return {**{name: str(value) for name, value in json.loads(rating["gate"]).items()},
            **{name: str(value) for name, value in json.loads(rating["axes"]).items()},
            **{f"harm_{part}": str(value) for part, value in harm.items()},
            "decision": rating["decision"], "error_tags": rating["error_tags"], "comment": rating["comment"] or "",
            "correction": rating["correction"] or ""}
