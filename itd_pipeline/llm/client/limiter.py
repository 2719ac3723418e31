"""How many requests may be in flight to one deployment, and how fast they may start.

Belongs here: the rate. Does not belong here: which request is next.

- **Window**: starts at the configured concurrency. The first 429 of a burst cuts it to 0.8 of what it was, to less of a
  cut where the provider asks to wait for less than a round trip (we were hardly too fast), and stops everything for as
  long as it asks (Retry-After; else a wait that doubles from burst to burst). 429 answers
  to requests that were sent before the cut belong to the same burst and cut nothing more. Each answer adds to it
  (additive increase): a tenth of the earlier window per round trip until that is reached again, then a fiftieth, so
  that a limit which has been raised is found. Jacobson 1988 for the idea, CUBIC (Ha et al. 2008) for returning fast
  to the last known limit and probing slowly beyond it.
- **Delivered rate**: a cut never goes below what was delivered lately (rate of accepted answers times the round trip,
  Little's law; BBR, Cardwell et al. 2016): a provider that took so much takes it again, and 429s that have nothing
  to do with our rate must not drive it to nothing.
- **Requests and tokens per minute**, where the profile names them: buckets that refill steadily and hold half a
  second's worth, so that no minute exceeds the limit. Tokens are set aside as estimated and corrected when the answer
  is in.
"""

from __future__ import annotations

from collections import deque

_CUT, _LEAST_CUT = 0.8, 0.97
_QUICK, _SLOW = 0.1, 0.02
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 60.0
_BELIEVED = 4
_BIN_S, _BINS = 0.5, 10


class Bucket:
    """Refills at `per_minute`, holds half a second's worth, may be overdrawn by one request."""

    def __init__(self, per_minute: float) -> None:
        self._most = max(1.0, per_minute / 120)
        self._rate = max((per_minute - self._most) / 60, per_minute / 120)
        self._level, self._at = self._most, 0.0

    def wait(self, now: float) -> float:
        """Seconds until something may be taken."""
        self._level = min(self._most, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now
        need = min(1.0, self._most)
        return 0.0 if self._level >= need else (need - self._level) / self._rate

    def take(self, amount: float) -> None:
        self._level -= amount


class Limiter:
    """See the module. All times are seconds of one steady clock.

    Args:
        most: requests in flight at most.
        requests_per_minute: the provider's limit, if known.
        tokens_per_minute: likewise.
    """

    def __init__(self, most: int, requests_per_minute: int | None = None, tokens_per_minute: int | None = None) -> None:
        self.most = most
        self.window = float(most)
        self.in_flight = 0
        self.cuts = 0
        self._known = float(most)
        self._requests = Bucket(requests_per_minute) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute) if tokens_per_minute else None
        self._not_before = 0.0
        self._cut_at = -1.0
        self._bursts = 0
        self._round_trip_s = 0.0
        self._bins: deque[list[float]] = deque(maxlen=_BINS)

    def wait(self, now: float) -> float | None:
        """Seconds until the next request may start; 0 for at once, None for when one in flight has ended."""
        if self.in_flight >= max(1, int(self.window)):
            return None
        wait = max(0.0, self._not_before - now)
        for bucket in (self._requests, self._tokens):
            if bucket is not None:
                wait = max(wait, bucket.wait(now))
        return wait

    def started(self, tokens: int) -> None:
        """A request is sent; `tokens` is what it may use."""
        self.in_flight += 1
        if self._requests is not None:
            self._requests.take(1)
        if self._tokens is not None:
            self._tokens.take(tokens)

    def ended(self, tokens: int, used: int | None) -> None:
        """It is over; `used` tokens really, where that is known."""
        self.in_flight -= 1
        if self._tokens is not None and used is not None:
            self._tokens.take(used - tokens)

    def accepted(self, sent_at: float, now: float) -> None:
        """The provider took it, whatever the answer was worth."""
        self._bursts = 0
        took = now - sent_at
        self._round_trip_s = took if not self._round_trip_s else 0.9 * self._round_trip_s + 0.1 * took
        number = now // _BIN_S
        if self._bins and self._bins[-1][0] == number:
            self._bins[-1][1] += 1
        else:
            self._bins.append([number, 1])
        if self.window < self.most:
            share = _QUICK * self._known if self.window < self._known else max(1.0, _SLOW * self.most)
            self.window = min(float(self.most), self.window + share / self.window)

    def refused(self, sent_at: float, now: float, retry_after_s: float | None) -> None:
        """A 429."""
        if sent_at > self._cut_at and now >= self._not_before:
            self.cuts += 1
            self._known = max(self.window, 0.9 * self._known)
            self.window = max(1.0, self._cut(retry_after_s) * self.window, min(self.window, self._delivered(now)))
            self._cut_at = now
            self._bursts += 1
        pause = retry_after_s
        if pause is None:
            pause = _FIRST_PAUSE_S * 2 ** min(self._bursts - 1, 8)
        elif self._bursts > _BELIEVED:  # it says soon, and yet takes nothing
            pause = max(pause, _FIRST_PAUSE_S * 2 ** min(self._bursts - _BELIEVED, 8))
        self._not_before = max(self._not_before, now + min(max(0.0, pause), _LONGEST_PAUSE_S))

    def _cut(self, retry_after_s: float | None) -> float:
        """What is left of the window: the less, the longer the provider asks to wait, measured in round trips."""
        if retry_after_s is None or not self._round_trip_s:
            return _CUT
        return _LEAST_CUT - (_LEAST_CUT - _CUT) * min(1.0, retry_after_s / self._round_trip_s)

    def _delivered(self, now: float) -> float:
        """Requests in flight that the best half second of late stands for; the one at hand is not over yet."""
        full = [count for number, count in self._bins if now // _BIN_S - _BINS <= number < now // _BIN_S]
        return 0.9 * max(full, default=0.0) / _BIN_S * self._round_trip_s
