"""The third opinion: records on which two reviewers disagree, both answers side by side and unnamed."""

from __future__ import annotations

from starlette.responses import Response

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.sheet import answers
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
    if found is not None and found["adjudicator"] in (None, asked.who) and (
            asked.form.get("revision") == str(found["revision"])):
        known = {a.id for a in answers(asked.rubric)}
        kept.save_draft(asked.store, asked.who, f"dispute {found['item_id']}",
                        {name: value for name, value in asked.form.items() if name in known})
    return Response(status_code=204)


def _show(asked: Asked, found: dict[str, object], values: dict[str, str],
          problems: dict[str, str] | None = None) -> Response:
    labels = {a.id: a.label for a in answers(asked.rubric)}
    return asked.show("decide.html", 422 if problems else 200, dispute=found, record=found["content"], values=values,
                      problems=problems or {}, labels=labels, left=len(disputes(asked.store, asked.who)))
