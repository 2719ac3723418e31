"""Many hands at the same moment, over real connections to a server of its own: one decision each, nothing overwritten.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from itd_pipeline.review_store import Store
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.people import Person, start_session
from itd_pipeline_tests.review_world import GOOD, fill, hidden, served

ROUNDS = 50
YES = {**GOOD, "supported_by_evidence": "yes", "decision": "accept"}
SEED = {"instruction": "Explain number one in plain words.", "output": "One.", "task_type": "coding",
        "licence": "CC0-1.0", "citation": "A guideline, 2024"}


Browser = Callable[[str, str, int], list["Tab"]]


class Tab:
    """A browser tab: a connection of its own with the session of a person."""

    def __init__(self, address: str, session: str) -> None:
        self.client = httpx.Client(base_url=address, cookies={"itd_review": session}, timeout=60)

    def open(self, path: str) -> dict[str, str]:
        """Hidden fields of a page."""
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        return hidden(page.text)

    def send(self, path: str, fields: dict[str, str]) -> httpx.Response:
        return self.client.post(path, data=fields)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """browser(address, session, 2) -> tabs of one browser: they share a session."""
    opened: list[Tab] = []

    def _browser(address: str, session: str, tabs: int) -> list[Tab]:
        fresh = [Tab(address, session) for _ in range(tabs)]
        opened.extend(fresh)
        return fresh

    yield _browser
    for tab in opened:
        tab.client.close()


def together(works: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Let all begin at the same moment."""
    gate = threading.Barrier(len(works))

    def wait_and(work: Callable[[], httpx.Response]) -> httpx.Response:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(wait_and, works))


def test_reviewers_tabs_and_double_clicks_leave_one_decision_each(tmp_path: Path, browser: Browser) -> None:
    """Each round one record: both reviewers, each in two tabs with different answers, one of them clicked twice."""
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _):
        fill(store, ROUNDS, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        tabs = {who: browser(address, start_session(store, who), 3) for who in ("owl", "fox")}
        kind = 0
        for number in range(1, ROUNDS + 1):
            path = f"/judge/{number}"
            works: list[Callable[[], httpx.Response]] = []
            for mine in tabs.values():
                fields = mine[0].open(path)
                first, other = {**fields, **GOOD}, {**fields, **YES, "comment": "from the other tab"}
                for tab, sent in zip(mine, (first, first, other), strict=True):
                    works.append(lambda tab=tab, sent=sent, path=path: tab.send(path, sent))  # type: ignore[misc]
            replies = together(works)
            for at, who in enumerate(tabs):
                twice, other_reply = replies[3 * at:3 * at + 2], replies[3 * at + 2]
                (row,) = store.rows("SELECT * FROM tasks WHERE reviewer = ? AND position = ?", (who, number))
                decision = json.loads(row["answer"])["decision"]
                assert row["revision"] == 1
                won = [r.status_code for r in twice], other_reply.status_code
                assert won == (([303, 303], 409) if decision == "reject" else ([409, 409], 303))
                lost = other_reply if decision == "reject" else twice[0]
                assert "What is stored has not been changed" in lost.text
                assert ("from the other tab" if decision == "reject" else "The dose is not there.") in lost.text
                kind += decision == "reject"
        events = store.rows("SELECT about, count(*) AS n FROM events WHERE what = 'answered' GROUP BY 1")
        assert [row["n"] for row in events] == [1] * (2 * ROUNDS)
        assert store.rows("SELECT * FROM drafts") == []
        assert kind > 0


def test_a_draft_that_is_late_never_stands_before_the_answer(tmp_path: Path, browser: Browser) -> None:
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _):
        fill(store, ROUNDS, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        one, two = browser(address, start_session(store, "owl"), 2)
        for number in range(1, ROUNDS + 1):
            path = f"/judge/{number}"
            fields = one.open(path)
            saved, _ = together([
                lambda path=path, fields=fields: one.send(path, {**fields, **GOOD}),  # type: ignore[misc]
                lambda path=path, fields=fields: two.send(f"{path}/draft", {**fields, "comment": "half"}),  # type: ignore[misc]
            ])
            assert saved.status_code == 303
        assert store.rows("SELECT * FROM drafts") == []


def test_two_adjudicators_and_a_double_undo(tmp_path: Path, browser: Browser) -> None:
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _):
        fill(store, 12, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",)), Person("elk", ("adjudicator",)),
                         Person("bat", ("adjudicator",))])
        for row in store.rows("SELECT * FROM tasks ORDER BY task_id"):
            save_answer(store, row["reviewer"], row["task_id"], 0, GOOD if row["reviewer"] == "owl" else YES, 1.0, "1")
        judges = {who: browser(address, start_session(store, who), 1)[0] for who in ("elk", "bat")}
        for item in [row["item_id"] for row in store.rows("SELECT DISTINCT item_id FROM tasks ORDER BY 1")]:
            path = f"/decide/{item}"
            sent = {who: {**tab.open(path), **GOOD, "comment": who} for who, tab in judges.items()}
            replies = together([lambda who=who, path=path, sent=sent: judges[who].send(path, sent[who])  # type: ignore[misc]
                                for who in judges])
            assert sorted(reply.status_code for reply in replies) == [303, 409]
            (row,) = store.rows("SELECT * FROM opinions WHERE item_id = ?", (item,))
            winner = list(judges)[[reply.status_code for reply in replies].index(303)]
            assert (row["adjudicator"], json.loads(row["answer"])["comment"]) == (winner, winner)
        owl = browser(address, start_session(store, "owl"), 2)
        (latest,) = store.rows("SELECT position FROM tasks WHERE reviewer = 'owl' "
                               "ORDER BY answered_at DESC, position DESC LIMIT 1")
        last = latest["position"]
        fields = {**hidden(owl[0].client.get(f"/judge/{last}?saved={last}").text), "position": str(last)}
        replies = together([lambda tab=tab: tab.send("/undo", fields) for tab in owl])  # type: ignore[misc]
        assert [reply.headers["location"] for reply in replies] == [f"/judge/{last}?undone=1"] * 2
        assert len(store.rows("SELECT * FROM tasks WHERE reviewer = 'owl' AND answer IS NULL")) == 1


def test_a_seed_sent_twice_is_one_seed_and_one_sign_off_stands(tmp_path: Path, browser: Browser) -> None:
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _):
        fill(store, 0, [Person(who, ("author",)) for who in ("owl", "fox", "elk")])
        owl = browser(address, start_session(store, "owl"), 2)
        fox, elk = (browser(address, start_session(store, who), 1)[0] for who in ("fox", "elk"))
        for number in range(10):
            fields = {**owl[0].open("/seeds/new"), **SEED, "instruction": f"Explain {number}.", "what": "submit"}
            replies = together([lambda tab=tab, fields=fields: tab.send("/seeds/new", fields)  # type: ignore[misc]
                                for tab in owl])
            assert [reply.status_code for reply in replies] == [303, 303]
            (seed,) = store.rows("SELECT * FROM seeds WHERE state = 'submitted'")
            assert seed["version"] == 2
            path = f"/seeds/{seed['seed_id']}"
            mine, theirs = fox.open(path), elk.open(path)
            replies = together([
                lambda path=path, mine=mine: fox.send(path, {**mine, "what": "sign_off", "comment_on": ""}),  # type: ignore[misc]
                lambda path=path, theirs=theirs: elk.send(path, {**theirs, "what": "return", "comment_on": "Why?"}),  # type: ignore[misc]
            ])
            assert sorted(reply.status_code for reply in replies) == [303, 409]
            assert "Read it again" in next(reply for reply in replies if reply.status_code == 409).text
            (judged,) = store.rows("SELECT who FROM seed_versions WHERE seed_id = ? AND version > 2",
                                   (seed["seed_id"],))
            assert judged["who"] == ("fox" if replies[0].status_code == 303 else "elk")
        assert len(store.rows("SELECT * FROM seeds")) == 10
