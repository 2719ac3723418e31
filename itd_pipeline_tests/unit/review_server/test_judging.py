"""Judging: one decision each, nothing overwritten, nothing lost, blind to origin."""

from __future__ import annotations

import json
from collections.abc import Callable

from itd_pipeline.review_store import Store
from itd_pipeline.review_store.disputes import pair_results, self_agreement
from itd_pipeline.review_store.people import Person
from itd_pipeline_tests.review_world import GOOD, a_record, fill
from itd_pipeline_tests.unit.review_server.conftest import Visitor

Visit = Callable[[str], Visitor]


def stored(store: Store) -> list[dict[str, str]]:
    return [json.loads(row["answer"]) for row in store.rows(
        "SELECT answer FROM tasks WHERE answer IS NOT NULL ORDER BY answered_at")]


def test_an_answer_is_on_disk_before_the_next_record_shows(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    reply = owl.answer(comment="Line one\r\nline two")
    assert reply.status_code == 303
    assert reply.headers["location"] == "/judge/2?saved=1"
    (answer,) = stored(store)
    assert (answer["decision"], answer["supported_by_evidence"], answer["comment"]) == (
        "reject", "no", "Line one\nline two")
    assert "1 of 3" in owl.get("/judge/2?saved=1")


def test_what_is_missing_is_named_and_what_was_typed_stays(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    reply = owl.answer(decision="correct", answerable="", comment="half done")
    assert reply.status_code == 422
    assert "problem-answerable" in reply.text
    assert "problem-correction" in reply.text
    assert "half done" in reply.text
    assert stored(store) == []


def test_sent_twice_counts_once_and_another_tab_overwrites_nothing(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.get("/judge/1")
    first = owl.page
    assert owl.send("/judge/1", **GOOD).status_code == 303
    owl.page = first
    assert owl.send("/judge/1", **GOOD).status_code == 303  # the same answer again: a double click
    owl.page = first
    other = owl.send("/judge/1", **{**GOOD, "decision": "accept", "comment": "from the other tab"})
    assert other.status_code == 409
    assert "from the other tab" in other.text
    assert [answer["decision"] for answer in stored(store)] == ["reject"]
    assert len(store.rows("SELECT * FROM events WHERE what = 'answered'")) == 1


def test_each_place_of_a_record_has_one_reviewer(visit: Visit, store: Store) -> None:
    for who in ("owl", "fox"):
        visitor = visit(who)
        for _ in range(3):
            visitor.answer()
    places = store.rows("SELECT item_id, slot, count(*) AS n, count(DISTINCT reviewer) AS r FROM tasks GROUP BY 1, 2")
    assert len(places) == 6
    assert all((place["n"], place["r"]) == (1, 1) for place in places)


def test_undo_shows_the_record_again_with_the_answer(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.answer(comment="first thought")
    owl.get("/judge")
    assert owl.send("/undo").headers["location"] == "/judge/1?undone=1"
    assert stored(store) == []
    assert "first thought" in owl.get("/judge/1")
    owl.send("/judge/1", **GOOD)
    assert len(stored(store)) == 1


def test_undo_sent_twice_takes_back_one_answer(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.answer()
    owl.answer()
    owl.get("/judge/3?saved=2")
    page = owl.page
    assert owl.send("/undo").headers["location"] == "/judge/2?undone=1"
    owl.page = page
    assert owl.send("/undo").headers["location"] == "/judge/2?undone=1"
    assert len(stored(store)) == 1


def test_an_answer_that_was_taken_back_in_another_tab_is_said_so_and_stays_typed(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.answer()
    owl.get("/judge/1")
    stale = owl.page
    owl.get("/judge/2?saved=1")
    owl.send("/undo")
    owl.page = stale
    reply = owl.send("/judge/1", **{**GOOD, "comment": "typed meanwhile"})
    assert reply.status_code == 409
    assert "taken back in another tab" in reply.text
    assert reply.text.count("typed meanwhile") == 2
    assert stored(store) == []


def test_a_draft_is_kept_while_typing_and_is_no_answer(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.get("/judge/1")
    page = owl.page
    assert owl.send("/judge/1/draft", comment="half a thought").status_code == 204
    assert stored(store) == []
    assert "half a thought" in owl.get("/judge/1")
    owl.page = page
    owl.send("/judge/1", **GOOD)
    owl.page = page
    # A draft of a page that was answered meanwhile.
    assert owl.send("/judge/1/draft", comment="too late").status_code == 409
    assert "too late" not in owl.get("/judge/1")


def test_an_earlier_answer_can_be_changed_and_its_history_stays(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.answer()
    assert "Record 1" in owl.get("/answers")
    owl.get("/judge/1")
    owl.send("/judge/1", **{**GOOD, "decision": "accept", "supported_by_evidence": "yes"})
    assert [answer["decision"] for answer in stored(store)] == ["accept"]
    assert len(store.rows("SELECT * FROM events WHERE what = 'answered'")) == 2


def test_the_page_is_blind_to_origin_and_marks_what_the_evidence_does_not_hold(visit: Visit) -> None:
    text = visit("owl").get("/judge/1")
    record = a_record(0)
    assert not [word for word in (record["author"], record["source"], "synthetic") if word in text]
    assert '<mark class="number"><span class="sr">not in the evidence: </span>650 mg</mark>' in text
    assert '<mark class="cited">' in text
    assert "Fever in adults" in text.split("<details>")[1]


def test_pairs_are_judged_in_both_orders(store: Store, visit: Visit) -> None:
    fill(store, 0, [], pairs=2)
    rows = store.rows("SELECT reviewer, item_id, count(DISTINCT swapped) AS n FROM tasks WHERE kind = 'pair' "
                      "GROUP BY 1, 2")
    assert rows
    assert all(row["n"] == 2 for row in rows)
    who = next(row["reviewer"] for row in rows if row["reviewer"] in {"owl", "fox"})
    visitor = visit(who)
    seen = []
    for task in store.rows("SELECT position FROM tasks WHERE kind = 'pair' AND reviewer = ?", (who,)):
        page = visitor.get(f"/judge/{task['position']}")
        seen.append(page.index("First ") < page.index("Second "))
        assert visitor.send(f"/judge/{task['position']}", choice="a" if seen[-1] else "b").status_code == 303
    assert sorted(set(seen)) == [False, True]
    found = pair_results(store)
    assert found["first"] == found["judged_in_both_orders"] * 2
    assert found["same_in_both_orders"] == found["judged_in_both_orders"] > 0


def test_repeats_are_hidden_and_counted(store: Store, visit: Visit) -> None:
    fill(store, 12, [], repeat_share=0.2)
    owl = visit("owl")
    for _ in range(store.row("SELECT count(*) AS n FROM tasks WHERE reviewer = 'owl'")["n"]):  # type: ignore[index]
        assert "repeat" not in owl.get("/judge")
        owl.answer()
    same, count = self_agreement(store)["owl"]
    assert same == count >= 1


def test_practice_comes_first_and_a_pair_shows_marks_and_options(store: Store, visit: Visit) -> None:
    fill(store, 2, [Person("ant", ("reviewer",))], practice=1)
    first = store.rows("SELECT reviewer, kind FROM tasks WHERE reviewer = 'ant' ORDER BY position")
    assert [row["kind"] for row in first][:1] == ["calibration"]
    fill(store, 0, [], pairs=1)
    (task, *_) = store.rows("SELECT reviewer, position FROM tasks WHERE kind = 'pair' AND reviewer IN ('owl', 'fox')")
    page = visit(task["reviewer"]).get(f"/judge/{task['position']}")
    assert page.count('<mark class="number">') == 2
    assert page.count("<summary>Evidence of") == 2
