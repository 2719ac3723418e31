"""The event loop that keeps requests in flight; it runs in a thread of its own.

Belongs here: what is sent when and where, and the end. Does not belong here: what an outcome means (`journey.py`), how
fast a deployment may be asked (`limiter.py`), the order of answers (`stored.py`).

A slot is free as soon as an answer is in. Answers that are not yet on disk count as in flight beyond a sixteenth of the
window, so that a kill repeats hardly more requests than those that were on the wire: measured, a flush of 4 ms would
otherwise cost 3 % of the rate at a latency of 200 ms.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.client import heap
from itd_pipeline.llm.client.journey import Again, End, Journey, Rules
from itd_pipeline.llm.client.route import Route, choose
from itd_pipeline.llm.money.budget import Budget, most_tokens
from itd_pipeline.llm.provider import PassingFailure, RequestFailure

Finished = Callable[[Journey, End], None]


class Engine:
    """See the module.

    Args:
        model: the profile's model section.
        routes: opens the deployments; called once, in the loop.
        budget: caps.
        finished: told in the loop of every request that has come to its end.
    """

    def __init__(self, model: settings.Model, routes: Callable[[], Coroutine[Any, Any, Sequence[Route]]],
                 budget: Budget, finished: Finished) -> None:
        self._model, self._open, self._budget, self._finished = model, routes, budget, finished
        self._rules = Rules(model, budget)
        self._routes: Sequence[Route] = ()
        self._pending: deque[Journey] = deque()
        self._later: list[tuple[float, int, Journey]] = []
        self._number = 0
        self._tasks: dict[asyncio.Task[None], Journey] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self._stopped: set[int] = set()
        self._apart = False
        self.unsaved = 0
        self._loop = _new_loop()
        self._thread = threading.Thread(target=self._run, name="requests", daemon=True)

    def start(self) -> None:
        """Start the loop and open the deployments. Raises what opening them raises."""
        self._thread.start()
        self._routes = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        heap.set_apart()
        self._apart = True

    def submit(self, journeys: Sequence[Journey]) -> None:
        """More requests, behind those that wait; from any thread."""
        self._loop.call_soon_threadsafe(self._add, journeys)

    def saved(self, count: int) -> None:
        """So many answers are on disk now; from any thread."""
        self._loop.call_soon_threadsafe(self._on_saved, count)

    @property
    def in_flight(self) -> int:
        return len(self._tasks)

    def stop(self, call: int, grace_s: float) -> None:
        """End a call: nothing more is sent for it, what is in flight has `grace_s` seconds; returns when all of it is
        over. What was given up is told with its worst case."""
        ended = asyncio.run_coroutine_threadsafe(self._stop(call, grace_s), self._loop)
        ended.result(grace_s + 5)

    def close(self) -> None:
        """End the loop; connections are closed."""
        if self._apart:
            heap.join_again()
            self._apart = False
        with suppress(TimeoutError):  # a connection that does not close must not hold the process
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(2)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)

    # --- in the loop ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _add(self, journeys: Sequence[Journey]) -> None:
        self._pending.extend(journey for journey in journeys if journey.call not in self._stopped)
        self._pump()

    def _on_saved(self, count: int) -> None:
        self.unsaved -= count
        self._pump()

    def _pump(self) -> None:
        """Send whatever may be sent now; set a timer for what may be sent later."""
        if self._pumping:
            return
        self._pumping = True
        try:
            wait = self._send_ready()
        finally:
            self._pumping = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait is not None:
            self._timer = self._loop.call_later(max(wait, 0.001), self._pump)

    def _send_ready(self) -> float | None:
        now = self._loop.time()
        while self._later and self._later[0][0] <= now:
            self._pending.appendleft(heapq.heappop(self._later)[2])
        while self._pending:
            journey = self._pending[0]
            if self.unsaved and not self._room_beyond_disk():
                break
            if self._limited_too_long(journey, now):
                self._pending.popleft()
                self._end(journey, self._rules.give_up(journey, "rate_limit", "patience is over", now))
                continue
            route, wait = choose(self._routes, now, journey.avoid)
            if route is None:
                if wait is None and not self._tasks and all(r.breaker.gone for r in self._routes):
                    self._give_up_all("connection", "circuit open: no deployment answers")
                    break
                return min((w for w in (wait, self._next_due(now)) if w is not None), default=None)
            worst = self._budget.worst(journey.request)
            if not self._budget.take(worst):
                if self._tasks:
                    break  # what is in flight may turn out cheaper than what was set aside for it
                self._cap(worst, now)
                break
            self._pending.popleft()
            journey.aside_usd = worst
            self._start(journey, route, now)
        return self._next_due(now)

    def _next_due(self, now: float) -> float | None:
        return self._later[0][0] - now if self._later else None

    def _room_beyond_disk(self) -> bool:
        windows = sum(max(1, int(route.limiter.window)) for route in self._routes)
        return len(self._tasks) + self.unsaved < windows + windows // 16

    def _limited_too_long(self, journey: Journey, now: float) -> bool:
        return journey.limited_since is not None and now - journey.limited_since > self._model.rate_limit_patience_s

    def _start(self, journey: Journey, route: Route, now: float) -> None:
        journey.sent_at = now
        journey.first_sent_at = journey.first_sent_at or now
        journey.tokens = most_tokens(journey.request) // 2 + journey.request.max_tokens
        route.limiter.started(journey.tokens)
        route.breaker.sent()
        task = self._loop.create_task(self._send(journey, route))
        self._tasks[task] = journey
        task.add_done_callback(self._forget_task)

    def _forget_task(self, task: asyncio.Task[None]) -> None:
        journey = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._end(journey, PermanentError(f"The client itself failed ({type(error).__name__}).",
                                              "This is a fault of the pipeline; answers so far are kept."))
        self._pump()

    async def _send(self, journey: Journey, route: Route) -> None:
        used: int | None = None
        ended = False
        try:
            reply = await route.provider.send(journey.request, journey.request_id)
        except Exception as error:  # a boundary: `Rules.failed` tells them apart and records each
            now = self._loop.time()
            route.limiter.ended(journey.tokens, 0)
            ended = True
            self._tell_route(route, journey, error, now)
            outcome = self._rules.failed(journey, error, route, now)
        else:
            now = self._loop.time()
            used = reply.prompt_tokens + reply.completion_tokens
            route.limiter.ended(journey.tokens, used)
            ended = True
            route.limiter.accepted(journey.sent_at, now)
            route.breaker.succeeded()
            journey.limited_since = None
            outcome = self._rules.answered(journey, reply, route, now)
        finally:
            if not ended:  # cancelled
                route.limiter.ended(journey.tokens, None)
                route.breaker.neither()
        self._next(journey, outcome, now)

    def _tell_route(self, route: Route, journey: Journey, error: Exception, now: float) -> None:
        if not isinstance(error, PassingFailure):
            route.breaker.succeeded()
        elif error.kind == "rate_limit":
            route.breaker.succeeded()
            route.limiter.refused(journey.sent_at, now, error.retry_after_s)
        else:
            route.breaker.failed(now)

    def _next(self, journey: Journey, outcome: Again | End, now: float) -> None:
        if not isinstance(outcome, Again):
            self._end(journey, outcome)
        elif journey.call in self._stopped:
            self._end(journey, self._rules.give_up(journey, "error", "interrupted", now))
        elif outcome.after_s > 0:
            self._number += 1
            heapq.heappush(self._later, (now + outcome.after_s, self._number, journey))
        else:
            self._pending.appendleft(journey)

    def _end(self, journey: Journey, end: End) -> None:
        self.unsaved += 1
        self._finished(journey, end)

    def _waiting(self, call: int | None = None) -> list[Journey]:
        """Take what is not in flight off the queues, of one call or of all."""
        both = [*self._pending, *(journey for _, _, journey in sorted(self._later, key=lambda item: item[:2]))]
        gone = [journey for journey in both if call is None or journey.call == call]
        self._pending = deque(j for j in self._pending if call is not None and j.call != call)
        self._later = [item for item in self._later if call is not None and item[2].call != call]
        heapq.heapify(self._later)
        return gone

    def _give_up_all(self, kind: str, detail: str) -> None:
        now = self._loop.time()
        for journey in self._waiting():
            self._end(journey, self._rules.give_up(journey, kind, detail, now))

    def _cap(self, worst: float, now: float) -> None:
        """Nothing is in flight and the next request does not fit under a cap: all that wait are turned away."""
        cap = self._budget.over(worst)
        if cap is None:
            return
        for journey in self._waiting():
            fits = self._budget.over(self._budget.worst(journey.request)) is None
            if fits and self._budget.worst(journey.request) == 0:
                self._pending.append(journey)
                continue
            self._end(journey, self._rules.give_up(journey, "spending_cap",
                                                   f"cap of {cap.most_usd:g} USD per {cap.name}", now))

    async def _stop(self, call: int, grace_s: float) -> None:
        self._stopped.add(call)
        now = self._loop.time()
        for journey in self._waiting(call):
            if journey.attempts:  # what it came to stands in the ledger
                self._end(journey, self._rules.give_up(journey, "error", "interrupted", now))
        mine = [task for task, journey in self._tasks.items() if journey.call == call]
        if mine:
            await asyncio.wait(mine, timeout=grace_s)
        for task in [task for task in mine if not task.done()]:
            journey = self._tasks[task]
            task.cancel()
            given_up = self._rules.failed(journey, RequestFailure("error", "given up", billed=True), self._routes[0],
                                          self._loop.time())
            if not isinstance(given_up, Again):
                self._end(journey, given_up)

    async def _close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for route in self._routes:
            await route.provider.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: a third less of the processor for each request (measured)."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
