"""What the fake provider does with which request. Belongs here: the decision. Not here: carrying it out.

Faults of requests are drawn by a hash of seed, body and how often that body has come: the same on every run, whatever
the order. Refusals by rate are those of a real provider: a bucket of requests per minute, and bursts in which nothing
is taken, each with its Retry-After.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, fields

FAULTS = ("server_error", "reset", "drip", "malformed", "wrong_schema", "truncated", "refused", "duplicate", "hang")


@dataclass(frozen=True)
class Behaviour:
    """How a fake provider behaves.

    Args:
        latency_s: from the request to its answer.
        jitter: latency varies by this share of itself, by the request's hash.
        rate_limit: share of time in which every request gets a 429: at the end of each `burst_every_s`.
        burst_every_s: length of a cycle of the above.
        burst_requests: where given, bursts are counted and not timed: of all requests the share `rate_limit` gets a
            429, so many in a row.
        requests_per_minute: 429 beyond that; the bucket holds a second's worth. None for no limit.
        server_error: share of requests answered with a 500; likewise the others.
        reset: the connection is cut without an answer.
        drip: the answer comes a byte at a time and never ends in time.
        malformed: JSON that ends too early.
        wrong_schema: good JSON of another form.
        truncated: cut by `max_tokens`.
        refused: declines in words.
        duplicate: answers what it would to any prompt.
        hang: no answer at all.
        price_usd: what it bills for each answer.
        batch_s: how long a batch takes.
        seed: draws other requests for the faults.
    """

    latency_s: float = 0.0
    jitter: float = 0.0
    rate_limit: float = 0.0
    burst_every_s: float = 1.0
    burst_requests: int | None = None
    requests_per_minute: int | None = None
    server_error: float = 0.0
    reset: float = 0.0
    drip: float = 0.0
    malformed: float = 0.0
    wrong_schema: float = 0.0
    truncated: float = 0.0
    refused: float = 0.0
    duplicate: float = 0.0
    hang: float = 0.0
    price_usd: float = 0.0
    batch_s: float = 0.0
    seed: int = 7

    def __post_init__(self) -> None:
        shares = [getattr(self, name) for name in (*FAULTS, "rate_limit")]
        if min(shares) < 0 or sum(shares[:-1]) > 1 or self.rate_limit >= 1:
            raise ValueError("shares of faults are below 0 or sum to more than 1")

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """Names of all options."""
        return tuple(f.name for f in fields(cls))


@dataclass
class Script:
    """The state of a running provider: what it has seen, what it has left.

    Args:
        behaviour: see there.
    """

    behaviour: Behaviour
    seen: Counter[bytes] = field(default_factory=Counter)
    first_at: float | None = None
    arrived: int = 0
    _level: float = 0.0
    _filled_at: float = 0.0

    def too_fast(self, now: float) -> float | None:
        """Seconds until a request would be taken; None where this one is."""
        if self.first_at is None:
            self.first_at = self._filled_at = now
            self._level = self._most
        self.arrived += 1
        wait = self._burst_left(now - self.first_at)
        if wait is not None:
            return wait
        if self.behaviour.requests_per_minute is None:
            return None
        rate = self.behaviour.requests_per_minute / 60
        self._level = min(self._most, self._level + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._level >= 1:
            self._level -= 1
            return None
        return (1 - self._level) / rate

    @property
    def _most(self) -> float:
        return max(1.0, (self.behaviour.requests_per_minute or 0) / 60)

    def _burst_left(self, elapsed: float) -> float | None:
        if not self.behaviour.rate_limit:
            return None
        if (burst := self.behaviour.burst_requests) is not None:
            cycle = round(burst / self.behaviour.rate_limit)
            return 0.0 if self.arrived % cycle >= cycle - burst else None
        every = self.behaviour.burst_every_s
        at = elapsed % every
        return every - at if at >= every * (1 - self.behaviour.rate_limit) else None

    def draw(self, body: bytes) -> tuple[str, int]:
        """(fault of a request or an empty word, a number from its hash); counts the request."""
        digest = hashlib.sha256(body).digest()[:16]
        self.seen[digest] += 1
        drawn = hashlib.sha256(b"%d %d " % (self.behaviour.seed, self.seen[digest]) + digest).digest()
        at = int.from_bytes(drawn[:8], "big") / 2**64
        number = int.from_bytes(drawn[8:16], "big")
        for kind in FAULTS:
            at -= getattr(self.behaviour, kind)
            if at < 0:
                return kind, number
        return "", number
