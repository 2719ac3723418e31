"""The application over a small review, and clients that have entered by their links."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review_server import ReviewApp, make_app
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person
from itd_pipeline_tests.review_world import GOOD, RUBRIC, fill, hidden

ADDRESS = "http://127.0.0.1"
PEOPLE = (
    Person("owl", ("author", "reviewer", "lead"), "clinician", 12), Person("fox", ("author", "reviewer"), "nurse", 5),
    Person("elk", ("adjudicator",)),
)


class Client:
    """Talks to the application without a network, and keeps its cookies."""

    def __init__(self, app: Starlette, base_url: str = ADDRESS) -> None:
        self._app, self._base = app, base_url
        self._cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url=self._base, cookies=self._cookies) as client:
                reply = await client.request(method, path, **more)
                self._cookies = client.cookies
                return reply

        return asyncio.run(ask())


@dataclass
class Visitor:
    """A browser of one person: keeps the cookie and the hidden fields of the last page."""

    client: Client
    page: httpx.Response | None = None

    def get(self, path: str) -> str:
        self.page = self.client.get(path, follow_redirects=True)
        return self.page.text

    def send(self, path: str, follow: bool = False, **fields: str) -> httpx.Response:
        assert self.page is not None
        self.page = self.client.post(path, data={**hidden(self.page.text), **fields}, follow_redirects=follow)
        return self.page

    def answer(self, **fields: str) -> httpx.Response:
        """Answer the record at hand."""
        text = self.get("/judge")
        path = text.split('action="/judge/')[1].split('"')[0]
        return self.send(f"/judge/{path}", **{**GOOD, **fields})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "review.sqlite") as opened:
        yield opened


@pytest.fixture
def tokens(store: Store) -> dict[str, str]:
    return fill(store, 3, PEOPLE)


@pytest.fixture
def app(store: Store, tokens: dict[str, str]) -> Starlette:
    return make_app(ReviewApp(store, load_rubric(RUBRIC), [
        {"record_id": "seed-1", "instruction": "Explain to a parent when a child with fever needs to be seen.",
         "input": None, "output": "See a doctor the same day when the child drinks much less than usual.",
         "specialty": "paediatrics", "task_type": "patient_education", "audience": "carer", "difficulty": 2}]))


@pytest.fixture
def visit(app: Starlette, tokens: dict[str, str]) -> Callable[[str], Visitor]:
    """visit("owl") -> a browser that has entered as owl."""

    def _visit(who: str) -> Visitor:
        visitor = Visitor(Client(app))
        visitor.get(f"/enter/{tokens[who]}")
        visitor.send(f"/enter/{tokens[who]}")
        return visitor

    return _visit
