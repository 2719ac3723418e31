"""The rate: cut once for a burst, back quickly, never above the limits; the breaker opens and closes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from itd_pipeline.llm.client.breaker import Breaker
from itd_pipeline.llm.client.limiter import Bucket, Limiter


def test_first_429_of_a_burst_cuts_and_the_others_do_not() -> None:
    limiter = Limiter(100)
    for _ in range(50):
        limiter.started(0)
    for number in range(50):
        limiter.ended(0, 0)
        limiter.refused(sent_at=1.0, now=1.2 + number / 1000, retry_after_s=None)
    assert (limiter.cuts, limiter.window) == (1, 80.0)
    assert limiter.wait(1.3) == pytest.approx(1.249 + 0.25 - 1.3, abs=0.01)


def test_retry_after_holds_everything_even_where_the_window_has_room() -> None:
    limiter = Limiter(10)
    limiter.refused(0.0, 1.0, retry_after_s=7.0)
    assert limiter.wait(7.9) == pytest.approx(0.1)
    assert limiter.wait(8.0) == 0.0


def test_window_returns_additively_and_stops_at_what_is_configured() -> None:
    limiter = Limiter(100)
    limiter.refused(0.0, 1.0, None)
    grown = [limiter.window]
    for number in range(400):
        limiter.accepted(2.0, 2.2 + number / 100)
        grown.append(limiter.window)
    steps = [b - a for a, b in pairwise(grown)]
    assert max(steps) <= 10 / 80 + 1e-9
    assert limiter.window == 100.0


def test_cut_is_small_where_the_provider_asks_to_wait_for_less_than_a_round_trip() -> None:
    limiter = Limiter(100)
    limiter.accepted(0.0, 1.0)
    limiter.refused(1.5, 2.0, retry_after_s=0.0)
    assert limiter.window == pytest.approx(97.0)


def test_a_provider_that_says_soon_and_takes_nothing_is_waited_for_longer_and_longer() -> None:
    limiter, now, waits = Limiter(4), 0.0, []
    for _ in range(8):
        limiter.refused(now, now + 0.1, retry_after_s=0.0)
        wait = limiter.wait(now + 0.1)
        assert wait is not None
        waits.append(wait)
        now += 0.1 + wait + 0.01
    assert waits[3] == 0.0
    assert waits[-1] > waits[-2] > waits[-3] > 0.1


def test_no_room_beyond_the_window() -> None:
    limiter = Limiter(2)
    limiter.started(0)
    assert limiter.wait(0.0) == 0.0
    limiter.started(0)
    assert limiter.wait(0.0) is None


@pytest.mark.parametrize("per_minute", [1, 60, 600, 6000])
def test_no_minute_holds_more_than_the_limit(per_minute: int) -> None:
    bucket, now, taken = Bucket(per_minute), 0.0, []
    while now < 130:
        wait = bucket.wait(now)
        if wait > 0:
            now += wait + 1e-9
            continue
        bucket.take(1)
        taken.append(now)
    for start in taken:
        assert sum(start <= t < start + 60 for t in taken) <= per_minute
        if per_minute > 600:
            break
    assert len(taken) >= 0.9 * per_minute * 2


def test_tokens_per_minute_are_corrected_by_what_was_used() -> None:
    limiter = Limiter(10, tokens_per_minute=6000)
    limiter.started(tokens=500)
    held = limiter.wait(0.0)
    assert held is not None
    assert held > 4
    limiter.ended(tokens=500, used=40)
    assert limiter.wait(0.0) == 0.0


def test_breaker_opens_after_failures_in_a_row_and_tries_once() -> None:
    breaker = Breaker()
    for _ in range(19):
        breaker.failed(0.0)
    assert breaker.wait(0.0) == 0.0
    breaker.failed(0.0)
    assert breaker.wait(0.5) == pytest.approx(0.5)
    assert breaker.wait(1.0) == 0.0
    breaker.sent()
    assert breaker.wait(1.0) > 0
    breaker.failed(1.1)
    assert breaker.wait(1.1) == pytest.approx(2.0)
    breaker.succeeded()
    assert breaker.wait(1.2) == 0.0


def test_breaker_gives_up_after_six_rests() -> None:
    breaker, now = Breaker(), 0.0
    for _ in range(19 + 5):
        breaker.failed(now)
        now += breaker.wait(now)
    assert not breaker.gone
    breaker.failed(now)
    assert breaker.gone
