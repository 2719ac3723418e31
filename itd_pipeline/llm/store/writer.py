"""The one thread that writes: it commits whatever has come meanwhile in one transaction (group commit).

Belongs here: the order commit, then hand out. Does not belong here: SQL.

A flush to disk takes milliseconds; answers that come during one wait for the next together. So the rate of answers
does not depend on the disk, and each is on disk before anyone is told of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from itd_pipeline.errors import ItdError
from itd_pipeline.llm.store.answers import AnswerStore, Attempt, Payer
from itd_pipeline.ports import ChatAnswer

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a request.

    Args:
        answer: the answer, or the failure; None where there is neither.
        attempts: for the ledger.
        call: whom it concerns; handed back as it is.
        stored: whether the answer is kept; what was never sent is not.
    """

    answer: ChatAnswer | None
    attempts: Sequence[Attempt]
    call: int = 0
    stored: bool = True


class Writer:
    """See the module.

    Args:
        store: open store.
        model: name under which answers are kept.
        payer: who pays, asked at each commit: the day may have changed.
        told: called in the writer's thread after each commit with what it held, or with the error that prevented it.
    """

    def __init__(self, store: AnswerStore, model: str, payer: Callable[[], Payer],
                 told: Callable[[list[Kept], ItdError | None], None]) -> None:
        self._store, self._model, self._payer, self._told = store, model, payer, told
        self._queue: SimpleQueue[Kept | threading.Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-of-answers", daemon=True)
        self._thread.start()

    def put(self, kept: Kept) -> None:
        """Keep an answer, the attempts behind it, or both; from any thread."""
        self._queue.put(kept)

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was put is on disk and told; False where that takes longer."""
        done = threading.Event()
        self._queue.put(done)
        return done.wait(timeout_s)

    def close(self, timeout_s: float | None = None) -> None:
        """Commit what is there and end."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            group: list[Kept] = []
            item = self._queue.get()
            while isinstance(item, Kept):
                group.append(item)
                if self._queue.empty() or len(group) >= _MOST:
                    break
                item = self._queue.get()
            if group:
                self._commit(group)
            if isinstance(item, threading.Event):
                item.set()
            if item is None:
                return

    def _commit(self, group: list[Kept]) -> None:
        problem: ItdError | None = None
        try:
            self._store.keep(self._model, [(k.answer if k.stored else None, k.attempts) for k in group], self._payer())
        except ItdError as error:
            problem = error
        self._told(group, problem)
