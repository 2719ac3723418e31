"""The estimate holds what really comes, and says how sure it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline import settings
from itd_pipeline.llm import open_model
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.llm.money.estimating import CountingModel, estimate
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.ports import ChatRequest, Estimate


def requests(count: int) -> list[ChatRequest]:
    return [ChatRequest((("user", f"Passage {n} says that gout hurts{' a lot' * (n % 30)}. It is treated."),))
            for n in range(count)]


def look(address: str, path: Path, sample: int, price: Price, **changes: object) -> tuple[Estimate, list[str]]:
    section = settings.Model.model_validate({"name": "openai/fake", "api_base": address, **changes})
    with AnswerStore(path) as store, open_model(section, path) as chat:
        counted = CountingModel(chat, store, section, sample)
        errors = [a.error for a in counted.answer(requests(200))]
        return estimate(counted, lambda: price), errors


def test_a_sample_gives_an_interval_that_holds_the_truth_and_costs_nothing_more(tmp_path: Path) -> None:
    price = Price(sent=2.0, received=8.0)
    with running(Behaviour()) as (address, server):
        found, errors = look(address, tmp_path / "s", 20, price)
        assert server.stats()["requests"] == found.sample == 20
        assert errors.count("estimate: not sent") == 200
        section = settings.Model(name="openai/fake", api_base=address, concurrency=8)
        with open_model(section, tmp_path / "s") as chat:
            real = list(chat.answer(requests(200)))
        assert server.stats()["requests"] == 200
    sent, received = sum(a.prompt_tokens for a in real), sum(a.completion_tokens for a in real)
    assert found.sent.low <= sent <= found.sent.high < 2 * found.sent.low
    assert found.received.low <= received <= found.received.high < 2 * found.received.low
    assert found.usd.low <= price.cost(sent, received) <= found.usd.high


def test_without_any_answer_the_interval_is_wide_and_nothing_is_sent(tmp_path: Path) -> None:
    found, _ = look("http://127.0.0.1:9/v1", tmp_path / "s", 0, Price(request=0.01), max_tokens=100)
    assert (found.requests, found.stored, found.sample) == (200, 0, 0)
    assert found.usd.low == found.usd.high == pytest.approx(2.0)
    assert (found.received.low, found.received.high) == (200 * 10, 200 * 100)


def test_stored_answers_cost_nothing(tmp_path: Path) -> None:
    with running(Behaviour()) as (address, _):
        section = settings.Model(name="openai/fake", api_base=address, concurrency=8)
        with open_model(section, tmp_path / "s") as chat:
            list(chat.answer(requests(200)))
        found, errors = look(address, tmp_path / "s", 0, Price(request=1.0))
    assert (found.requests, found.stored, found.usd.high) == (200, 200, 0.0)
    assert not any(errors)


def test_batches_are_estimated_at_their_price_and_limits_at_their_pace(tmp_path: Path) -> None:
    found, _ = look("http://127.0.0.1:9/v1", tmp_path / "s", 0, Price(request=0.01), mode="batch",
                    requests_per_minute=100)
    assert found.usd.likely == pytest.approx(1.0)
    assert found.seconds.low >= 120.0


def test_estimates_add_up() -> None:
    assert (Estimate(3, 1) + Estimate(4, 2)).requests == 7
