"""The lead's page: what the release needs, who waits for whom, people; and a rubric that changes while it is open."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from itd_pipeline.errors import NotBuiltError
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review_server import ReviewApp, make_app
from itd_pipeline.review_server.following import Followed
from itd_pipeline.review_server.standing import Standing
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.disputes import disputes, waiting
from itd_pipeline.review_store.people import Person, add_person
from itd_pipeline_tests.review_world import GOOD, RUBRIC
from itd_pipeline_tests.unit.review_server.conftest import Client, Visitor

Visit = Callable[[str], Visitor]
CONDITIONS = [
    {"name": "reviewed_share", "wanted": 1.0, "found": 0.5, "holds": False, "missing": "60 more of 120 ratings"},
    {"name": "agreement", "wanted": 0.6, "found": 0.71, "holds": True, "missing": ""},
    {"name": "defect_bound", "wanted": 0.05, "found": None, "holds": False, "missing": "59 rated records"},
]


def entered(app: Starlette, token: str) -> Visitor:
    visitor = Visitor(Client(app))
    visitor.get(f"/enter/{token}")
    visitor.send(f"/enter/{token}")
    return visitor


def lead_of(store: Store, tokens: dict[str, str], **more: Any) -> Visitor:
    """owl, the lead, in an application with more than the fixture's."""
    return entered(make_app(ReviewApp(store, load_rubric(RUBRIC), **more)), tokens["owl"])


def test_the_lead_sees_the_numbers_and_what_is_missing(store: Store, tokens: dict[str, str]) -> None:
    page = lead_of(store, tokens, standing=Standing(lambda: CONDITIONS)).get("/lead")
    assert "60 more of 120 ratings" in page
    assert "59 rated records" in page
    assert "<td data-label=\"Now\">50.0 %</td>" in page
    assert "<td data-label=\"Now\">0.71</td>" in page
    assert page.count("nothing: it holds") == 1


def test_a_count_that_takes_long_holds_up_nobody_and_comes_later() -> None:
    let_go, counts = threading.Event(), []

    def count() -> list[dict[str, Any]]:
        counts.append(1)
        let_go.wait(10)
        return CONDITIONS

    standing = Standing(count, patience=0.02)
    assert standing.now(1).conditions is None
    assert standing.now(1).conditions is None
    let_go.set()
    standing = Standing(count, patience=10)
    assert (standing.now(1).conditions, standing.now(1).fresh) == (CONDITIONS, True)
    assert len(counts) == 2
    assert standing.now(2).fresh
    assert len(counts) == 3


def test_a_count_that_fails_says_what_to_do_and_keeps_what_was_known() -> None:
    known = iter([CONDITIONS])

    def count() -> list[dict[str, Any]]:
        try:
            return next(known)
        except StopIteration:
            raise RuntimeError("`itd review gate` says why.") from None

    standing = Standing(count)
    assert standing.now(1).problem == ""
    later = standing.now(2)
    assert (later.problem, later.conditions) == ("`itd review gate` says why.", CONDITIONS)


def test_disputes_show_since_when_and_whose_turn(visit: Visit, store: Store) -> None:
    owl, fox = visit("owl"), visit("fox")
    assert "None: reviewers agree" in owl.get("/lead")
    for _ in range(3):
        owl.answer()
        fox.answer(decision="accept", supported_by_evidence="yes")
    page = owl.get("/lead")
    assert page.count("<td data-label=\"Whose turn\">elk</td>") == 3
    first = waiting(store)[0]
    later = store.rows("SELECT max(answered_at) AS at FROM tasks WHERE item_id = ?", (first.item_id,))[0]["at"]
    assert (first.since, first.decisions) == (later, ("accept", "reject") if first.decisions[0] == "accept"
                                              else ("reject", "accept"))
    assert f"{later[:16].replace('T', ' ')} UTC" in page
    owl.send("/lead/change", pseudonym="elk", what="pause")
    assert owl.get("/lead").count("add an adjudicator who has not judged it") == 3


def test_two_different_corrections_are_a_dispute_and_one_is_none(visit: Visit, store: Store) -> None:
    """Only one text can replace the original."""
    owl, fox = visit("owl"), visit("fox")
    same = {row["item_id"] for row in store.rows("SELECT item_id FROM tasks WHERE reviewer = 'owl' AND position = 1")}
    for _ in range(3):
        for visitor in (owl, fox):
            visitor.get("/judge")
            assert visitor.page is not None
            item = store.rows("SELECT item_id FROM tasks WHERE task_id = ?", (
                visitor.page.text.split('name="task_id" value="')[1].split('"')[0],))[0]["item_id"]
            mine = "The same." if item in same else f"By {'owl' if visitor is owl else 'fox'}."
            visitor.answer(decision="correct", correction=mine)
    every = {row["item_id"] for row in store.rows("SELECT DISTINCT item_id FROM tasks")}
    assert set(disputes(store, "elk")) == every - same
    page = visit("elk").get("/decide")
    assert "Correction of reviewer 1" in page
    assert "<ins><span class=\"sr\">added: </span>" in page
    assert "<del><span class=\"sr\">removed: </span>" in page


def test_a_correction_is_kept_whole_with_who_and_when(visit: Visit, store: Store) -> None:
    long = "Zwei µg, 5 ≥ 3.\n" * 2_000
    visit("owl").answer(decision="correct", correction=long, supported_by_evidence="yes")
    (row,) = store.rows("SELECT t.*, i.content FROM tasks t JOIN items i USING (item_id) WHERE answer IS NOT NULL")
    assert json.loads(row["answer"])["correction"] == long.strip()
    assert json.loads(row["content"])["output"].startswith("Take paracetamol 650 mg")
    assert (row["reviewer"], row["answered_at"][:2]) == ("owl", "20")
    (event,) = store.rows("SELECT * FROM events WHERE what = 'answered'")
    assert json.loads(event["content"])["correction"] == long.strip()


def test_what_a_correction_changes_comes_back_with_the_draft(visit: Visit) -> None:
    owl = visit("owl")
    output = "Take paracetamol 650 mg up to four times a day, and seek help for <b>confusion</b> or meningitis."
    owl.get("/judge/1")
    found = owl.send("/judge/1/draft", correction=output.replace("650", "500")).json()["changes"]
    assert found[:4] == [["Take paracetamol ", ""], ["650", "removed"], ["500", "added"], [found[3][0], ""]]
    page = owl.get("/judge/1")
    assert "<del><span class=\"sr\">removed: </span>650</del><ins><span class=\"sr\">added: </span>500</ins>" in page
    assert "<b>confusion" not in page


def test_the_lead_gives_out_records_and_a_link_comes_with_its_address(store: Store, tokens: dict[str, str]) -> None:
    given: list[int] = []

    def give() -> int:
        given.append(1)
        return 4

    owl = lead_of(store, tokens, give_out=give)
    page = owl.get("/lead")
    assert "Give out records" in page
    assert "nothing on the list yet" not in page
    owl.send("/lead/people", pseudonym="new-1", is_reviewer="1", role="clinician")
    assert owl.page is not None
    assert "http://127.0.0.1/enter/" in owl.page.text
    assert "new-1: nothing on the list yet" in owl.page.text
    assert "4 tasks were given out" in owl.send("/lead/give").text
    assert given == [1]

    def nothing() -> int:
        raise NotBuiltError("There is no sample.", "Run `itd build`.")

    owl = lead_of(store, tokens, give_out=nothing)
    owl.get("/lead")
    assert "Run `itd build`." in owl.send("/lead/give").text
    assert "Give out records" not in lead_of(store, tokens).get("/lead")


def test_a_link_opened_where_somebody_else_is_in_says_so(app: Starlette, visit: Visit, store: Store) -> None:
    owl = visit("owl")
    token = add_person(store, Person("bee", ("reviewer",)))
    assert "This browser is open as owl" in owl.get(f"/enter/{token}")
    owl.send(f"/enter/{token}")
    assert "Good to have you here, bee" in owl.get("/")
    assert {row["pseudonym"] for row in store.rows("SELECT * FROM sessions")} == {"bee"}


def test_a_session_ends_after_a_month(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    with store.writing() as connection:
        connection.execute("UPDATE sessions SET started_at = '2020-01-01T00:00:00.000+00:00'")
    assert owl.client.get("/").status_code == 401


@pytest.fixture
def rubric_file(tmp_path: Path) -> Path:
    path = tmp_path / "rubric.yaml"
    path.write_text(RUBRIC.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_page_follows_a_changed_rubric_and_old_forms_are_asked_again(
        store: Store, tokens: dict[str, str], rubric_file: Path) -> None:
    owl = lead_of(store, tokens, rubric_file=rubric_file)
    assert "Answerable?" in owl.get("/judge/1")
    old = owl.page
    changed(rubric_file, "label: Answerable?", "label: Can it be answered?")
    changed(rubric_file, 'version: "1.1"', 'version: "1.2"')
    assert "Can it be answered?" in owl.get("/judge/1")
    owl.page = old
    reply = owl.send("/judge/1", **GOOD)
    assert reply.status_code == 409
    assert "The questions have changed" in reply.text
    assert "The dose is not there." in reply.text
    assert owl.send("/judge/1", **GOOD).status_code == 303
    assert [r["rubric_version"] for r in store.rows("SELECT * FROM tasks WHERE answer IS NOT NULL")] == ["1.2"]


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("label: Answerable?", "label: Other?", "Give it a new version"), ("gates:", "gates: [", "not readable as YAML")])
def test_a_rubric_that_cannot_be_followed_is_named_to_the_lead(
        store: Store, tokens: dict[str, str], rubric_file: Path, old: str, new: str, problem: str) -> None:
    owl = lead_of(store, tokens, rubric_file=rubric_file)
    changed(rubric_file, old, new)
    assert problem in owl.get("/lead")
    assert "Answerable?" in owl.get("/judge/1")


def test_a_rubric_file_that_is_gone_for_a_moment_changes_nothing(tmp_path: Path) -> None:
    rubric = load_rubric(RUBRIC)
    assert Followed(rubric, tmp_path / "none.yaml").now() is rubric
