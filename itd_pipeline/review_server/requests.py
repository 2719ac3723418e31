"""What all pages share: reading a form, who asks, the token against forged forms, showing a template.

Templates escape everything; no text of a record is ever marked as safe. Belongs here: the web side of a request.
Does not belong here: any particular page.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review_server.standing import Standing
from itd_pipeline.review_store.database import Conflict, Store
from itd_pipeline.review_store.people import Person, by_session
from itd_pipeline.seeds.nearness import Near

COOKIE = "itd_review"
_MOST_FIELDS = 300

templates = Environment(loader=PackageLoader("itd_pipeline.review_server"), autoescape=True, undefined=StrictUndefined,
                        trim_blocks=True, lstrip_blocks=True)
templates.filters["words"] = lambda text: str(text).replace("_", " ")


@dataclass(frozen=True)
class Written:
    """Seeds that stand in files: their rows, and the index that finds near ones."""

    rows: tuple[Mapping[str, Any], ...]
    index: Near


@dataclass(frozen=True)
class Asked:
    """A request as a page sees it.

    Args:
        store, rubric, near: what the pages work on.
        person: who asks; None on the pages that need nobody.
        form: fields as typed, line ends as line feeds; of a field that stands several times, all, with commas.
        path: the variable parts of the address.
        query: what stands behind the question mark.
        session: secret of the session; empty without one.
        address: under which the browser reached the server, such as http://127.0.0.1:8765.
        standing: what the release still needs; None where nothing counts it.
        give_out: gives records to reviewers who have none yet and returns how many; None where there are none to give.
        rubric_problem: why a changed rubric is not followed; empty where it is.
        plan: the plan of the review in sentences.
    """

    store: Store
    rubric: Rubric
    near: Written
    person: Person | None
    form: dict[str, str] = field(default_factory=dict)
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    session: str = ""
    address: str = ""
    secure: bool = False
    standing: Standing | None = None
    give_out: Callable[[], int] | None = None
    rubric_problem: str = ""
    plan: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """Pseudonym of the person who asks."""
        return self.person.pseudonym if self.person else ""

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        text = templates.get_template(template).render(
            person=self.person, csrf=csrf_token(self.session), rubric=self.rubric, **values)
        return HTMLResponse(text, status_code=status)


Page = Callable[[Asked], Response]


def go(path: str) -> Response:
    """Send the browser on to another page."""
    return RedirectResponse(path, status_code=303)


def csrf_token(session: str) -> str:
    """The token in each form: only who knows the session's secret can make it."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest() if session else ""


def page(show: Page, *roles: str) -> Callable[[Request], Any]:
    """An endpoint around a page: reads the form, finds the person, checks role and token, and works in a thread.

    Args:
        roles: who may see it; none for everybody with a link, `public` for everybody.
    """

    async def endpoint(request: Request) -> Response:
        try:
            form = _fields(await request.body()) if request.method == "POST" else {}
        except ClientDisconnect:  # it went away, or the guard stopped reading
            return Response("Too much at once, or too slowly.", status_code=413)
        return await run_in_threadpool(_answer, request, form, show, roles)

    return endpoint


def _answer(request: Request, form: dict[str, str], show: Page, roles: tuple[str, ...]) -> Response:
    state = request.app.state
    session = request.cookies.get(COOKIE, "")
    person = by_session(state.store, session) if session else None
    asked = Asked(state.store, state.rubric.now(), state.near, person, form, dict(request.path_params),
                  dict(request.query_params), session if person else "",
                  state.origin or f"http://{request.headers.get('host', '')}", state.secure, state.standing,
                  state.give_out, state.rubric.problem, state.plan)
    if "public" not in roles:
        if person is None:
            return asked.show("message.html", 401, title="Please use your personal link",
                              text="Your session has ended, or this browser has not opened your link yet. Open the "
                                   "link that the lead gave you. Nothing that you saved is lost.")
        if request.method == "POST" and not hmac.compare_digest(form.get("csrf", "").encode(),
                                                                csrf_token(session).encode()):
            return asked.show("message.html", 403, title="This form has expired",
                              text="Go back, reload the page and send it again. Nothing has been changed.")
        if roles and not any(person.may(role) for role in roles):
            return asked.show("message.html", 403, title="Not one of your roles",
                              text=f"This page is for: {', '.join(roles)}. The lead of the review can change roles.")
    try:
        return show(asked)
    except Conflict as conflict:
        return asked.show("message.html", 409, title="Nothing was changed", text=str(conflict))


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS,
                          encoding="utf-8", errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise HTTPException(400, "This is not a form of these pages.") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        text = "".join(c for c in text if c in "\n\t" or c >= " ")
        found[name] = f"{found[name]},{text}" if found.get(name) else text
    return found
