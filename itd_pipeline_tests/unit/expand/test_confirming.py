"""Multiple choice with a key: asked without it, up to eight times, until the letters agree."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from expand_builders import QUOTE, Run, Scripted, passage

from itd_pipeline.expand.forms.choice import place
from itd_pipeline.ports import ChatAnswer, ChatRequest

ITEM = json.dumps({
    "quote": QUOTE, "question": "Which medicine lowers urate?", "right": "Allopurinol",
    "wrong": ["Ibuprofen", "Colchicine", "Prednisolone"], "explanation": "Allopurinol lowers urate; they do not."})


def _letter(request: ChatRequest, option: str) -> str:
    return next(line[0] for line in request.messages[-1][1].splitlines() if line[1:] == f". {option}")


class Answerer(Scripted):
    """Right from the try `at` on; None for never."""

    def __init__(self, at: int | None) -> None:
        self.at, self.tries = at, 0
        super().__init__(self._answer, name="test/answerer")

    def _answer(self, request: ChatRequest) -> str:
        self.tries += 1
        right = self.at is not None and self.tries >= self.at
        return json.dumps({"reasoning": "So.", "letter": _letter(request, "Allopurinol" if right else "Ibuprofen")})


@pytest.mark.parametrize(("at", "tries", "reasons"), [
    (1, 1, []), (3, 3, []), (8, 8, []), (9, 8, ["key_not_agreed"]), (None, 8, ["key_not_agreed"])])
def test_the_key_must_be_found_within_eight_tries(run: Run, at: int | None, tries: int, reasons: list[str]) -> None:
    answerer = Answerer(at)
    made = run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: ITEM), recipes=("multiple_choice",),
               answerer=answerer)
    assert (made.reasons, answerer.tries) == (reasons, tries)
    assert len({request.payload_hash("x") for request in answerer.asked}) == tries, "each try is a request of its own"
    row = made.rows[0] if not reasons else json.loads(made.rejects[0]["row"])
    assert row["attempt"] == tries
    assert len(row["further_request_ids"]) == tries
    assert (row["prompt_tokens"], row["cost_usd"]) == (10 * (1 + tries), 0.5 * (1 + tries))
    assert "test/answerer" in row["parameters"]
    if not reasons:
        assert row["options"]["ABCD".index(row["answer_key"])] == "Allopurinol"
        assert row["output"] == f"{row['answer_key']}. Allopurinol"
        assert made.facts["requests"] == 1 + tries


def test_the_answerer_never_sees_the_key(run: Run) -> None:
    answerer = Answerer(None)
    run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: ITEM), recipes=("multiple_choice",),
        answerer=answerer)
    for request in answerer.asked:
        said = "\n".join(content for _, content in request.messages)
        assert "lowers urate; they do not" not in said
        assert "Key" not in said
    assert len({_letter(request, "Allopurinol") for request in answerer.asked}) > 1, "options change places"


def test_a_malformed_reply_uses_up_its_try_and_a_failed_request_ends_them(run: Run) -> None:
    replies = iter(["{", "{}", json.dumps({"reasoning": "", "letter": "A"})])
    made = run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: ITEM), recipes=("multiple_choice",),
               answerer=Scripted(lambda r: next(replies, json.dumps(
                   {"reasoning": "So.", "letter": _letter(r, "Allopurinol")}))))
    assert made.rows[0]["attempt"] == 4
    failed = run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: ITEM), recipes=("multiple_choice",),
                 answerer=Scripted(lambda _: ChatAnswer("id", "", "error", error="timeout: x")))
    assert failed.reasons == ["model_timeout"], "a passing failure is asked again by the next build"


def test_what_may_not_leave_is_not_confirmed_elsewhere(run: Run) -> None:
    far = Scripted(lambda _: "", local=False)
    made = run([passage(1, word_count=60, patient_data=True)], ("synthetic",), Scripted(lambda _: ITEM),
               recipes=("multiple_choice",), answerer=far, model_use="local_only", patient_data=True)
    assert (made.reasons, far.asked) == (["egress_refused"], [])


def test_no_answerer_is_paid_for_what_cannot_stand(run: Run) -> None:
    answerer = Answerer(1)
    twice = json.loads(ITEM) | {"wrong": ["Ibuprofen", "Ibuprofen", "Colchicine"]}
    made = run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: json.dumps(twice)),
               recipes=("multiple_choice",), answerer=answerer)
    assert (made.reasons, answerer.tries) == (["options_not_distinct"], 0)


def test_letters_balance() -> None:
    keys = Counter(place(f"unit-{n}", "right", ["a", "b", "c"])[1] for n in range(1000))
    assert set(keys) == set("ABCD")
    assert all(200 <= count <= 300 for count in keys.values())
