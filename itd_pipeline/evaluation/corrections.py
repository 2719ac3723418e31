"""Which words a record has after its correction, who wrote them, and why some corrections wait.

A correction is the whole output as it should read. It stands

- where a third person, who was asked because reviewers differed, decided `correct` and wrote it; what they wrote goes
  before everything else;
- else where more than half of those asked about the record wrote the same words (white space apart). With two reviewers
  that is both of them, with one it is the one.

A correction that does not stand waits, and its record is not released meanwhile: `no_text` (somebody asked for a
correction and nobody wrote one), `texts_differ` (several were written: a third person chooses or writes), `not_agreed`
(one was written, and not by more than half: others accepted the record as it was, or have not answered yet).

Belongs here: the choice of words. Does not belong here: the verdict (`adjudication.py`), or making a record of them
(`release/corrections.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from itd_pipeline.evaluation.adjudication import Rule, ratings_by_record, status_of

Basis = Literal["third opinion", "reviewers"]
Waits = Literal["", "no_text", "texts_differ", "not_agreed"]


@dataclass(frozen=True)
class Adjudicated:
    """What experts decided about one record, all of them together.

    Args:
        status: `accepted`, `corrected` or `rejected`.
        basis: whose decision it is.
        decided_by: pseudonyms of who decided, sorted; for a correction that stands, of who wrote its words.
        rubric_versions: versions of the rubric that they used, sorted.
        decided_on: ISO date of the latest of their answers; None where their channel keeps none.
        correction: the output as it should read; None where none stands.
        waits: why a correction that was asked for does not stand; empty elsewhere.
    """

    status: str
    basis: Basis
    decided_by: tuple[str, ...]
    rubric_versions: tuple[str, ...]
    decided_on: str | None = None
    correction: str | None = None
    waits: Waits = ""


def adjudicated(
    ratings: pa.Table, third: Mapping[str, Mapping[str, Any]] | None = None, asked: Mapping[str, int] | None = None,
    rule: Rule = "any",
) -> dict[str, Adjudicated]:
    """Record id -> what was decided, for every record that somebody rated or decided; sorted by id.

    Args:
        ratings: table `human_evaluation`.
        third: record id -> third opinion: `status`, `correction`, `adjudicator`, and where known `rubric_version` and
            `decided_on`.
        asked: record id -> how many reviewers the plan asks about it; those who have rated where it is not in it.
        rule: when several ratings make a record rejected, see `adjudication`.
    """
    third, asked = third or {}, asked or {}
    by_record = ratings_by_record(ratings)
    return {record: _by_third(third[record]) if record in third
            else _by_reviewers(by_record[record], asked.get(record, 0), rule)
            for record in sorted({*by_record, *third})}


def _by_third(opinion: Mapping[str, Any]) -> Adjudicated:
    text = str(opinion.get("correction") or "").strip()
    corrected = opinion["status"] == "corrected"
    version = opinion.get("rubric_version")
    return Adjudicated(
        status=opinion["status"], basis="third opinion", decided_by=(str(opinion["adjudicator"]),),
        rubric_versions=(str(version),) if version else (), decided_on=opinion.get("decided_on"),
        correction=text if corrected and text else None, waits="no_text" if corrected and not text else "")


def _by_reviewers(rows: Sequence[Mapping[str, Any]], asked: int, rule: Rule) -> Adjudicated:
    status = status_of(rows, rule)
    if status != "corrected":
        return _told(status, rows)
    written: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["decision"] == "correct" and (row["correction"] or "").strip():
            written.setdefault(" ".join(row["correction"].split()), []).append(row)
    if not written:
        return _told(status, rows, waits="no_text")
    authors = max(written.values(), key=len)
    if 2 * len(authors) > max(asked, len(rows)):
        return _told(status, authors, correction=authors[0]["correction"].strip())
    return _told(status, rows, waits="texts_differ" if len(written) > 1 else "not_agreed")


def _told(status: str, rows: Sequence[Mapping[str, Any]], correction: str | None = None, waits: Waits = "") \
        -> Adjudicated:
    return Adjudicated(
        status=status, basis="reviewers", decided_by=tuple(sorted({row["reviewer"] for row in rows})),
        rubric_versions=tuple(sorted({row["rubric_version"] for row in rows})),
        decided_on=max((row["answered_on"] for row in rows if row.get("answered_on")), default=None),
        correction=correction, waits=waits)


def correction_facts(decided: Mapping[str, Adjudicated]) -> dict[str, Any]:
    """Counts for the report: `asked` for, `stand` with their words, by `basis`, and those that wait, by reason."""
    asked = [one for one in decided.values() if one.status == "corrected"]
    stand = [one for one in asked if one.correction is not None]
    return {"asked": len(asked), "stand": len(stand),
            "basis": dict(sorted(Counter(one.basis for one in stand).items())),
            "waits": dict(sorted(Counter(one.waits for one in asked if one.waits).items()))}
