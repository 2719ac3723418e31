"""The layout that the workbook's writer and reader share: sheets, headings and what each cell may hold.

Belongs here: names and allowed values. Does not belong here: reading or writing a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from itd_pipeline.review.rubric import Rubric

README_SHEET = "Read me"
RECORDS_SHEET = "Records"

ASSIGNMENT = "Assignment"
KEY = "Key"
SAMPLE_LABEL = "Sample"
SLOT_LABEL = "Sheet for"
RUBRIC_LABEL = "Rubric version"
PSEUDONYM_LABEL = "Your pseudonym"
ADJUDICATOR = "adjudicator"
"""Who a sheet with records in dispute is for, in the place of a reviewer's slot: its rows are third opinions."""

YES_NO = ("yes", "no")
SCORES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Answer:
    """A column that the reviewer fills in.

    Args:
        id: id in the rubric, or `harm_extent`, `harm_likelihood`, `decision`, `error_tags`, `comment`, `correction`.
        kind: how the cell is read.
        label: heading.
        help: what is asked, shown when the cell is chosen.
        allowed: values offered; empty for free text.
        width: column width in characters.
    """

    id: str
    kind: Literal["gate", "axis", "choice", "decision", "tags", "text"]
    label: str
    help: str
    allowed: tuple[str, ...]
    width: int


def fold(heading: str) -> str:
    """A heading as it is compared: lower case, single blanks."""
    return " ".join(heading.casefold().split())


def answers(rubric: Rubric) -> tuple[Answer, ...]:
    """The columns to fill in, in the order of the sheet."""
    tags = tuple(t.id for t in rubric.error_tags)
    return (
        *(Answer(g.id, "gate", g.label, g.question, YES_NO, 13) for g in rubric.gates),
        *(Answer(a.id, "axis", a.label, f"{a.question} 1 worst, 5 best; see {README_SHEET!r}.", SCORES, 13)
          for a in rubric.axes),
        *_harm(rubric),
        Answer("decision", "decision", "Decision", "Accept, correct or reject.",
               tuple(d.id for d in rubric.decisions), 12),
        Answer("error_tags", "tags", "Error tags", f"None, one or several, with commas; see {README_SHEET!r}.",
               tags, 22),
        Answer("comment", "text", "Comment", "Anything that we should know. No names.", (), 36),
        Answer("correction", "text", "Correction", "The whole corrected output. Needed for the decision correct.",
               (), 48),
    )


def _harm(rubric: Rubric) -> tuple[Answer, ...]:
    if rubric.harm is None:
        return ()
    help_ = "If someone followed the output: {}"
    return (
        Answer("harm_extent", "choice", "Extent of harm", help_.format("how badly could they be hurt?"),
               tuple(c.id for c in rubric.harm.extent), 14),
        Answer("harm_likelihood", "choice", "Likelihood of harm", help_.format("how likely is that?"),
               tuple(c.id for c in rubric.harm.likelihood), 14),
    )
