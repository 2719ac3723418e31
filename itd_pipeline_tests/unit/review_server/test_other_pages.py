"""Deciding, leading, writing and signing off seeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from starlette.applications import Starlette

from itd_pipeline.review_store import Store
from itd_pipeline.review_store.ratings import opinions
from itd_pipeline.review_store.seeds import recall_seed
from itd_pipeline_tests.review_world import GOOD
from itd_pipeline_tests.unit.review_server.conftest import Visitor

Visit = Callable[[str], Visitor]
SEED = {"instruction": "Explain to a parent when a child with a fever needs to be seen.", "output": "The same day if.",
        "task_type": "patient_education", "specialty": "paediatrics", "audience": "carer", "difficulty": "2",
        "licence": "CC0-1.0", "citation": "A guideline, a body, 2024"}


def test_disagreement_goes_to_a_third_whose_decision_stands(visit: Visit, store: Store) -> None:
    owl, fox, elk = visit("owl"), visit("fox"), visit("elk")
    assert "No record is in dispute" in elk.get("/decide")
    for _ in range(3):
        owl.answer()
        fox.answer(decision="accept", supported_by_evidence="yes")
    page = elk.get("/decide")
    assert "3 left" in page
    assert not [who for who in (">owl<", "fox") if who in page]
    path = page.split('action="')[1].split('"')[0]
    item = path.rsplit("/", 1)[1]
    first = elk.page
    assert elk.send(path, **{**GOOD, "decision": "correct", "correction": "Better."}).status_code == 303
    elk.page = first
    assert elk.send(path, **GOOD).status_code == 409
    kept = opinions(store)[item]
    assert (kept["decision"], kept["correction"], kept["adjudicator"]) == ("correct", "Better.", "elk")
    assert kept["gate"]["supported_by_evidence"] == "no"
    assert kept["rubric_version"]
    assert date.fromisoformat(str(kept["decided_on"]))
    assert "2 left" in elk.get("/decide")


@pytest.mark.parametrize(("words", "left"), [("Better. ", "No record is in dispute"), ("Best.", "3 left")])
def test_two_who_correct_in_different_words_are_in_dispute(visit: Visit, words: str, left: str) -> None:
    owl, fox, elk = visit("owl"), visit("fox"), visit("elk")
    same = {"decision": "correct", "supported_by_evidence": "yes"}
    for _ in range(3):
        owl.answer(**same, correction="Better.")
        fox.answer(**same, correction=words)
    assert left in elk.get("/decide")


def test_the_lead_reads_what_the_plan_proves(app: Starlette, visit: Visit) -> None:
    assert "what it can prove" not in visit("owl").get("/lead")
    app.state.plan = ("no defect in 59 records shows at most 5 % <at once>",)
    assert "no defect in 59 records shows at most 5 % &lt;at once&gt;" in visit("owl").get("/lead")


def test_what_the_third_has_typed_is_kept_and_agreed_records_are_not_theirs(visit: Visit, store: Store) -> None:
    owl, fox, elk = visit("owl"), visit("fox"), visit("elk")
    for n in range(3):
        owl.answer()
        fox.answer(decision="reject" if n else "accept", supported_by_evidence="no" if n else "yes")
    page = elk.get("/decide")
    path = page.split('action="')[1].split('"')[0]
    assert elk.send(f"{path}/draft", comment="half a thought").status_code == 204
    assert "half a thought" in elk.get(path)
    assert store.rows("SELECT * FROM opinions") == []
    elk.get(path)
    elk.send(path, **GOOD)
    assert "half a thought" not in elk.get(path)
    agreed = {row["item_id"] for row in store.rows("SELECT item_id FROM tasks GROUP BY 1 HAVING count(*) = 2 AND "
              "count(DISTINCT json_extract(answer, '$.decision')) = 1")}
    assert agreed
    assert {elk.client.get(f"/decide/{item}").status_code for item in agreed} == {404}


def test_a_comment_that_says_no_is_no_defect(visit: Visit) -> None:
    owl, fox, elk = visit("owl"), visit("fox"), visit("elk")
    yes = {"decision": "accept", "supported_by_evidence": "yes"}
    for _ in range(3):
        owl.answer(**yes, comment="no")
        fox.answer(**yes)
    assert "No record is in dispute" in elk.get("/decide")


def test_the_lead_adds_people_whose_links_show_once(visit: Visit) -> None:
    owl = visit("owl")
    owl.get("/lead")
    page = owl.send("/lead/people", pseudonym="bat-4", role="nurse", is_reviewer="1", experience_years="7").text
    link = page.split('<code class="link">')[1].split("</code>")[0]
    assert link not in owl.get("/lead")
    assert "Welcome, bat-4" in owl.get(link)
    owl.get("/lead")
    assert owl.send("/lead/people", pseudonym="Jane Doe", role="nurse", is_reviewer="1").status_code == 422
    owl.get("/lead")
    owl.send("/lead/change", pseudonym="bat-4", what="pause")
    assert owl.client.get(link).status_code == 404


def test_a_seed_is_submitted_whole_and_signed_off_by_somebody_else(visit: Visit, store: Store) -> None:
    owl, fox = visit("owl"), visit("fox")
    owl.get("/seeds/new")
    bad = owl.send("/seeds/new", what="submit", **{**SEED, "difficulty": "9", "citation": ""})
    assert bad.status_code == 422
    assert "allowed: 1 to 5" in bad.text
    assert "second expert" in bad.text
    assert owl.send("/seeds/new", what="submit", **SEED).headers["location"] == "/seeds"
    (row,) = store.rows("SELECT * FROM seeds")
    path = f"/seeds/{row['seed_id']}"
    assert row["state"] == "submitted"
    owl.get(path)
    assert owl.send(path, what="sign_off").status_code == 409
    fox.get(path)
    fox.send(path, what="return", comment_on="Say how much less they drink.")
    assert "how much less" in owl.get(path)
    owl.send(path, what="submit", **{**SEED, "output": "The same day if they drink half of usual."})
    fox.get(path)
    assert fox.send(path, what="sign_off").status_code == 303
    history = store.rows("SELECT who, role, experience_years, state FROM seed_versions ORDER BY version")
    assert [(h["who"], h["state"]) for h in history] == [
        ("owl", "draft"), ("owl", "submitted"), ("fox", "returned"), ("owl", "submitted"), ("fox", "signed_off")]
    assert (history[-1]["role"], history[-1]["experience_years"]) == ("nurse", 5)
    written = [json.loads(line) for line in
               store.path.with_name("signed-off-seeds.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(seed["id"], seed["author"]) for seed in written] == [(row["seed_id"], "owl")]
    recall_seed(store, "owl", row["seed_id"], "withdrawn")
    assert store.path.with_name("signed-off-seeds.jsonl").read_text(encoding="utf-8") == ""
    assert len(store.rows("SELECT * FROM seed_versions")) == 6


def test_two_tabs_on_one_seed_overwrite_nothing(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.get("/seeds/new")
    path = owl.send("/seeds/new", what="keep", instruction="One").headers["location"].split("?")[0]
    owl.get(path)
    first = owl.page
    owl.send(path, what="keep", instruction="Two")
    owl.page = first
    assert owl.send(path, what="keep", instruction="Three").status_code == 409
    assert "Two" in owl.get(path)


def test_a_form_sent_again_makes_no_second_seed_and_loses_nothing(visit: Visit, store: Store) -> None:
    """The back button, then *Keep* once more."""
    owl = visit("owl")
    owl.get("/seeds/new")
    first = owl.page
    there = owl.send("/seeds/new", what="keep", instruction="One").headers["location"]
    owl.page = first
    assert owl.send("/seeds/new", what="keep", instruction="One").headers["location"] == there
    owl.page = first
    owl.send("/seeds/new/draft", instruction="Two")
    owl.page = first
    again = owl.send("/seeds/new", what="keep", instruction="Two")
    assert again.status_code == 409
    assert "Open that seed under Seeds" in again.text
    assert len(store.rows("SELECT * FROM seeds")) == 1
    assert "Two" in owl.get("/seeds/new")


def test_near_duplicates_and_coverage_show_while_typing(visit: Visit) -> None:
    owl = visit("owl")
    owl.get("/seeds/new")
    lines = [line["text"] for line in owl.send("/seeds/look", **SEED).json()["lines"]]
    assert "% the same as: Explain to a parent" in lines[0]
    assert lines[1] == "Seeds on paediatrics, patient education, carer: 1, of difficulty 2: 1."
    owl.get("/seeds/new")
    other = owl.send("/seeds/look", instruction="Interpret a potassium of 6.8 in a dialysis patient.").json()["lines"]
    assert other[0]["text"] == "Nothing like this has been written yet."
    assert other[1]["text"] == "Choose specialty, task and audience to see what is missing."
    assert "(1 missing)" in owl.get("/seeds/coverage")


def test_the_grid_of_the_kind_at_hand_shows_while_typing(visit: Visit) -> None:
    owl = visit("owl")
    owl.get("/seeds/new")
    found = owl.send("/seeds/look", **SEED).json()
    assert (found["levels"], found["at"]) == ([["1", 0], ["2", 1], ["3", 0], ["4", 0], ["5", 0]], "2")


def test_a_seed_half_written_is_there_again_and_is_no_version(visit: Visit, store: Store) -> None:
    owl = visit("owl")
    owl.get("/seeds/new")
    assert owl.send("/seeds/new/draft", instruction="Half a seed").status_code == 204
    assert store.rows("SELECT * FROM seeds") == []
    assert "Half a seed" not in visit("fox").get("/seeds/new")
    assert "Half a seed" in owl.get("/seeds/new")
    path = owl.send("/seeds/new", what="keep", instruction="A whole seed").headers["location"].split("?")[0]
    assert "seed" not in owl.get("/seeds/new").split("<textarea")[1].split("</textarea>")[0]
    owl.get(path)
    owl.send(f"{path}/draft", instruction="A better seed")
    assert "A better seed" in owl.get(path)
    owl.send(path, what="keep", instruction="The best seed")
    assert "The best seed" in owl.get(path)
    assert store.rows("SELECT * FROM drafts") == []
