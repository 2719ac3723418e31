"""One record or pair per page: answer, draft, undo, own answers.

An answer is on disk before the browser is sent to the next record. Belongs here: the reviewer's pages.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.changes import changes
from itd_pipeline.review.sheet import answers
from itd_pipeline.review_server.requests import Asked, go
from itd_pipeline.review_store import answers as kept
from itd_pipeline.review_store import tasks
from itd_pipeline.review_store.database import Conflict

CHOICES = ("a", "b", "tie")
QUESTIONS_CHANGED = "The questions have changed since you opened this page. Look at them and save again."
_KEPT_APART = {"csrf", "task_id", "revision", "shown"}


def next_record(asked: Asked) -> Response:
    """The first open record, or the page that says that all is done."""
    position = tasks.next_position(asked.store, asked.who)
    if position is None:
        done = tasks.progress(asked.store, asked.who)
        last = tasks.answered(asked.store, asked.who)[:1]
        return asked.show("done.html", progress=done, last=last[0]["position"] if last else "")
    return go(f"/judge/{position}")


def record(asked: Asked) -> Response:
    """The page of one record or pair."""
    task = tasks.task_at(asked.store, asked.who, asked.path["position"])
    if task is None:
        return asked.show("message.html", 404, title="There is no such record", text="It is not on your list.")
    return _show(asked, task, task["draft"] or task["answer"] or {})


def answer(asked: Asked) -> Response:
    """Keep an answer and go on to the next record, or show what is missing."""
    task = tasks.task_at(asked.store, asked.who, asked.path["position"])
    if task is None or str(task["task_id"]) != asked.form.get("task_id"):
        raise Conflict("This record is no longer on your list.")
    if task["kind"] == "pair":
        values = {"choice": asked.form.get("choice", ""), "comment": asked.form.get("comment", "")}
        problems = {} if values["choice"] in CHOICES else {"choice": "Choose A, B or a tie."}
    else:
        checked = check_answer(asked.form, asked.rubric)
        values = checked.values
        problems = dict.fromkeys(checked.wrong, "Not one of the answers offered.")
        problems |= dict.fromkeys(checked.missing, "Please answer this.")
        if "correction" in checked.missing:
            problems["correction"] = "Write the whole corrected output, or choose another decision."
    if task["kind"] != "pair" and rubric_changed(asked):
        return _show(asked, task, _typed(asked), {}, QUESTIONS_CHANGED, _typed(asked))
    if problems:
        return _show(asked, task, _typed(asked), problems)
    try:
        kept.save_answer(asked.store, asked.who, task["task_id"], _number(asked.form.get("revision", "")), values,
                         time.time() - _number(asked.form.get("shown", "")), asked.rubric.version)
    except Conflict as conflict:
        stored = tasks.task_at(asked.store, asked.who, asked.path["position"])
        now = stored or task
        return _show(asked, now, now["answer"] or _typed(asked), {}, str(conflict), _typed(asked))
    following = tasks.next_position(asked.store, asked.who)
    return go(f"/judge/{following}?saved={task['position']}" if following else "/judge")


def draft(asked: Asked) -> Response:
    """Keep what has been typed so far."""
    task = tasks.task_at(asked.store, asked.who, asked.path["position"])
    if task is None or not kept.draft_of_task(asked.store, asked.who, task["task_id"],
                                              _number(asked.form.get("revision", "")), _typed(asked)):
        return Response(status_code=409)
    return draft_kept(task["content"].get("output", ""), asked.form)


def rubric_changed(asked: Asked) -> bool:
    """Whether the form that was sent asked by another version of the rubric than the one in force."""
    return asked.form.get("rubric", asked.rubric.version) != asked.rubric.version


def difference(output: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the correction at hand changes; nothing where there is none."""
    return changes(output, values["correction"]) if values.get("correction") else []


def draft_kept(output: str, values: Mapping[str, str]) -> Response:
    """Says that the draft is kept, and what its correction changes, for the page to show while typing."""
    found = difference(output, values)
    return JSONResponse({"changes": found}) if found else Response(status_code=204)


def undo(asked: Asked) -> Response:
    """Take the latest answer back and show its record again."""
    offered = _number(asked.form.get("position", ""))
    position = kept.undo(asked.store, asked.who, offered if offered > 0 else None)
    return go(f"/judge/{position}?undone=1" if position else "/judge")


def own_answers(asked: Asked) -> Response:
    """What this reviewer has answered, latest first, each to be looked at and changed."""
    return asked.show("answers.html", answers=tasks.answered(asked.store, asked.who),
                      progress=tasks.progress(asked.store, asked.who))


def _typed(asked: Asked) -> dict[str, str]:
    known = {a.id for a in answers(asked.rubric)} | {"choice"}
    return {name: value for name, value in asked.form.items() if name in known and name not in _KEPT_APART}


def _show(asked: Asked, task: dict[str, Any], values: dict[str, str], problems: dict[str, str] | None = None,
          conflict: str = "", sent: dict[str, str] | None = None) -> Response:
    content = task["content"]
    saved = asked.query.get("saved", "")
    shared = {
        "task": task, "values": values, "problems": problems or {}, "conflict": conflict, "sent": sent or {},
        "progress": tasks.progress(asked.store, asked.who), "shown": int(time.time()),
        "saved": saved if saved.isdigit() else "", "undone": "undone" in asked.query,
    }
    status = 409 if conflict else 422 if problems else 200
    if task["kind"] == "pair":
        sides = [content["second"], content["first"]] if task["swapped"] else [content["first"], content["second"]]
        return asked.show("pair.html", status, sides=sides, **shared)
    return asked.show("judge.html", status, record=content, diff=difference(content["output"], values), **shared)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
