"""The whole client against the fake provider: faults, money, fail-over, time-outs, redirects, keys."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm import ledger_totals, open_model
from itd_pipeline.llm.client import journey
from itd_pipeline.llm.client.output import problem_with
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.llm.store.upkeep import contents
from itd_pipeline.ports import ChatAnswer, ChatRequest, ModelProgress

SCHEMA = json.dumps({"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                     "required": ["question", "answer"], "additionalProperties": False})


def requests(count: int, start: int = 0) -> list[ChatRequest]:
    return [ChatRequest((("user", f"Passage {n} says that gout is a painful arthritis of the joints."),), SCHEMA)
            for n in range(start, start + count)]


def model(address: str, **changes: Any) -> settings.Model:
    return settings.Model.model_validate({"name": "openai/fake", "api_base": address, "concurrency": 16, **changes})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey, "_FIRST_WAIT_S", 0.01)


def ask(section: settings.Model, path: Path, asked: list[ChatRequest], **options: Any) -> list[ChatAnswer]:
    with open_model(section, path, **options) as chat:
        return list(chat.answer(asked))


def test_every_request_ends_under_all_faults_and_nothing_is_answered_twice(tmp_path: Path) -> None:
    bad = Behaviour(rate_limit=0.2, burst_every_s=0.1, server_error=0.05, malformed=0.03, truncated=0.02, reset=0.01,
                    wrong_schema=0.02)
    with running(bad) as (address, server):
        got = ask(model(address), tmp_path / "s", requests(300))
        stats = server.stats()
    assert [a.request_id for a in got] == [r.payload_hash(f"openai/fake@{address}") for r in requests(300)]
    for answer in got:
        assert answer.error or answer.finish_reason == "length" or problem_with(answer.text, SCHEMA) is None \
            or answer.attempts > 1
    assert sum(not a.error for a in got) >= 298
    assert stats["answered_again"] == 0
    totals = ledger_totals(tmp_path / "s")
    assert totals["requests"] == stats["requests"]
    assert (totals["prompt_tokens"], totals["completion_tokens"]) == (stats["prompt_tokens"],
                                                                     stats["completion_tokens"])


def test_answers_are_the_same_whatever_the_concurrency(tmp_path: Path) -> None:
    texts = []
    for concurrency in (1, 16):
        with running(Behaviour(server_error=0.1, malformed=0.1, jitter=0.5, latency_s=0.005)) as (address, _):
            got = ask(model(address, concurrency=concurrency), tmp_path / str(concurrency), requests(60))
        texts.append([(a.text, a.finish_reason, a.prompt_tokens, a.completion_tokens, a.error) for a in got])
    assert texts[0] == texts[1]


def test_malformed_answer_is_shown_to_the_model_with_its_error_and_kept(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with running(Behaviour(malformed=1.0), recorded=seen.append) as (address, _):
        answer, = ask(model(address, malformed_retries=2), tmp_path / "s", requests(1))
    assert (len(seen), answer.attempts, answer.error) == (3, 3, "")
    turns = json.loads(seen[1])["messages"]
    assert [t["role"] for t in turns] == ["user", "assistant", "user"]
    assert "no valid JSON" in turns[2]["content"]
    assert contents(tmp_path / "s")["errors"] == {"malformed": 2}


def test_truncated_answer_gets_twice_the_tokens_once(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with running(Behaviour(truncated=1.0), recorded=seen.append) as (address, _):
        answer, = ask(model(address), tmp_path / "s", requests(1))
    assert [json.loads(raw)["max_tokens"] for raw in seen] == [256, 512]
    assert (answer.finish_reason, answer.error) == ("length", "")


def test_cap_stops_at_what_was_in_flight_and_the_ledger_is_the_providers_own_count(tmp_path: Path) -> None:
    with running(Behaviour(latency_s=0.01, price_usd=0.01)) as (address, server):
        section = model(address, max_cost_usd=0.30, prices={"openai/fake": {"request": 0.01}})
        got = ask(section, tmp_path / "s", requests(100))
        billed = server.stats()["billed_usd"]
        assert Counter(a.error.partition(":")[0] for a in got) == {"": 30, "spending_cap": 70}
        assert ledger_totals(tmp_path / "s")["cost_usd"] == pytest.approx(billed) == pytest.approx(0.30)
        rest = ask(section.model_copy(update={"max_cost_usd": 1.0}), tmp_path / "s", requests(100))
        assert not any(a.error for a in rest)
        assert server.stats()["billed_usd"] == pytest.approx(1.0)


@pytest.mark.parametrize(("caps", "sent"), [
    ({"max_cost_usd_per_stage": {"some": 0.05}}, 5), ({"max_cost_usd_per_stage": {"other": 0.05}}, 20),
    ({"max_cost_usd_per_day": 0.07}, 7),
])
def test_caps_of_stage_and_day(tmp_path: Path, caps: dict[str, Any], sent: int) -> None:
    with running(Behaviour(price_usd=0.01)) as (address, server):
        section = model(address, max_cost_usd=1.0, prices={"openai/fake": {"request": 0.01}}, **caps)
        ask(section, tmp_path / "s", requests(20), build="one", stage="some")
        assert server.stats()["answered"] == sent
        again = ask(section, tmp_path / "s", requests(5, start=50), build="two", stage="some")
        assert all(a.error for a in again) is ("max_cost_usd_per_day" in caps)


def test_one_deployment_that_fails_is_left_out(tmp_path: Path) -> None:
    with running(Behaviour(server_error=1.0)) as (broken, bad), running(Behaviour()) as (works, good):
        section = model(broken, deployments=[{"name": "openai/fake", "api_base": works}], retries=3)
        got = ask(section, tmp_path / "s", requests(120))
        assert not any(a.error for a in got)
        assert good.stats()["answered"] == 120
        assert bad.stats()["requests"] < 100  # its breaker opens


def test_no_deployment_at_all_ends_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itd_pipeline.llm.client.breaker._FIRST_REST_S", 0.01)
    got = ask(model("http://127.0.0.1:9/v1", retries=1), tmp_path / "s", requests(60))
    assert {a.error.partition(":")[0] for a in got} == {"connection"}
    assert any("circuit open" in a.error for a in got)


@pytest.mark.parametrize("fault", ["drip", "hang"])
def test_time_out_holds_to_the_last_byte(tmp_path: Path, fault: str) -> None:
    start = time.monotonic()
    with running(Behaviour(**{fault: 1.0})) as (address, _):
        answer, = ask(model(address, timeout_s=0.4, retries=0), tmp_path / "s", requests(1))
    assert answer.error.startswith("timeout:")
    assert time.monotonic() - start < 4


def test_requests_per_minute_are_kept(tmp_path: Path) -> None:
    with running(Behaviour(requests_per_minute=1200)) as (address, server):
        start = time.monotonic()
        got = ask(model(address, requests_per_minute=1200), tmp_path / "s", requests(40))
        seconds = time.monotonic() - start
        assert not any(a.error for a in got)
        assert server.stats()["kinds"].get("rate_limit", 0) == 0
    assert seconds >= (40 - 20) / 20 * 0.9


def test_rate_is_found_out_by_429s_alone(tmp_path: Path) -> None:
    with running(Behaviour(latency_s=0.05, requests_per_minute=6000)) as (address, server):
        start = time.monotonic()
        got = ask(model(address, concurrency=32), tmp_path / "s", requests(400))
        seconds = time.monotonic() - start
        assert not any(a.error for a in got)
        assert server.stats()["answered"] == 400
    assert seconds < (400 - 100) / 100 / 0.7


def test_stored_answers_are_not_asked_again_and_a_changed_one_pays_for_itself(tmp_path: Path) -> None:
    with running(Behaviour()) as (address, server):
        ask(model(address), tmp_path / "s", requests(50))
        changed = requests(50)
        changed[17] = ChatRequest((("user", "Another passage."),), SCHEMA)
        got = ask(model(address), tmp_path / "s", changed)
        assert server.stats()["requests"] == 51
    assert [n for n, a in enumerate(got) if not a.cached] == [17]
    assert got[3].model_version == "fake-2026-01-01"


def test_progress_counts_errors_tokens_and_money(tmp_path: Path) -> None:
    told: list[ModelProgress] = []
    with running(Behaviour(server_error=0.3, price_usd=0.01)) as (address, server):
        section = model(address, max_cost_usd=10, prices={"openai/fake": {"request": 0.01}})
        ask(section, tmp_path / "s", requests(40), watch=told.append)
        stats = server.stats()
    last = told[-1]
    assert (last.done, last.planned, last.in_flight) == (40, 40, 0)
    assert last.spent_usd == pytest.approx(last.projected_usd) == pytest.approx(stats["billed_usd"])
    assert last.errors == {"server_error": stats["kinds"]["server_error"]}
    assert "40 of 40 answers" in last.sentence


class _Answers(BaseHTTPRequestHandler):
    """Answers every request as its server says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        status, headers, body = self.server.answer  # type: ignore[attr-defined]
        self.server.keys.append(self.headers.get("authorization"))  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Any]:
    one = HTTPServer(("127.0.0.1", 0), _Answers)
    one.keys = []  # type: ignore[attr-defined]
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


@pytest.mark.parametrize(("answer", "remedy"), [
    ((401, {}, b"{}"), "OURS_KEY"), ((403, {}, b"{}"), "OURS_KEY"), ((404, {}, b"{}"), "model.name"),
    ((429, {}, b'{"error": {"code": "insufficient_quota"}}'), "Top it up"),
    ((307, {"location": "http://elsewhere.example/v1"}, b""), "model.api_base"),
    ((302, {"location": "http://127.0.0.1:1/v1"}, b""), "model.api_base"),
])
def test_what_concerns_every_request_stops_at_once_with_a_remedy(
    server: Any, tmp_path: Path, answer: Any, remedy: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OURS_KEY", "sk-very-secret")
    server.answer = answer
    section = model(f"http://127.0.0.1:{server.server_port}/v1", concurrency=1, key_env="OURS_KEY")
    with caplog.at_level(logging.DEBUG), pytest.raises(PermanentError, match=remedy) as caught:
        ask(section, tmp_path / "s", requests(50))
    assert server.keys == ["Bearer sk-very-secret"]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for place in (str(caught.value), caplog.text, repr(section), kept.decode("latin-1")):
        assert "sk-very-secret" not in place


@pytest.mark.parametrize(("status", "body", "kind"), [
    (400, b'{"error": {"code": "context_length_exceeded"}}', "context_length"),
    (400, b'{"error": {"message": "the request exceeds the available context size"}}', "context_length"),
    (413, b"{}", "context_length"), (400, b'{"error": {"code": "content_filter"}}', "content_filter"),
    (422, b"{}", "bad_request"), (200, b"[]", "bad_response"), (200, b"{", "bad_response"),
    (200, b'{"choices": []}', "bad_response"), (200, b'{"choices": [{"message": {"content": [1]}}]}', "bad_response"),
])
def test_what_concerns_one_request_is_not_tried_again(
    server: Any, tmp_path: Path, status: int, body: bytes, kind: str,
) -> None:
    server.answer = (status, {"content-type": "application/json"}, body)
    answer, = ask(model(f"http://127.0.0.1:{server.server_port}/v1"), tmp_path / "s", requests(1))
    assert answer.error.startswith(kind + ":")
    assert len(server.keys) == 1


def test_refusal_beside_an_empty_content_and_tokens_from_the_cache(server: Any, tmp_path: Path) -> None:
    server.answer = (200, {}, json.dumps({
        "model": "m-1", "choices": [{"finish_reason": "stop", "message": {"content": None, "refusal": "Not that."}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}},
    }).encode())
    section = model(f"http://127.0.0.1:{server.server_port}/v1", max_cost_usd=1,
                    prices={"openai/fake": {"sent": 10, "received": 20, "cached": 1}})
    answer, = ask(section, tmp_path / "s", requests(1))
    assert (answer.text, answer.model_version, answer.cached_tokens) == ('{"refusal":"Not that."}', "m-1", 600)
    assert answer.cost_usd == pytest.approx((400 * 10 + 600 * 1 + 100 * 20) / 1e6)
