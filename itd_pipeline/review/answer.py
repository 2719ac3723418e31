"""What a reviewer answers about one record, checked against the rubric: the same rule for page, spreadsheet and JSON.

Belongs here: what an answer may hold and what is missing from it. Does not belong here: where it was typed
(`returned.py`, `label_studio.py`, the pages of `review_server/`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itd_pipeline.ports import canonical_json
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review.sheet import Answer, answers

CORRECTION_LABEL = "Correction"


@dataclass(frozen=True)
class Checked:
    """An answer after checking.

    Args:
        values: answer id -> canonical text: lower case, whole numbers, known tags in the rubric's order.
        wrong: answer id -> what is wrong with it, without its text.
        missing: ids of answers that are needed and not there.
    """

    values: dict[str, str]
    wrong: dict[str, str]
    missing: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.wrong and not self.missing


def check_answer(given: Mapping[str, str], rubric: Rubric) -> Checked:
    """Check every field at once.

    Args:
        given: answer id -> text as typed; several tags parted by commas, semicolons or line feeds.
        rubric: what is asked.
    """
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    asked = answers(rubric)
    for answer in asked:
        values[answer.id], problem = _field(answer, given.get(answer.id, ""))
        if problem:
            wrong[answer.id] = problem
    return Checked(values, wrong, _missing(values, asked) if not wrong else ())


def rating_of(values: Mapping[str, str], rubric: Rubric) -> dict[str, Any]:
    """Checked values -> the columns of `human_evaluation` that hold an answer."""
    harm = {part: values[f"harm_{part}"] for part in ("extent", "likelihood") if values.get(f"harm_{part}")}
    return {
        "decision": values["decision"],
        "gate": canonical_json({g.id: values[g.id] for g in rubric.gates}),
        "axes": canonical_json({a.id: int(values[a.id]) for a in rubric.axes if values[a.id]}),
        "harm": canonical_json(harm),
        "error_tags": values["error_tags"],
        "comment": values["comment"] or None,
        "correction": values["correction"] or None,
    }


def _missing(values: Mapping[str, str], asked: Sequence[Answer]) -> tuple[str, ...]:
    missing = [a.id for a in asked if a.kind in {"gate", "decision"} and not values[a.id]]
    if values["decision"] == "correct" and not values["correction"]:
        missing.append("correction")
    return tuple(missing)


def _field(answer: Answer, words: str) -> tuple[str, str]:
    """(canonical value, what is wrong)."""
    if not words or answer.kind == "text":
        return words, ""
    allowed = f"allowed are {', '.join(answer.allowed)}"
    if answer.kind == "tags":
        given = {"_".join(t.casefold().split()) for t in words.replace(";", ",").replace("\n", ",").split(",")} - {""}
        unknown = len(given - set(answer.allowed))
        problem = f"{unknown} unknown tags; {allowed}" if unknown else ""
        return ",".join(t for t in answer.allowed if t in given), problem
    value = words.casefold()
    if answer.kind == "gate":
        value = {"y": "yes", "n": "no"}.get(value, value)
    if answer.kind == "choice":
        value = "_".join(value.split())
    return (value, "") if value in answer.allowed else ("", f"value not allowed; {allowed}")
