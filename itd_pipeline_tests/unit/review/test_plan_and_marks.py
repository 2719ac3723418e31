"""Who judges what, what is marked, and Label Studio's JSON both ways."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.errors import SourceError
from itd_pipeline.review import Rubric
from itd_pipeline.review.label_studio import interface, read_annotations, tasks_json
from itd_pipeline.review.marks import CITED, NUMBER, TERM, Span, pieces, unsupported_spans
from itd_pipeline.review.pairs import find_pairs
from itd_pipeline.review.sheet import answers
from itd_pipeline.review.tasks import LEAST_DISTANCE, calibration_records, pair_queue, queue, share_out
from itd_pipeline.review.workbook import Row
from itd_pipeline_tests.review_world import a_record


@given(st.integers(0, 40), st.integers(1, 6), st.integers(1, 3), st.integers(0, 9))
def test_places_are_shared_evenly_and_nobody_judges_twice_or_their_own(records: int, people: int, places: int,
                                                                        seed: int) -> None:
    who = [f"p{n}" for n in range(people)]
    authors = {f"r{n}": f"p{n % 9}" for n in range(records)}
    given_out = share_out(authors, who, places, seed)
    assert given_out == share_out(authors, list(reversed(who)), places, seed)
    assert all(reviewer != authors[item] for item, _, reviewer in given_out)
    assert len({(item, reviewer) for item, _, reviewer in given_out}) == len(given_out)
    assert len({(item, slot) for item, slot, _ in given_out}) == len(given_out)
    for item in authors:
        able = sum(w != authors[item] for w in who)
        assert sum(i == item for i, _, _ in given_out) == min(places, able)


def test_loads_differ_by_one_where_nobody_is_author() -> None:
    load = Counter(r for _, _, r in share_out({f"r{n}": "model" for n in range(25)}, ["a", "b", "c"], 2, 7))
    assert sorted(load.values()) == [16, 17, 17]


def test_places_that_are_filled_stay() -> None:
    given_out = share_out({"r": "model"}, ["a", "b"], 2, 7, {"r": {1: "b"}})
    assert given_out == [("r", 2, "a")]


def test_practice_comes_first_and_repeats_far_behind() -> None:
    tasks = queue("owl", {f"r{n}": 1 for n in range(40)}, 7, ["c1", "c2"], 0.1)
    assert [(t.kind, t.item_id) for t in tasks[:2]] == [("calibration", "c1"), ("calibration", "c2")]
    first = {t.item_id: n for n, t in enumerate(tasks) if t.kind == "record"}
    again = [(t.item_id, n) for n, t in enumerate(tasks) if t.kind == "repeat"]
    assert len(again) == 4
    assert all(n - first[item] > LEAST_DISTANCE for item, n in again)
    other = queue("fox", {f"r{n}": 1 for n in range(40)}, 7)
    assert [t.item_id for t in other] != [t.item_id for t in tasks if t.kind == "record"]
    assert calibration_records(["a", "b", "c"], ["b"], 5, 7) in (["a", "c"], ["c", "a"])


def test_pairs_come_in_both_orders_and_only_for_one_instruction() -> None:
    rows = [a_record(1, record_id="x", instruction="Same"),
            a_record(2, record_id="y", instruction="Same", output="Two."),
            a_record(3, record_id="z", instruction="Same", output="Two."), a_record(4)]
    (pair,) = find_pairs(rows).values()
    assert pair == ("x", "y")
    sides = [t.swapped for t in pair_queue("owl", {"p": 1}, 7)]
    assert sorted(sides) == [False, True]


@pytest.mark.parametrize(("output", "evidence", "marked"), [
    ("Take 650 mg.", "Take 500 mg.", [("650 mg", NUMBER)]), ("Take 500 mg.", "Take 500 mg.", []),
    ("Take 500 g.", "Take 500 mg.", [("500 g", NUMBER)]), ("Take 500.", "Take 500 mg.", []),
    ("1. Rest.\n2. Drink.", "Nothing.", []), ("It may be meningitis.", "Fever.", [("meningitis", TERM)]),
    ("Seizures may occur.", "A seizure may occur.", []), ("Because fevers slowly begin.", "Fever.", []),
])
def test_what_nothing_holds_is_marked(output: str, evidence: str, marked: list[tuple[str, str]]) -> None:
    found = [(output[s.start:s.end], s.kind) for s in unsupported_spans(output, [evidence])]
    assert found == marked


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_pieces_are_the_text_again(text: str, spans: list[tuple[int, int]]) -> None:
    cut = pieces(text, [Span(a, b, CITED) for a, b in spans])
    assert "".join(piece for piece, _ in cut) == text
    assert all(piece for piece, _ in cut)


def test_label_studio_gets_and_gives_back_every_answer(rubric: Rubric) -> None:
    given_answers = {a.id: a.allowed[0] if a.allowed else f"=text of {a.id}\nline" for a in answers(rubric)}
    given_answers["error_tags"] = "wrong_fact,omission"
    texts = dict.fromkeys(("Audience", "Instruction", "Input", "Output", "Rationale", "Evidence"), "<b>x</b>")
    raw = tasks_json([Row("task-1.r1", "k", 1, texts, given_answers), Row("task-2.r0", "k", 2, texts)], rubric)
    assert read_annotations(raw, rubric) == [("task-1.r1", given_answers)]
    assert interface(rubric).count("<Choices ") == sum(a.kind not in {"text", "axis"} for a in answers(rubric))
    tasks = json.loads(raw)
    latest = {"result": [{"from_name": "decision", "value": {"choices": ["reject"]}}], "updated_at": "2030"}
    tasks[0]["annotations"] += [{**latest, "was_cancelled": True}, {**latest, "updated_at": "2029"}]
    assert read_annotations(json.dumps(tasks).encode(), rubric)[0][1] == {"decision": "reject"}
    for broken in (b"{", b"[1]", b"{}"):
        with pytest.raises(SourceError):
            read_annotations(broken, rubric)
