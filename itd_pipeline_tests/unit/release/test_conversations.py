"""A conversation is released with its turns."""

from __future__ import annotations

from itd_pipeline.release.formats import alpaca, chat

TURNS = [{"role": "user", "content": "I cough."}, {"role": "assistant", "content": "Since when?"},
         {"role": "user", "content": "Since Monday."}]
RECORD = {"record_id": "r", "instruction": "You are a clinician.", "input": "User: I cough.", "options": [],
          "output": "Drink enough.", "turns": TURNS}


def test_chat_has_the_turns_between_instruction_and_output() -> None:
    assert chat(RECORD)["messages"] == [
        {"role": "system", "content": "You are a clinician."}, *TURNS,
        {"role": "assistant", "content": "Drink enough."}]


def test_alpaca_has_the_transcript() -> None:
    assert alpaca(RECORD)["input"] == "User: I cough."


def test_other_records_are_as_before() -> None:
    assert [m["role"] for m in chat({**RECORD, "turns": []})["messages"]] == ["user", "assistant"]
