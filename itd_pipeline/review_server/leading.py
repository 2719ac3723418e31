"""Entering by link, the first page, and the lead's pages: progress, people, links."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from itd_pipeline.errors import ConfigError, ItdError
from itd_pipeline.review_server.requests import COOKIE, Asked, go
from itd_pipeline.review_store import answers as kept
from itd_pipeline.review_store import disputes, tasks
from itd_pipeline.review_store.people import (
    PROFESSIONS,
    ROLES,
    SESSION_DAYS,
    Person,
    add_person,
    by_link,
    end_session,
    people,
    renew_link,
    set_active,
    start_session,
)


def link(asked: Asked) -> Response:
    """Where a personal link leads: it says whose it is and asks to begin. Nothing is started by looking alone, so a
    mail program that previews links starts no session."""
    person = by_link(asked.store, asked.path["token"])
    if person is None:
        return asked.show("message.html", 404, title="This link does not work",
                          text="It may have been renewed. Ask the lead of the review for your link.")
    other = asked.who if asked.who != person.pseudonym else ""
    return asked.show("enter.html", token=asked.path["token"], invited=person, other=other)


def enter(asked: Asked) -> Response:
    """Begin a session."""
    person = by_link(asked.store, asked.path["token"])
    if person is None:
        return link(asked)
    if asked.session:  # of somebody else, perhaps, on a shared machine
        end_session(asked.store, asked.session)
    response = go("/")
    response.set_cookie(COOKIE, start_session(asked.store, person.pseudonym), max_age=SESSION_DAYS * 24 * 3600,
                        httponly=True, samesite="lax", secure=asked.secure)
    return response


def leave(asked: Asked) -> Response:
    """End the session on this browser."""
    end_session(asked.store, asked.session)
    response = asked.show("message.html", title="You have left",
                          text="Everything is saved. Your personal link lets you in again.")
    response.delete_cookie(COOKIE)
    return response


def home(asked: Asked) -> Response:
    """What this person can do now."""
    person = asked.person
    assert person is not None
    return asked.show(
        "home.html", progress=tasks.progress(asked.store, asked.who),
        waiting=len(disputes.disputes(asked.store, asked.who)) if person.may("adjudicator") else 0)


def help_page(asked: Asked) -> Response:
    """Keys, anchors, tags."""
    return asked.show("help.html")


def overview(asked: Asked) -> Response:
    """Progress of everybody, people and their links."""
    return _overview(asked)


def add(asked: Asked) -> Response:
    """Add a person; their link is shown once."""
    form = asked.form
    years = form.get("experience_years", "")
    person = Person(form.get("pseudonym", ""), tuple(r for r in ROLES if form.get(f"is_{r}")),
                    form.get("role", ""), int(years) if years.isascii() and years.isdigit() else None)
    try:
        token = add_person(asked.store, person)
    except ConfigError as error:
        return _overview(asked, problem=f"{error.problem} {error.remedy}", status=422)
    return _overview(asked, new=(person.pseudonym, token))


def give(asked: Asked) -> Response:
    """Give records to those who have none yet."""
    if asked.give_out is None:
        return _overview(asked, problem="There is nothing to give out yet.", status=422)
    try:
        given = asked.give_out()
    except ItdError as error:
        return _overview(asked, problem=f"{error.problem} {error.remedy}", status=422)
    return _overview(asked, done=f"{given:,} tasks were given out.")


def change(asked: Asked) -> Response:
    """Renew a link, pause a person or let them in again."""
    who, what = asked.form.get("pseudonym", ""), asked.form.get("what", "")
    try:
        if what == "renew":
            return _overview(asked, new=(who, renew_link(asked.store, who)))
        if what in {"pause", "resume"} and who != asked.who:
            set_active(asked.store, who, what == "resume")
    except ConfigError as error:
        return _overview(asked, problem=error.problem, status=422)
    return go("/lead")


def _overview(asked: Asked, new: tuple[str, str] | None = None, problem: str = "", status: int = 200,
              done: str = "") -> Response:
    agreement = disputes.self_agreement(asked.store)
    everybody = people(asked.store)
    rows: list[dict[str, Any]] = [
        {"person": person, "progress": tasks.progress(asked.store, person.pseudonym),
         "self": agreement.get(person.pseudonym)} for person in everybody]
    counted = asked.standing.now(kept.last_event(asked.store)) if asked.standing else None
    return asked.show("lead.html", status, rows=rows, roles=ROLES, professions=PROFESSIONS, new=new, problem=problem,
                      done=done, pairs=disputes.pair_results(asked.store), waiting=disputes.waiting(asked.store),
                      counted=counted, rubric_problem=asked.rubric_problem, address=asked.address, plan=asked.plan,
                      may_give=asked.give_out is not None,
                      idle=[r["person"].pseudonym for r in rows if r["person"].active and r["person"].may("reviewer")
                            and not r["progress"].total])
