"""A model whose answers are kept: looked up first, asked once, capped, tried again where that helps.

Belongs here: the order of things around one request. Does not belong here: any provider, the file format of the store.

Requests are sent in order, up to `workers` at a time; answers come back in order, each one committed to the store
before it is handed out. Equal payloads in one call are asked once. At the spending cap nothing more is sent, and the
rest is answered with `spending_cap`. After a 429 every thread waits as long as the provider asks, so that a burst does
not use up the tries of all requests at once.

An interrupt lets what is in flight end, because it is paid for, but nothing is tried again and nothing is waited for
longer than one request may take. The threads are daemons, so a second interrupt ends the process at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.budget import Budget
from itd_pipeline.llm.identity import model_identity
from itd_pipeline.llm.locality import is_local
from itd_pipeline.llm.provider import PassingFailure, Provider, RequestFailure
from itd_pipeline.llm.store import AnswerStore, Attempt
from itd_pipeline.ports import ChatAnswer, ChatRequest

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
_Done = tuple[ChatAnswer | PermanentError, list[Attempt]]


@dataclass(frozen=True)
class _Call:
    """One call of `answer`: its requests in flight, the answers so far, and whether it is ending."""

    ready: dict[str, ChatAnswer]
    running: dict[Future[_Done], tuple[str, float]] = field(default_factory=dict)
    ending: threading.Event = field(default_factory=threading.Event)


class StoredModel:
    """See the module. Follows `ports.ChatModel`.

    Args:
        model: the profile's model section.
        store: open store.
        provider: gives the provider; called when the first request has to be sent.
        workers: requests in flight at most.
        sleep: how to wait, in seconds; None for a wait that an interrupt cuts short.
        build: id of the build that pays; see `opening.open_model`.
    """

    def __init__(
        self, model: settings.Model, store: AnswerStore, provider: Callable[[], Provider], workers: int = 1,
        sleep: Callable[[float], None] | None = None, build: str = "",
    ) -> None:
        self._model, self._store, self._open = model, store, provider
        self._workers, self._sleep, self._build = workers, sleep, build
        self._provider: Provider | None = None
        self._budget: Budget | None = None
        self._capped = False
        self._pause = threading.Lock()
        self._not_before = 0.0

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def local(self) -> bool:
        return is_local(self._model)

    @property
    def identity(self) -> str:
        """What stands for the model in the hash of a request."""
        return model_identity(self._model)

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in order. Raises PermanentError where every request is concerned; what was
        answered until then is kept."""
        identity = self.identity
        ids = [request.payload_hash(identity) for request in requests]
        call = _Call(self._store.find(list(dict.fromkeys(ids))))
        due = [(i, r) for i, r in dict(zip(ids, requests, strict=True)).items() if i not in call.ready]
        if not due:
            yield from (call.ready[i] for i in ids)
            return
        queue = iter(due)
        try:
            self._submit(call, queue)
            for identifier in ids:
                while identifier not in call.ready:
                    self._collect(call)
                    self._submit(call, queue)
                yield call.ready[identifier]
        finally:
            self._end(call)

    def _submit(self, call: _Call, queue: Iterator[tuple[str, ChatRequest]]) -> None:
        """Send what fits: within the concurrency, within the cap."""
        provider, budget = self._opened()
        while len(call.running) < self._workers:
            item = next(queue, None)
            if item is None:
                return
            identifier, request = item
            worst = budget.worst(request)
            while not self._capped and not budget.take(worst):
                if call.running:
                    self._collect(call)
                else:
                    self._capped = True
            if self._capped:
                call.ready[identifier] = _failed(identifier, "spending_cap", f"cap of {budget.cap_usd:g} USD per run")
                continue
            self._start(call, provider, budget, identifier, request, worst)

    def _start(
        self, call: _Call, provider: Provider, budget: Budget, identifier: str, request: ChatRequest, worst: float,
    ) -> None:
        future: Future[_Done] = Future()

        def work() -> None:
            try:
                future.set_result(self._send(call, provider, budget, identifier, request, worst))
            except BaseException as error:  # a boundary: `_outcome` records it
                future.set_exception(error)

        call.running[future] = (identifier, worst)
        threading.Thread(target=work, name=f"request-{identifier[:8]}", daemon=True).start()

    def _collect(self, call: _Call) -> None:
        """Wait for at least one request, commit all that are done; then raise what concerns every request."""
        done, _ = wait(call.running, return_when=FIRST_COMPLETED)
        for answer in self._keep(call, [future for future in call.running if future in done]):
            if isinstance(answer, PermanentError):
                raise answer

    def _end(self, call: _Call) -> None:
        """What is in flight is paid for: wait for it as long as one request may take, and keep it. A request that is
        given up counts with its worst case."""
        call.ending.set()
        if call.running:
            try:
                wait(call.running, timeout=self._model.timeout_s)
            finally:  # at a second interrupt too
                self._keep(call, list(call.running))

    def _keep(self, call: _Call, futures: Sequence[Future[_Done]]) -> list[ChatAnswer | PermanentError]:
        """Commit the outcomes of some requests. They leave `running` last: an interrupt in between loses none."""
        results = [self._outcome(future, *call.running[future]) for future in futures]
        self._store.keep(self.name, [(a if isinstance(a, ChatAnswer) else None, attempts) for a, attempts in results],
                         self._build)
        for future, (answer, _) in zip(futures, results, strict=True):
            del call.running[future]
            if isinstance(answer, ChatAnswer):
                call.ready[answer.request_id] = answer
        return [answer for answer, _ in results]

    def _outcome(self, future: Future[_Done], identifier: str, worst: float) -> _Done:
        """What came of a request, whatever became of its thread."""
        if not future.done():
            name = "given up"
        elif error := future.exception():
            name = type(error).__name__
        else:
            return future.result()
        failed = Attempt(identifier, self.name, cost_usd=worst, error=f"error: {name}")
        return _failed(identifier, "error", name), [failed]

    def _opened(self) -> tuple[Provider, Budget]:
        if self._provider is None or self._budget is None:
            self._provider = self._open()
            self._budget = Budget(self._model.max_cost_usd, self._provider.price_per_million_tokens(),
                                  self._store.spent_by(self._build))
        return self._provider, self._budget

    def _send(
        self, call: _Call, provider: Provider, budget: Budget, identifier: str, request: ChatRequest, worst: float,
    ) -> _Done:
        """One request with its retries; runs in a thread and touches neither store nor generator."""
        attempts: list[Attempt] = []

        def book(error: str, cost_usd: float = 0.0, sent: int = 0, received: int = 0) -> None:
            budget.settle(worst, cost_usd)
            attempts.append(Attempt(identifier, self.name, sent, received, cost_usd, error))

        for number in range(self._model.retries + 1):
            self._wait_for_pause(call)
            if call.ending.is_set():
                budget.settle(worst, 0.0)
                return _failed(identifier, "error", "interrupted"), attempts
            try:
                reply = provider.send(request, identifier)
            except PassingFailure as failure:
                book(f"{failure.kind}: {failure.detail}", worst if failure.kind == "timeout" else 0.0)
                if number == self._model.retries or call.ending.is_set():
                    return _failed(identifier, failure.kind, failure.detail), attempts
                self._back_off(call, failure, number)
                if not budget.take(worst):
                    return _failed(identifier, "spending_cap", "no room for another try"), attempts
            except RequestFailure as failure:
                book(f"{failure.kind}: {failure.detail}", worst if failure.billed else 0.0)
                return _failed(identifier, failure.kind, failure.detail), attempts
            except PermanentError as failure:
                book("permanent")
                return failure, attempts
            except Exception as failure:  # a boundary: it may have been billed, and its message may quote the prompt
                book(f"error: {type(failure).__name__}", worst)
                return _failed(identifier, "error", type(failure).__name__), attempts
            else:
                cost = budget.cost(reply.prompt_tokens, reply.completion_tokens)
                book("", cost, reply.prompt_tokens, reply.completion_tokens)
                return ChatAnswer(identifier, reply.text, reply.finish_reason, reply.prompt_tokens,
                                  reply.completion_tokens, cost), attempts
        raise AssertionError("unreachable: the last try returns")

    def _back_off(self, call: _Call, failure: PassingFailure, number: int) -> None:
        delay = failure.retry_after_s
        if delay is None:
            delay = _FIRST_WAIT_S * 2**number
        delay = min(delay, _LONGEST_WAIT_S)
        if failure.kind == "rate_limit":
            with self._pause:
                self._not_before = max(self._not_before, time.monotonic() + delay)
        self._rest(call, delay)

    def _wait_for_pause(self, call: _Call) -> None:
        with self._pause:
            remaining = self._not_before - time.monotonic()
        if remaining > 0:
            self._rest(call, remaining)

    def _rest(self, call: _Call, seconds: float) -> None:
        if self._sleep is None:
            call.ending.wait(seconds)
        else:
            self._sleep(seconds)


def _failed(identifier: str, kind: str, detail: str) -> ChatAnswer:
    return ChatAnswer(identifier, "", "error", error=f"{kind}: {detail}")
