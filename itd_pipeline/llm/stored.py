"""A model whose answers are kept: looked up first, asked once, capped, tried again where that helps.

Belongs here: the order of things around one request. Does not belong here: any provider, the file format of the store.

Requests are sent in order, up to `workers` at a time; answers come back in order, each one committed to the store
before it is handed out. Equal payloads in one call are asked once. At the spending cap nothing more is sent, and the
rest is answered with `spending_cap`. After a 429 every thread waits as long as the provider asks, so that a burst does
not use up the tries of all requests at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.budget import Budget
from itd_pipeline.llm.locality import is_local
from itd_pipeline.llm.provider import PassingFailure, Provider, RequestFailure
from itd_pipeline.llm.store import AnswerStore, Attempt
from itd_pipeline.ports import ChatAnswer, ChatRequest

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
_Done = tuple[ChatAnswer | PermanentError, list[Attempt]]


class StoredModel:
    """See the module. Follows `ports.ChatModel`.

    Args:
        model: the profile's model section.
        store: open store.
        provider: gives the provider; called when the first request has to be sent.
        workers: requests in flight at most.
        sleep: how to wait, in seconds.
    """

    def __init__(
        self, model: settings.Model, store: AnswerStore, provider: Callable[[], Provider], workers: int = 1,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model, self._store, self._open = model, store, provider
        self._workers, self._sleep = workers, sleep
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

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in order. Raises PermanentError where every request is concerned; what was
        answered until then is kept."""
        ids = [request.payload_hash(self.name) for request in requests]
        ready = self._store.find(list(dict.fromkeys(ids)))
        due = [(i, r) for i, r in dict(zip(ids, requests, strict=True)).items() if i not in ready]
        if not due:
            yield from (ready[i] for i in ids)
            return
        running: dict[Future[_Done], float] = {}
        pool = ThreadPoolExecutor(self._workers)
        queue = iter(due)
        try:
            self._submit(pool, queue, running, ready)
            for identifier in ids:
                while identifier not in ready:
                    self._collect(running, ready)
                    self._submit(pool, queue, running, ready)
                yield ready[identifier]
        finally:
            for future in list(running):
                if future.cancel():
                    del running[future]
            while running:  # what is in flight is paid for: wait for it and keep it
                self._collect(running, ready, closing=True)
            pool.shutdown()

    def _submit(
        self, pool: ThreadPoolExecutor, queue: Iterator[tuple[str, ChatRequest]],
        running: dict[Future[_Done], float], ready: dict[str, ChatAnswer],
    ) -> None:
        """Send what fits: within the concurrency, within the cap."""
        provider, budget = self._opened()
        while len(running) < self._workers:
            item = next(queue, None)
            if item is None:
                return
            identifier, request = item
            worst = budget.worst(request)
            while not self._capped and not budget.take(worst):
                if running:
                    self._collect(running, ready)
                else:
                    self._capped = True
            if self._capped:
                ready[identifier] = _failed(identifier, "spending_cap", f"cap of {budget.cap_usd:g} USD per run")
                continue
            running[pool.submit(self._send, provider, budget, identifier, request, worst)] = worst

    def _collect(
        self, running: dict[Future[_Done], float], ready: dict[str, ChatAnswer], closing: bool = False,
    ) -> None:
        """Wait for at least one request, commit all that are done."""
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        results = [future.result() for future in running if future in done]
        for future in done:
            del running[future]
        self._store.keep(self.name, [(a if isinstance(a, ChatAnswer) else None, attempts) for a, attempts in results])
        for answer, _ in results:
            if isinstance(answer, ChatAnswer):
                ready[answer.request_id] = answer
            elif not closing:
                raise answer

    def _opened(self) -> tuple[Provider, Budget]:
        if self._provider is None or self._budget is None:
            self._provider = self._open()
            self._budget = Budget(self._model.max_cost_usd, self._provider.price_per_million_tokens())
        return self._provider, self._budget

    def _send(
        self, provider: Provider, budget: Budget, identifier: str, request: ChatRequest, worst: float,
    ) -> _Done:
        """One request with its retries; runs in a thread and touches neither store nor generator."""
        attempts: list[Attempt] = []
        for number in range(self._model.retries + 1):
            self._wait_for_pause()
            try:
                reply = provider.send(request, identifier)
            except PassingFailure as failure:
                budget.settle(worst, worst if failure.kind == "timeout" else 0.0)
                attempts.append(Attempt(identifier, self.name, error=f"{failure.kind}: {failure.detail}"))
                if number == self._model.retries:
                    return _failed(identifier, failure.kind, failure.detail), attempts
                self._back_off(failure, number)
                if not budget.take(worst):
                    return _failed(identifier, "spending_cap", "no room for another try"), attempts
            except RequestFailure as failure:
                budget.settle(worst, 0.0)
                attempts.append(Attempt(identifier, self.name, error=f"{failure.kind}: {failure.detail}"))
                return _failed(identifier, failure.kind, failure.detail), attempts
            except PermanentError as failure:
                budget.settle(worst, 0.0)
                attempts.append(Attempt(identifier, self.name, error="permanent"))
                return failure, attempts
            else:
                cost = budget.cost(reply.prompt_tokens, reply.completion_tokens)
                budget.settle(worst, cost)
                attempts.append(Attempt(identifier, self.name, reply.prompt_tokens, reply.completion_tokens, cost))
                return ChatAnswer(identifier, reply.text, reply.finish_reason, reply.prompt_tokens,
                                  reply.completion_tokens, cost), attempts
        raise AssertionError("unreachable: the last try returns")

    def _back_off(self, failure: PassingFailure, number: int) -> None:
        delay = failure.retry_after_s
        if delay is None:
            delay = _FIRST_WAIT_S * 2**number
        delay = min(delay, _LONGEST_WAIT_S)
        if failure.kind == "rate_limit":
            with self._pause:
                self._not_before = max(self._not_before, time.monotonic() + delay)
        self._sleep(delay)

    def _wait_for_pause(self) -> None:
        with self._pause:
            remaining = self._not_before - time.monotonic()
        if remaining > 0:
            self._sleep(remaining)


def _failed(identifier: str, kind: str, detail: str) -> ChatAnswer:
    return ChatAnswer(identifier, "", "error", error=f"{kind}: {detail}")
