"""What the release still needs, counted beside the pages: counting takes seconds, and nobody should wait for it.

Belongs here: when to count. Does not belong here: what is counted (`pipeline/gate_now.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Conditions = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Counted:
    """What is known.

    Args:
        conditions: of the gate; None where nothing has been counted yet.
        problem: why the last count came to nothing; empty where it did not.
        fresh: whether every answer is in.
    """

    conditions: Conditions | None = None
    problem: str = ""
    fresh: bool = False


class Standing:
    """Counts in a thread, one count at a time, and only where answers have come in since.

    Args:
        count: gives the conditions; raises RuntimeError with words for the lead where it cannot.
        patience: seconds that a page waits for a count before it shows what was known before.
    """

    def __init__(self, count: Callable[[], Conditions], patience: float = 2.0) -> None:
        self._count, self._patience = count, patience
        self._lock = threading.Lock()
        self._known = Counted()
        self._counted_at: object = None
        self._counting: threading.Thread | None = None

    def now(self, state: object) -> Counted:
        """What is known, after a short wait for what is not.

        Args:
            state: equal as long as no answer has come in.
        """
        with self._lock:
            if self._counting is None and self._counted_at != state:
                self._counting = threading.Thread(target=self._work, args=(state,), daemon=True)
                self._counting.start()
            at_work = self._counting
        if at_work is not None:
            at_work.join(self._patience)
        with self._lock:
            known = self._known
            return Counted(known.conditions, known.problem, fresh=self._counted_at == state)

    def _work(self, state: object) -> None:
        try:
            found = Counted(self._count())
        except RuntimeError as error:
            found = Counted(self._known.conditions, str(error))
        with self._lock:
            self._known, self._counted_at, self._counting = found, state, None
