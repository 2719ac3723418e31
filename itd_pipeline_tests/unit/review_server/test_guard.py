"""Who may talk to the server, what a page may run, and that text stays text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from itd_pipeline.errors import ConfigError
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review_server import ReviewApp, guard, make_app
from itd_pipeline.review_server.serving import place
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person, add_person
from itd_pipeline_tests.review_world import GOOD, RUBRIC, hidden
from itd_pipeline_tests.unit.review_server.conftest import Client, Visitor

Visit = Callable[[str], Visitor]
SECRET = "s" * 32
ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}'


def test_a_form_without_its_token_changes_nothing(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    fields = hidden(owl.get("/judge/1"))
    for token in ("", "0" * 64):
        reply = owl.client.post("/judge/1", data={**fields, "csrf": token, **GOOD}, follow_redirects=False)
        assert reply.status_code == 403
    assert not store.rows("SELECT * FROM tasks WHERE answer IS NOT NULL")


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"},
])
def test_a_page_of_another_site_is_refused(visit: Visit, headers: dict[str, str]) -> None:
    owl = visit("owl")
    fields = hidden(owl.get("/judge/1"))
    assert owl.client.post("/judge/1", data={**fields, **GOOD}, headers=headers).status_code == 403


def test_nobody_gets_in_without_a_link_and_a_role_opens_its_pages_only(app: Starlette, visit: Visit) -> None:
    stranger = Client(app)
    for path in ("/", "/judge", "/judge/1", "/answers", "/lead", "/seeds", "/decide"):
        assert stranger.get(path).status_code == 401
    assert stranger.get("/enter/guess").status_code == 404
    assert visit("fox").client.get("/lead").status_code == 403
    assert visit("elk").client.get("/judge").status_code == 403


def test_who_only_judges_sees_no_seeds(app: Starlette, store: Store) -> None:
    token = add_person(store, Person("bee", ("reviewer",)))
    bee = Visitor(Client(app))
    bee.get(f"/enter/{token}")
    bee.send(f"/enter/{token}")
    assert 'href="/seeds"' not in bee.get("/")
    for path in ("/seeds", "/seeds/new", "/seeds/coverage", "/seeds/any"):
        assert bee.client.get(path).status_code == 403
    assert bee.send("/seeds/look").status_code == 403


@pytest.mark.parametrize("path", ["/judge/99999999999999999999999", "/judge/-1", "/seeds/%00", "/static/..%2fapp.py"])
def test_an_address_that_leads_nowhere_is_not_found(visit: Visit, path: str) -> None:
    assert visit("owl").client.get(path).status_code == 404


def test_a_task_of_somebody_else_is_refused(visit: Visit, store: Store) -> None:
    owl, fox = visit("owl"), visit("fox")
    theirs = hidden(owl.get("/judge/1"))
    fox.get("/judge/1")
    assert fox.send("/judge/1", **{**GOOD, "task_id": theirs["task_id"]}).status_code == 409
    assert fox.send("/judge/1", **{**GOOD, "csrf": theirs["csrf"]}).status_code == 403
    assert store.rows("SELECT * FROM tasks WHERE answer IS NOT NULL") == []


def test_text_is_text_wherever_it_is_shown(visit: Visit, store: Store) -> None:
    owl, elk = visit("owl"), visit("elk")
    assert "&lt;b&gt;confusion&lt;/b&gt;" in owl.get("/judge/1")
    owl.answer(comment=ATTACK)
    assert ATTACK not in owl.get("/answers")
    assert "&lt;script&gt;" in owl.get("/answers")
    assert "49" not in owl.get("/answers").split("&lt;script&gt;")[1].split("</td>")[0]
    fox = visit("fox")
    while fox.get("/judge") and "action=\"/judge/" in fox.get("/judge"):
        fox.answer(decision="accept", supported_by_evidence="yes")
    assert "<script>alert" not in elk.get("/decide")
    owl.get("/seeds/new")
    owl.send("/seeds/new", what="keep", instruction=ATTACK)
    assert "<script>alert" not in owl.get("/seeds")
    listed = store.rows("SELECT seed_id FROM seeds")
    assert "<script>alert" not in fox.get(f"/seeds/{listed[0]['seed_id']}")


def test_an_attack_on_the_database_is_a_comment(visit: Visit, store: Store) -> None:
    visit("owl").answer(comment="'); DROP TABLE tasks; --")
    assert store.rows("SELECT count(*) AS n FROM tasks")[0]["n"] > 0
    assert visit("owl").client.get("/seeds/' OR 1=1 --").status_code == 404


def test_every_answer_forbids_foreign_scripts_and_caching(visit: Visit) -> None:
    owl = visit("owl")
    for path in ("/", "/judge/1", "/nowhere", "/lead"):
        headers = owl.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


async def unstated() -> AsyncIterator[bytes]:
    """A body of unstated length."""
    for _ in range(20):
        yield b"x" * 65_536


def test_a_body_that_is_too_large_or_no_form_is_refused(visit: Visit) -> None:
    owl = visit("owl")
    owl.get("/judge/1")
    assert owl.client.post("/judge/1", content=b"x" * 1_000_001).status_code == 413
    assert owl.client.post("/judge/1", content=unstated()).status_code == 413
    assert owl.client.post("/judge/1", content=b"\xff=\xff").status_code == 400
    assert owl.client.post("/judge/1", content=b"a=1&" * 400).status_code == 400


def test_a_body_that_trickles_in_is_not_waited_for(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    owl = visit("owl")
    owl.get("/judge/1")
    monkeypatch.setattr(guard, "SLOWEST_BODY_S", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"comment="
        await asyncio.sleep(5)
        yield b"late"

    began = time.monotonic()
    assert owl.client.post("/judge/1", content=slow()).status_code == 413
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("length", ["-1", "1e3", "x"])
def test_a_length_that_is_none_is_refused(visit: Visit, length: str) -> None:
    assert visit("owl").client.post("/judge/1", content=b"", headers={"content-length": length}).status_code == 400


def test_beyond_this_machine_it_wants_secret_and_proxy() -> None:
    assert place("127.0.0.1", 1, "", "").hosts == ("127.0.0.1", "localhost", "[::1]")
    with pytest.raises(ConfigError, match="secret"):
        place("0.0.0.0", 1, "https://review.example.org", "short")
    with pytest.raises(ConfigError, match="https address"):
        place("0.0.0.0", 1, "http://review.example.org", SECRET)
    found = place("0.0.0.0", 1, "https://review.example.org", SECRET)
    assert (found.hosts, found.origin) == (("review.example.org",), "https://review.example.org")


def test_behind_a_proxy_only_the_proxy_gets_through(tmp_path: Path) -> None:
    with Store(tmp_path / "other.sqlite") as store:
        app = make_app(ReviewApp(store, load_rubric(RUBRIC), (), ("review.example.org",),
                                 "https://review.example.org", SECRET))
        client = Client(app, "https://review.example.org")
        assert client.get("/").status_code == 403
        assert client.get("/", headers={"x-itd-proxy-secret": "t" * 32}).status_code == 403
        assert client.get("/", headers={"x-itd-proxy-secret": SECRET}).status_code == 401
