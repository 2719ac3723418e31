"""The circuit breaker of one deployment: after failures in a row it is left alone for a while, then tried once.

Belongs here: when to leave it alone. Does not belong here: what counts as a failure (`journey.py`).
"""

from __future__ import annotations

_FAILURES = 20
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 60.0
_MOST_RESTS = 6


class Breaker:
    """Open after twenty transport failures in a row; for a second, then for twice as long each time, at most a minute.

    After a rest one request is sent to try. After six rests without a success the deployment is given up until a later
    run, so that an absent server does not hold thousands of requests for hours.
    """

    def __init__(self) -> None:
        self._failed = 0
        self._rests = 0
        self._until = 0.0
        self._trying = False

    def wait(self, now: float) -> float:
        """Seconds until a request may be sent; 0 for at once."""
        if self._failed < _FAILURES:
            return 0.0
        if now < self._until:
            return self._until - now
        return 0.05 if self._trying else 0.0

    @property
    def gone(self) -> bool:
        """Whether it is given up."""
        return self._rests >= _MOST_RESTS

    def sent(self) -> None:
        """A request goes out."""
        if self._failed >= _FAILURES:
            self._trying = True

    def succeeded(self) -> None:
        """Any answer, a 429 included, shows that someone is there."""
        self._failed = self._rests = 0
        self._trying = False

    def neither(self) -> None:
        """A request ended without telling anything."""
        self._trying = False

    def failed(self, now: float) -> None:
        """A time-out, a 5xx, a reset."""
        self._failed += 1
        self._trying = False
        if self._failed >= _FAILURES and now >= self._until:
            self._until = now + min(_LONGEST_REST_S, _FIRST_REST_S * 2**self._rests)
            self._rests += 1
