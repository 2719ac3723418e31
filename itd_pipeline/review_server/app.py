"""The application: its routes, and what all pages share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review_server import deciding, judging, leading, seeds
from itd_pipeline.review_server.following import Followed
from itd_pipeline.review_server.guard import Guard
from itd_pipeline.review_server.requests import Written, page, templates
from itd_pipeline.review_server.standing import Standing
from itd_pipeline.review_store.database import Store
from itd_pipeline.seeds.nearness import Near

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class ReviewApp:
    """What the application works on.

    Args:
        store: an open store.
        rubric: what is asked.
        rubric_file: where it came from; the pages follow its changes.
        seeds: seeds that are there already, to look for near-duplicates and to fill the coverage grid.
        hosts, origin, secret: see `guard.Guard`.
        standing: what the release still needs, for the lead's page.
        give_out: gives records to reviewers who have none yet, for the lead; returns how many.
        plan: the plan of the review in sentences, for the lead.
    """

    store: Store
    rubric: Rubric
    seeds: Sequence[dict[str, object]] = ()
    hosts: Collection[str] = field(default=LOCAL_HOSTS)
    origin: str = ""
    secret: str = ""
    standing: Standing | None = None
    give_out: Callable[[], int] | None = None
    rubric_file: Path | None = None
    plan: Sequence[str] = ()


def make_app(review: ReviewApp) -> Starlette:
    """The application, ready to be served."""
    get, post = ["GET"], ["POST"]
    routes = [
        Route("/", page(leading.home), methods=get),
        Route("/enter/{token}", page(leading.link, "public"), methods=get),
        Route("/enter/{token}", page(leading.enter, "public"), methods=post),
        Route("/leave", page(leading.leave), methods=post),
        Route("/help", page(leading.help_page), methods=get),
        Route("/judge", page(judging.next_record, "reviewer"), methods=get),
        Route("/judge/{position:int}", page(judging.record, "reviewer"), methods=get),
        Route("/judge/{position:int}", page(judging.answer, "reviewer"), methods=post),
        Route("/judge/{position:int}/draft", page(judging.draft, "reviewer"), methods=post),
        Route("/undo", page(judging.undo, "reviewer"), methods=post),
        Route("/answers", page(judging.own_answers, "reviewer"), methods=get),
        Route("/decide", page(deciding.next_dispute, "adjudicator"), methods=get),
        Route("/decide/{item_id}", page(deciding.record, "adjudicator"), methods=get),
        Route("/decide/{item_id}", page(deciding.decide, "adjudicator"), methods=post),
        Route("/decide/{item_id}/draft", page(deciding.draft, "adjudicator"), methods=post),
        Route("/lead", page(leading.overview, "lead"), methods=get),
        Route("/lead/people", page(leading.add, "lead"), methods=post),
        Route("/lead/give", page(leading.give, "lead"), methods=post),
        Route("/lead/change", page(leading.change, "lead"), methods=post),
        Route("/seeds", page(seeds.listed, *seeds.ROLES), methods=get),
        Route("/seeds/new", page(seeds.new, "author"), methods=get),
        Route("/seeds/look", page(seeds.look, *seeds.ROLES), methods=post),
        Route("/seeds/coverage", page(seeds.coverage, *seeds.ROLES), methods=get),
        Route("/seeds/{seed_id}", page(seeds.one, *seeds.ROLES), methods=get),
        Route("/seeds/{seed_id}", page(seeds.change, *seeds.ROLES), methods=post),
        Route("/seeds/{seed_id}/draft", page(seeds.typed, "author"), methods=post),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: _refused, Exception: _broken},
        middleware=[Middleware(Guard, hosts=review.hosts, origin=review.origin, secret=review.secret)])
    app.state.store, app.state.rubric = review.store, Followed(review.rubric, review.rubric_file)
    app.state.near = Written(tuple(review.seeds), Near(review.seeds))
    app.state.plan = tuple(review.plan)
    app.state.origin, app.state.secure = review.origin, review.origin.startswith("https://")
    app.state.standing, app.state.give_out = review.standing, review.give_out
    return app


def _message(status: int, title: str, text: str) -> Response:
    shown = templates.get_template("message.html").render(person=None, csrf="", rubric=None, title=title, text=text)
    return HTMLResponse(shown, status_code=status)


def _refused(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _message(status, "There is no such page" if status == 404 else "This did not work",
                    "Go back to the first page and try again. Nothing that you saved is lost.")


def _broken(_: Request, error: Exception) -> Response:
    return _message(500, "Something broke", f"Tell the lead: {type(error).__name__}. What you saved before is kept.")
