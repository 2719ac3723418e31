"""The third opinion: records on which two reviewers disagree, both answers side by side and unnamed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.changes import changes
from itd_pipeline.review.sheet import Answer, answers
from itd_pipeline.review_server.judging import QUESTIONS_CHANGED, difference, draft_kept, rubric_changed
from itd_pipeline.review_server.requests import Asked, go
from itd_pipeline.review_store import answers as kept
from itd_pipeline.review_store.database import Conflict
from itd_pipeline.review_store.disputes import dispute, disputes


def next_dispute(asked: Asked) -> Response:
    """The first record in dispute that this person may decide."""
    waiting = disputes(asked.store, asked.who)
    if not waiting:
        return asked.show("message.html", title="No record is in dispute",
                          text="Either reviewers agree on what both have judged so far, or you have judged or written "
                               "the records that are left. Look in again later.")
    return go(f"/decide/{waiting[0]}")


def record(asked: Asked) -> Response:
    """The page of one record in dispute."""
    found = dispute(asked.store, asked.path["item_id"], asked.who)
    if found is None:
        return asked.show("message.html", 404, title="Not yours to decide",
                          text="This record is not in dispute, or you have judged or written it.")
    if found["adjudicator"] not in (None, asked.who):
        return asked.show("message.html", 409, title="Already decided",
                          text="Somebody else has decided this record. Their decision stands.")
    values = kept.draft(asked.store, asked.who, f"dispute {found['item_id']}") or found["opinion"] or {}
    return _show(asked, found, values)


def decide(asked: Asked) -> Response:
    """Keep the third opinion."""
    found = dispute(asked.store, asked.path["item_id"], asked.who)
    if found is None:
        raise Conflict("This record is not in dispute, or you have judged or written it.")
    if rubric_changed(asked):
        return _show(asked, found, asked.form, {}, QUESTIONS_CHANGED)
    checked = check_answer(asked.form, asked.rubric)
    problems = dict.fromkeys(checked.wrong, "Not one of the answers offered.")
    problems |= dict.fromkeys(checked.missing, "Please answer this.")
    if problems:
        return _show(asked, found, asked.form, problems)
    revision = asked.form.get("revision", "")
    kept.save_opinion(asked.store, asked.who, found["item_id"], int(revision) if revision.isdigit() else 0,
                      checked.values, asked.rubric.version)
    return go("/decide")


def draft(asked: Asked) -> Response:
    """Keep what has been typed so far."""
    found = dispute(asked.store, asked.path["item_id"], asked.who)
    revision = asked.form.get("revision", "")
    known = {a.id for a in answers(asked.rubric)}
    if found is None or found["adjudicator"] not in (None, asked.who) or not kept.draft_of_dispute(
            asked.store, asked.who, found["item_id"], int(revision) if revision.isdigit() else -1,
            {name: value for name, value in asked.form.items() if name in known}):
        return Response(status_code=409)
    return draft_kept(found["content"]["output"], asked.form)


def _show(asked: Asked, found: dict[str, Any], values: dict[str, str],
          problems: dict[str, str] | None = None, conflict: str = "") -> Response:
    output = found["content"]["output"]
    rows = []
    for one in answers(asked.rubric):
        given = [answer.get(one.id, "") for answer in found["answers"]]
        if one.id != "correction":
            rows.append({"label": one.label, "given": [_words(one, value) for value in given],
                         "differs": len(set(given)) > 1})
    corrections = [{"reviewer": number, "text": text, "pieces": changes(output, text)}
                   for number, text in enumerate((a.get("correction", "") for a in found["answers"]), start=1) if text]
    status = 409 if conflict else 422 if problems else 200
    return asked.show("decide.html", status, conflict=conflict, dispute=found, record=found["content"], values=values,
                      problems=problems or {}, rows=rows, corrections=corrections, diff=difference(output, values),
                      left=len(disputes(asked.store, asked.who)))


def _words(asked_for: Answer, value: str) -> str:
    return value if asked_for.kind == "text" else value.replace(",", ", ").replace("_", " ")
