"""The third opinion by spreadsheet and Label Studio: records in dispute out, opinions back into the store.

Belongs here: crossing the border of the store with disputes. Does not belong here: file formats (`review/`), or the
first two answers (`ratings.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.judgements import in_words
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review.shown import sheet_texts
from itd_pipeline.review.workbook import Row
from itd_pipeline.review_store.answers import save_opinion
from itd_pipeline.review_store.database import Conflict, Store
from itd_pipeline.review_store.disputes import dispute, disputes
from itd_pipeline.review_store.ratings import TakenIn

PREFIX = "opinion-"
_REFERENCE = re.compile(r"opinion-(.+)\.r(\d{1,9})")


def dispute_rows(store: Store, adjudicator: str, rubric: Rubric) -> list[Row]:
    """Records in dispute that this person may decide and nobody has, with what reviewers said beside the evidence."""
    found = []
    for position, item in enumerate(disputes(store, adjudicator), start=1):
        held = dispute(store, item, adjudicator)
        if held is None:
            continue
        texts = sheet_texts(held["content"])
        texts["Evidence"] = f"{texts['Evidence']}\n\n{in_words(held['answers'], rubric)}"
        found.append(Row(f"{PREFIX}{item}.r{held['revision']}", held["content"]["key"], position, texts))
    return found


def take_in_opinions(store: Store, adjudicator: str, given: Iterable[tuple[str, str, Mapping[str, str]]],
                     rubric: Rubric) -> TakenIn:
    """Keep third opinions from elsewhere, each by the same rules as one from the page.

    Args:
        given: (place in words, reference as `dispute_rows` gave it, answer id -> text). One without any text is passed
            over.
    """
    result = TakenIn()
    for place, reference, values in given:
        if not any(values.values()):
            continue
        match = _REFERENCE.fullmatch(reference)
        held = dispute(store, match[1], adjudicator) if match else None
        if match is None or held is None:
            result.problems.append(f"{place}: not a record in dispute that {adjudicator} may decide; leave the hidden "
                                   "columns as they were.")
            continue
        checked = check_answer(values, rubric)
        if not checked.good:
            wrong = [f"{name}: {problem}" for name, problem in checked.wrong.items()]
            result.problems.append(f"{place}: " + "; ".join([*wrong, *(f"{m}: missing" for m in checked.missing)]))
            continue
        if held["opinion"] == checked.values and held["adjudicator"] == adjudicator:
            result.unchanged += 1
            continue
        try:
            save_opinion(store, adjudicator, match[1], int(match[2]), checked.values, rubric.version)
            result.saved += 1
        except Conflict as conflict:
            result.problems.append(f"{place}: {conflict}")
    return result
