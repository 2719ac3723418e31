"""A model whose answers are kept: looked up first, asked once, capped, tried again where that helps.

Belongs here: the order of answers, and what a call takes into memory. Does not belong here: sending
(`client/engine.py`), any provider, the file of the store.

Requests are hashed and looked up in chunks, and those without an answer are sent in order, as many at a time as the
deployments take. Answers come back in order, each one committed to the store before it is handed out. Equal payloads
are asked once. At a spending cap nothing more is sent, and the rest is answered with `spending_cap`.

An interrupt lets what is in flight end, because it is paid for, for 2.5 seconds at most; nothing is tried again. What
is given up then counts with its worst case. All threads are daemons, so a second interrupt ends the process.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from itertools import islice
from queue import SimpleQueue
from typing import Any

from itd_pipeline import settings
from itd_pipeline.errors import ItdError, PermanentError
from itd_pipeline.llm.client.engine import Engine
from itd_pipeline.llm.client.journey import End, Journey
from itd_pipeline.llm.client.progress import Progress
from itd_pipeline.llm.client.route import Route
from itd_pipeline.llm.identity import model_identity
from itd_pipeline.llm.locality import hosts_of, is_local
from itd_pipeline.llm.money.budget import Budget, caps_of
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.store import AnswerStore, Payer, Writer
from itd_pipeline.llm.store.answers import today
from itd_pipeline.llm.store.writer import Kept
from itd_pipeline.ports import ChatAnswer, ChatRequest, ModelProgress

_CHUNK = 250
_AHEAD = 20_000
_GRACE_S = 2.5
_TOLD_EVERY_S = 0.5

Watch = Callable[[ModelProgress], None]


@dataclass(frozen=True)
class Opened:
    """What a model needs to be asked: its price and its deployments, opened in the loop."""

    price: Price
    routes: Callable[[], Coroutine[Any, Any, Sequence[Route]]]


@dataclass
class _Call:
    """One call of `answer`."""

    number: int
    progress: Progress
    news: SimpleQueue[list[ChatAnswer | ItdError]] = field(default_factory=SimpleQueue)
    order: deque[str] = field(default_factory=deque)
    ready: dict[str, ChatAnswer] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    over: int = 0
    told_at: float = 0.0


class StoredModel:
    """See the module. Follows `ports.ChatModel`.

    Args:
        model: the profile's model section.
        store: open store.
        opened: gives price and deployments; called when the first request has to be sent.
        build: id of the build that pays; see `opening.open_model`.
        stage: name of the stage that pays.
        watch: told of the progress about twice a second, and at the end of a call.
    """

    def __init__(self, model: settings.Model, store: AnswerStore, opened: Callable[[], Opened], build: str = "",
                 stage: str = "", watch: Watch | None = None) -> None:
        self._model, self._store, self._open = model, store, opened
        self._build, self._stage, self._watch = build, stage, watch
        self._engine: Engine | None = None
        self._writer: Writer | None = None
        self._budget: Budget | None = None
        self._day = ""
        self._calls: dict[int, _Call] = {}
        self._number = 0

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def local(self) -> bool:
        return is_local(self._model)

    @property
    def hosts(self) -> tuple[str, ...]:
        return hosts_of(self._model)

    @property
    def identity(self) -> str:
        """What stands for the model in the hash of a request."""
        return model_identity(self._model)

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in order. Raises PermanentError where every request is concerned; what was
        answered until then is kept. At most 20,000 answers wait in memory for one that comes late."""
        identity = self.identity
        self._number += 1
        call = _Call(self._number, Progress(len(requests) if isinstance(requests, Sized) else 0))
        self._calls[call.number] = call
        feed = iter(requests)
        more = True
        try:
            while True:
                while more and len(call.order) < _AHEAD and call.asked - call.over < self._read_ahead:
                    more = self._read(call, list(islice(feed, _CHUNK)), identity)
                while call.order and call.order[0] in call.ready:
                    yield self._give(call)
                    if more and call.asked - call.over < self._read_ahead // 2:
                        break
                self._tell(call)
                if call.order and call.order[0] not in call.ready:
                    self._take(call)
                elif not call.order and not more:
                    break
            self._tell(call, last=True)
        finally:
            self._end(call)

    @property
    def _read_ahead(self) -> int:
        return max(2 * _CHUNK, 2 * sum(d.concurrency or self._model.concurrency for d in self._model.deployments)
                   + 2 * self._model.concurrency)

    def _read(self, call: _Call, chunk: list[ChatRequest], identity: str) -> bool:
        """Hash and look up a chunk, send what has no answer; False where nothing is left to read."""
        ids = [request.payload_hash(identity) for request in chunk]
        by_id = dict(zip(ids, chunk, strict=True))
        fresh = [one for one in by_id if one not in call.wanted]
        call.order.extend(ids)
        for one in ids:
            call.wanted[one] = call.wanted.get(one, 0) + 1
        found = self._store.find(fresh)
        call.ready.update(found)
        call.progress.stored(len(found))
        call.progress.planned = max(call.progress.planned, len(call.order))
        due = [one for one in fresh if one not in found]
        if due:
            engine = self._opened()
            call.asked += len(due)
            engine.submit([Journey(one, by_id[one], call.number) for one in due])
        return len(chunk) == _CHUNK

    def _give(self, call: _Call) -> ChatAnswer:
        one = call.order.popleft()
        call.wanted[one] -= 1
        if call.wanted[one]:
            return call.ready[one]
        del call.wanted[one]
        return call.ready.pop(one)

    def _take(self, call: _Call) -> None:
        """Wait for news; then raise what concerns every request."""
        for answer in call.news.get():
            if isinstance(answer, ItdError):
                raise answer
            call.over += 1
            call.ready[answer.request_id] = answer

    def _tell(self, call: _Call, last: bool = False) -> None:
        now = time.monotonic()
        if self._watch is None or (not last and now - call.told_at < _TOLD_EVERY_S):
            return
        call.told_at = now
        self._watch(call.progress.now(self._engine.in_flight if self._engine else 0))

    # --- sending and keeping ----------------------------------------------------------------------------------------

    def _opened(self) -> Engine:
        if self._engine is None:
            opened = self._open()
            self._day = today()
            self._budget = Budget(caps_of(self._model, self._store, self._build, self._stage), opened.price)
            self._writer = Writer(self._store, self.name, self._payer, self._told)
            engine = Engine(self._model, opened.routes, self._budget, self._finished)
            engine.start()
            self._engine = engine
        return self._engine

    def _payer(self) -> Payer:
        return Payer(self._build, self._stage, today())

    def _finished(self, journey: Journey, end: End) -> None:
        """In the loop: a request is over. It goes to the writer, which tells of it when it is on disk."""
        if self._writer is None:
            return
        if isinstance(end, PermanentError):
            self._writer.put(Kept(None, journey.attempts, journey.call))
            self._calls[journey.call].news.put([end])
        else:  # what was never sent is told and not kept
            self._writer.put(Kept(end, journey.attempts, journey.call, stored=bool(journey.attempts)))

    def _told(self, group: list[Kept], problem: ItdError | None) -> None:
        """In the writer's thread, after a commit."""
        news: dict[int, list[ChatAnswer | ItdError]] = {}
        for kept in group:
            call = self._calls.get(kept.call)
            if call is None:
                continue
            call.progress.kept(kept.answer, kept.attempts)
            if kept.answer is not None and problem is None:
                news.setdefault(kept.call, []).append(kept.answer)
            elif problem is not None:
                news[kept.call] = [problem]
        for number, items in news.items():
            self._calls[number].news.put(items)
        if self._engine is not None:
            self._engine.saved(len(group))
        if self._model.max_cost_usd_per_day is not None and self._budget is not None:
            day, self._day = self._day, today()
            self._budget.add_elsewhere("day", self._store.spent_on(self._day), anew=day != self._day)

    def _end(self, call: _Call) -> None:
        """What is in flight is paid for: wait for it as long as one request may take, 2.5 seconds at most."""
        try:
            if self._engine is not None and call.over < call.asked:
                self._engine.stop(call.number, min(self._model.timeout_s, _GRACE_S))
        finally:  # at a second interrupt too
            if self._writer is not None:
                self._writer.flush(_GRACE_S)
            self._calls.pop(call.number, None)

    def close(self) -> None:
        """End the threads; what has come is kept."""
        for call in list(self._calls.values()):
            self._end(call)
        if self._writer is not None:
            self._writer.close(_GRACE_S)
        if self._engine is not None:
            self._engine.close()
        self._engine = self._writer = None

    def __enter__(self) -> StoredModel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
