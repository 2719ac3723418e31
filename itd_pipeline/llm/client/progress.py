"""How far a call is: counts, rate, money. Belongs here: counting. Not here: showing it (`commands/`, `defs/`)."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence

from itd_pipeline.llm.store import Attempt
from itd_pipeline.ports import ChatAnswer, ModelProgress

_LATE_S = 30.0


class Progress:
    """Counts of one call; used by the thread that asks.

    Args:
        planned: how many requests there are, if that is known beforehand.
    """

    def __init__(self, planned: int = 0) -> None:
        self.planned = planned
        self._done = self._cached = self._tokens = self._asked = 0
        self._spent = self._spent_kept = 0.0
        self._errors: Counter[str] = Counter()
        self._ticks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def stored(self, count: int) -> None:
        """So many answers came from the store."""
        self._done += count
        self._cached += count

    def kept(self, answer: ChatAnswer | None, attempts: Sequence[Attempt]) -> None:
        """An answer, or an attempt, has been stored."""
        for attempt in attempts:
            self._tokens += attempt.prompt_tokens + attempt.completion_tokens
            self._spent += attempt.cost_usd
            if attempt.error:
                self._errors[attempt.error.partition(":")[0]] += 1
        if answer is not None:
            self._done += 1
            self._asked += 1
            if answer.error and not attempts:
                self._errors[answer.error.partition(":")[0]] += 1

    def now(self, in_flight: int = 0) -> ModelProgress:
        """The state of things."""
        at = time.monotonic()
        self._ticks.append((at, self._asked))
        while len(self._ticks) > 2 and at - self._ticks[0][0] > _LATE_S:
            self._ticks.popleft()
        start, before = self._ticks[0]
        span = at - start
        rate = (self._asked - before) / span if span > 0 else 0.0
        left = max(0, self.planned - self._done)
        each = self._spent / self._asked if self._asked else 0.0
        return ModelProgress(
            planned=max(self.planned, self._done), done=self._done, cached=self._cached, rate=rate,
            tokens=self._tokens, spent_usd=self._spent, projected_usd=self._spent + left * each,
            seconds_left=left / rate if rate else None, errors=dict(self._errors), in_flight=in_flight)
