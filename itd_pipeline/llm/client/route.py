"""One deployment as the client sees it, and the choice among several.

Belongs here: which one takes the next request. Does not belong here: sending it (`wire/`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from itd_pipeline.llm.client.breaker import Breaker
from itd_pipeline.llm.client.limiter import Limiter
from itd_pipeline.llm.provider import Provider

_GATES: dict[tuple[str, str, int, int | None, int | None], tuple[Limiter, Breaker]] = {}
_GATES_LOCK = threading.Lock()


@dataclass
class Route:
    """A deployment: how to send there, and how much it takes.

    Args:
        place: its host, for the ledger and messages.
        provider: sends.
        limiter: how many, how fast.
        breaker: whether at all.
    """

    place: str
    provider: Provider
    limiter: Limiter
    breaker: Breaker = field(default_factory=Breaker)

    def wait(self, now: float) -> float | None:
        """Seconds until it takes a request; None for when one in flight has ended."""
        rest = self.breaker.wait(now)
        return rest if rest > 0 else self.limiter.wait(now)


def known_gate(place: str, name: str, most: int, requests_per_minute: int | None,
               tokens_per_minute: int | None) -> tuple[Limiter, Breaker]:
    """The rate that was found out for a deployment in this process, for the next stage or source that asks it. The
    breaker is new: another stage may try again."""
    key = (place, name, most, requests_per_minute, tokens_per_minute)
    with _GATES_LOCK:
        known = _GATES.get(key)
        if known is None or known[0].in_flight:  # in flight: another call at the same time has it
            known = (Limiter(most, requests_per_minute, tokens_per_minute), Breaker())
            _GATES[key] = known
        return known[0], Breaker()


def choose(routes: Sequence[Route], now: float, avoid: Route | None = None) -> tuple[Route | None, float | None]:
    """(the deployment with the most room, or None; then seconds until one has room, or None for when a request ends).

    Args:
        avoid: the one that has just failed; taken only where no other is left.
    """
    open_routes = [route for route in routes if not route.breaker.gone]
    others = [route for route in open_routes if route is not avoid] or open_routes
    best: Route | None = None
    soonest: float | None = None
    for route in others:
        wait = route.wait(now)
        if wait is None:
            continue
        if wait <= 0:
            if best is None or _load(route) < _load(best):
                best = route
        elif soonest is None or wait < soonest:
            soonest = wait
    return best, soonest


def _load(route: Route) -> float:
    return route.limiter.in_flight / max(1.0, route.limiter.window)
