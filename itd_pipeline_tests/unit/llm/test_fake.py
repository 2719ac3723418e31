"""The fake model answers by the prompt alone, journals what it is sent, and misbehaves by shares."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.llm import is_local, ledger_totals, local_model_name, open_model
from itd_pipeline.llm.fake import MISBEHAVIOUR
from itd_pipeline.ports import ChatAnswer, ChatRequest

SCHEMA = json.dumps({"type": "object", "properties": {
    "quote": {"type": "string"}, "question": {"type": "string"}, "answer": {"type": "string", "maxLength": 900}}})


def requests(count: int) -> list[ChatRequest]:
    return [ChatRequest((("user", f"<<<\nPassage {n} says that gout is painful. It hurts.\n>>>"),), SCHEMA)
            for n in range(count)]


def answers(path: Path, count: int, **options: object) -> list[ChatAnswer]:
    model = settings.Model(name="fake/scripted", options=options, retries=1)
    with open_model(model, path) as chat:
        assert (chat.name, chat.local) == ("fake/scripted", True)
        return list(chat.answer(requests(count)))


def test_quote_is_a_sentence_of_the_passage(tmp_path: Path) -> None:
    for n, answer in enumerate(answers(tmp_path / "s", 3)):
        value = json.loads(answer.text)
        assert value["quote"] == f"Passage {n} says that gout is painful."
        assert value["question"].endswith("?")


def test_same_prompt_same_answer_in_another_store(tmp_path: Path) -> None:
    assert answers(tmp_path / "one", 5) == answers(tmp_path / "two", 5)


def test_journal_has_a_line_per_request_sent(tmp_path: Path) -> None:
    journal = tmp_path / "journal" / "sent.jsonl"
    sent = answers(tmp_path / "s", 4, journal=str(journal))
    answers(tmp_path / "s", 4, journal=str(journal))
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert [line["request_id"] for line in lines] == [answer.request_id for answer in sent]


@pytest.mark.parametrize("kind", MISBEHAVIOUR)
def test_each_kind_of_misbehaviour(tmp_path: Path, kind: str) -> None:
    got = answers(tmp_path / "s", 8, misbehave={kind: 1.0})
    if kind in ("rate_limit", "server_error"):
        assert all(not a.error for a in got)
        assert ledger_totals(tmp_path / "s")["failed"] == 8
    elif kind == "timeout":
        assert {a.error.partition(":")[0] for a in got} == {"timeout", ""}
    elif kind == "truncated":
        assert {a.finish_reason for a in got} == {"length"}
    elif kind == "refused":
        assert all(a.text.startswith("I'm sorry") for a in got)
    elif kind == "malformed":
        assert all(not _parses(a.text) for a in got)
    else:
        assert all("no passage" in json.loads(a.text)["quote"] for a in got)


def test_shares_are_kept_roughly(tmp_path: Path) -> None:
    got = answers(tmp_path / "s", 300, misbehave={"truncated": 0.2})
    assert 40 <= Counter(a.finish_reason for a in got)["length"] <= 80


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("name", "options", "named"), [
    ("fake/scripted", {"jurnal": "x"}, "journal"), ("fake/scripted", {"misbehave": {"sulk": 1}}, "timeout"),
    ("fake/scripted", {"misbehave": {"timeout": 0.6, "refused": 0.6}}, "sum"),
    ("local/other", {}, "local/smollm2-135m-instruct"), ("fake/other", {}, "fake/scripted"),
])
def test_wrong_names_and_options_list_the_right_ones(
    tmp_path: Path, name: str, options: dict[str, object], named: str,
) -> None:
    model = settings.Model(name=name, options=options)
    with pytest.raises(ConfigError, match=named), open_model(model, tmp_path / "s"):
        pass


@pytest.mark.parametrize(("name", "base", "local"), [
    (local_model_name(), None, True), ("fake/scripted", None, True), ("openai/gpt-4o-mini", None, False),
    ("ollama/llama3", None, False), ("openai/own", "http://127.0.0.1:8000/v1", True),
    ("openai/own", "http://localhost:8000/v1", True), ("openai/own", "http://[::1]:8000/v1", True),
    ("openai/own", "http://127.0.0.1.example.org/v1", False), ("openai/own", "https://llm.hospital.example/v1", False),
    ])
def test_local_is_this_machine_only(name: str, base: str | None, local: bool) -> None:
    assert is_local(settings.Model(name=name, api_base=base)) is local
