"""A provider's batch interface: half the price, collected once, whatever stops the run that waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError, TransientError
from itd_pipeline.llm import ledger_totals, open_model
from itd_pipeline.llm.batch.jsonl import results_of
from itd_pipeline.llm.batch.model import BatchModel
from itd_pipeline.llm.batch.service import Service
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.llm.fake_provider.server import FakeServer
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.store.batches import announce, owed
from itd_pipeline.llm.store.upkeep import contents
from itd_pipeline.llm.wire.resolving import on_this_machine
from itd_pipeline.ports import ChatAnswer, ChatRequest

PRICE = {"openai/fake": {"sent": 1_000_000, "received": 0}}
"""A dollar for each token sent."""


def requests(count: int) -> list[ChatRequest]:
    return [ChatRequest((("user", f"Passage {n} says that gout is a painful arthritis."),)) for n in range(count)]


class Desk:
    """A provider with a batch interface, and a store."""

    def __init__(self, address: str, server: FakeServer, folder: Path) -> None:
        self.address, self.server, self.path = address, server, folder / "answers.sqlite"

    def section(self, **changes: Any) -> settings.Model:
        return settings.Model.model_validate({"name": "openai/fake", "api_base": self.address, "mode": "batch",
                                              "batch_poll_s": 0.02, "retries": 0, **changes})

    def ask(self, count: int, **changes: Any) -> list[ChatAnswer]:
        with open_model(self.section(**changes), self.path) as chat:
            return list(chat.answer(requests(count)))

    def batches(self) -> list[dict[str, Any]]:
        target = on_this_machine("openai/fake", self.address, None)
        assert target is not None
        with Service(target, 0) as service:
            found: list[dict[str, Any]] = service._again(lambda: service._json("GET", "/batches"))["data"]
            return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running(Behaviour(batch_s=0.1)) as (address, server):
        yield Desk(address, server, tmp_path)


def test_answers_come_in_order_at_the_lower_price_and_are_kept(desk: Desk) -> None:
    got = desk.ask(7, max_cost_usd=1_000, prices=PRICE, batch_requests=3)
    assert [a.text.split()[1] for a in got] == [str(n) for n in range(7)]
    assert len(desk.batches()) == 3
    assert sum(a.cost_usd for a in got) == pytest.approx(0.5 * sum(a.prompt_tokens for a in got))
    assert ledger_totals(desk.path)["cost_usd"] == pytest.approx(sum(a.cost_usd for a in got))
    assert all(a.cached for a in desk.ask(7))
    assert desk.server.stats()["requests"] == 7


def test_what_is_not_done_is_waited_for_by_the_next_run(desk: Desk) -> None:
    first = desk.ask(4, batch_wait_s=0)
    assert {a.error for a in first} == {"batch_waiting: not done yet"}
    assert [b["requests"] for b in contents(desk.path)["batches"]] == [4]
    second = desk.ask(5)
    assert not any(a.error for a in second)
    assert len(desk.batches()) == 2  # the fifth request alone went into another
    assert contents(desk.path)["batches"] == []
    assert desk.server.stats()["requests"] == 5


@pytest.mark.parametrize("stop_at", ["look", "content"])
def test_killed_while_it_waits_or_collects_hands_nothing_in_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stop_at: str,
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Service, stop_at, stopped)
        with pytest.raises(KeyboardInterrupt):
            desk.ask(3)
    assert not any(a.error for a in desk.ask(3))
    assert (len(desk.batches()), desk.server.stats()["requests"]) == (1, 3)


def test_killed_between_handing_in_and_writing_it_down_finds_the_batch_by_its_token(
    desk: Desk, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("itd_pipeline.llm.batch.model.handed_in", stopped)
        with pytest.raises(KeyboardInterrupt):
            desk.ask(3)
    assert not any(a.error for a in desk.ask(3))
    assert len(desk.batches()) == 1


def test_announced_and_never_handed_in_is_handed_in(desk: Desk) -> None:
    section = desk.section()
    with AnswerStore(desk.path) as store:
        chat = BatchModel(section, store, lambda: pytest.fail("no batch may be handed in here"))
        announce(store, "token", chat.identity, "127.0.0.1", [r.payload_hash(chat.identity) for r in requests(2)])
        assert [b.batch_id for b in owed(store, chat.identity)] == [""]
    assert not any(a.error for a in desk.ask(2))


def test_cap_holds_before_anything_is_handed_in(desk: Desk) -> None:
    got = desk.ask(3, max_cost_usd=0.001, prices=PRICE)
    assert {a.error.partition(":")[0] for a in got} == {"spending_cap"}
    assert desk.batches() == []


def test_server_that_is_away_leaves_the_stage_to_be_tried_again(desk: Desk) -> None:
    section = desk.section(api_base="http://127.0.0.1:9/v1")
    with open_model(section, desk.path) as chat, pytest.raises(TransientError, match="batch interface"):
        list(chat.answer(requests(1)))


def test_failed_lines_have_names(tmp_path: Path) -> None:
    with running(Behaviour(server_error=1.0)) as (address, server):
        got = Desk(address, server, tmp_path).ask(2)
    assert [a.error for a in got] == ["server_error: status 500"] * 2


def test_lines_that_are_no_results_are_passed_over() -> None:
    target = on_this_machine("openai/fake", "http://127.0.0.1:9/v1", None)
    assert target is not None
    asked = {"a": requests(1)[0], "b": requests(2)[1]}
    good = {"custom_id": "a", "response": {"status_code": 200, "body": {
        "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}}}
    bad = {"custom_id": "b", "response": {"status_code": 200, "body": {}}}
    lines = [b"{", b"[]", json.dumps({"custom_id": "x", "response": {}}).encode(), *(json.dumps(v).encode() for v in
                                                                                    (good, bad))]
    found = {r.request_id: (r.reply.text if r.reply else r.failure) for r in
             results_of(b"\n".join(lines), asked, target)}
    assert found == {"a": "yes", "b": "bad_response: KeyError"}


def test_models_without_one_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="batch interface"), \
            open_model(settings.Model(name="fake/scripted", mode="batch"), tmp_path / "s"):
        pass
