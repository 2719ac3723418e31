"""How fast work goes and how long it will take, for whoever waits. Decides no content."""

from __future__ import annotations

import time
from collections.abc import Callable

from itd_pipeline.pipeline.stage import Answered
from itd_pipeline.ports import WorkProgress

_EVERY_S = 0.5


def paced(told: Answered | None, clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None] | None:
    """What `signals.measure` tells of, with rate and time left, about twice a second and at the end of each step.

    Args:
        told: whom to tell; None for nobody.
        clock: seconds.
    """
    if told is None:
        return None
    started: dict[str, float] = {}
    told_at: dict[str, float] = {}
    done_before: dict[str, int] = {}

    def tell(step: str, done: int, due: int) -> None:
        now = clock()
        if step not in started or done < done_before[step]:
            started[step] = now
        done_before[step] = done
        if done < due and now - told_at.get(step, -_EVERY_S) < _EVERY_S:
            return
        told_at[step] = now
        seconds = now - started[step]
        rate = done / seconds if seconds > 0 else 0.0
        told(step, WorkProgress(planned=due, done=done, rate=rate, seconds_left=(due - done) / rate if rate else None))

    return tell
