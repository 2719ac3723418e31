"""One request from its first sending to its end: what each outcome means for it and for the deployment.

Belongs here: retries of each kind, and what they cost. Does not belong here: when and where it is sent (`engine.py`).

A 429 takes no retry: the request goes back to the head of the queue. Time-outs, 5xx and resets share the budget
`retries`; a malformed answer has `malformed_retries`, a truncated one `truncated_retries`. Waits before a retry double
from half a second and are spread by the request's own hash, so that they are the same on every run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.client.output import ask_again, problem_with, with_more_tokens
from itd_pipeline.llm.client.route import Route
from itd_pipeline.llm.money.budget import Budget
from itd_pipeline.llm.provider import PassingFailure, Reply, RequestFailure
from itd_pipeline.llm.store import Attempt
from itd_pipeline.ports import ChatAnswer, ChatRequest

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_WITH_AN_ANSWER = frozenset({"", "truncated", "malformed", "wrong_schema"})


@dataclass(slots=True)
class Journey:
    """A request on its way.

    Args:
        request_id: hash of the request as it was asked.
        request: as it is sent next: a repair has further turns, a longer one more tokens.
        call: number of the call of `StoredModel.answer` that it belongs to.
    """

    request_id: str
    request: ChatRequest
    call: int
    attempts: list[Attempt] = field(default_factory=list)
    failed: int = 0
    malformed: int = 0
    lengthened: int = 0
    sent: int = 0
    aside_usd: float = 0.0
    tokens: int = 0
    first_sent_at: float = 0.0
    sent_at: float = 0.0
    limited_since: float | None = None
    avoid: Route | None = None
    best: Reply | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """It is to be sent again, after so many seconds; `first` of all others where it was turned away by a 429."""

    after_s: float
    first: bool = False


End = ChatAnswer | PermanentError


class Rules:
    """See the module.

    Args:
        model: the profile's model section.
        budget: where what was set aside is settled.
    """

    def __init__(self, model: settings.Model, budget: Budget) -> None:
        self._model, self._budget = model, budget

    def answered(self, journey: Journey, reply: Reply, route: Route, now: float) -> Again | End:
        """An answer came, good or bad."""
        cost = self._budget.cost(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)
        if reply.finish_reason == "length":
            problem: tuple[str, str] | None = ("truncated", "")
            again = journey.lengthened < self._model.truncated_retries
        else:
            problem = problem_with(reply.text, journey.request.json_schema) if reply.finish_reason == "stop" else None
            again = problem is not None and journey.malformed < self._model.malformed_retries
        self._book(journey, route, now, cost, problem[0] if again and problem else "", reply, raw=again)
        if not again or problem is None:
            return self._end(journey, reply, now)
        journey.best = reply
        if problem[0] == "truncated":
            journey.lengthened += 1
            journey.request = with_more_tokens(journey.request)
        else:
            journey.malformed += 1
            journey.request = ask_again(journey.request, reply.text, problem[1])
        return Again(0.0)

    def failed(self, journey: Journey, error: Exception, route: Route, now: float) -> Again | End:
        """No answer came."""
        if isinstance(error, PassingFailure):
            self._book(journey, route, now, journey.aside_usd if error.kind == "timeout" else 0.0, str(error.args[0]))
            if error.kind == "rate_limit":
                journey.limited_since = now if journey.limited_since is None else journey.limited_since
                return Again(0.0, first=True)
            journey.failed += 1
            if journey.failed > self._model.retries:
                return self.give_up(journey, error.kind, error.detail, now)
            journey.avoid = route
            wait = error.retry_after_s
            if wait is None:
                wait = _FIRST_WAIT_S * 2 ** (journey.failed - 1) * (0.75 + int(journey.request_id[-2:], 16) / 512)
            return Again(min(wait, _LONGEST_WAIT_S))
        if isinstance(error, RequestFailure):
            self._book(journey, route, now, journey.aside_usd if error.billed else 0.0, str(error.args[0]))
            return self.give_up(journey, error.kind, error.detail, now)
        if isinstance(error, PermanentError):
            self._book(journey, route, now, 0.0, "permanent")
            return error
        # a boundary: it may have been billed, and its message may quote the prompt
        name = type(error).__name__
        self._book(journey, route, now, journey.aside_usd, f"error: {name}")
        return self.give_up(journey, "error", name, now)

    def give_up(self, journey: Journey, kind: str, detail: str, now: float) -> ChatAnswer:
        """Nothing more is tried. A malformed or cut answer that came before is the answer then."""
        if journey.best is not None:
            return self._end(journey, journey.best, now)
        sent, received, cost, _ = _totals(journey)
        return ChatAnswer(journey.request_id, "", "error", sent, received, cost, f"{kind}: {detail}",
                          attempts=max(1, journey.sent), seconds=_seconds(journey, now), answered_at=_clock())

    def _end(self, journey: Journey, reply: Reply, now: float) -> ChatAnswer:
        sent, received, cost, cached = _totals(journey)
        return ChatAnswer(journey.request_id, reply.text, reply.finish_reason, sent, received, cost, "", False,
                          reply.model_version, cached, max(1, journey.sent), _seconds(journey, now), _clock())

    def _book(self, journey: Journey, route: Route, now: float, cost_usd: float, error: str,
              reply: Reply | None = None, raw: bool = False) -> None:
        self._budget.settle(journey.aside_usd, cost_usd)
        journey.aside_usd = 0.0
        journey.sent += not error.startswith("rate_limit")
        sent, received, cached = (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) if reply \
            else (0, 0, 0)
        journey.attempts.append(Attempt(journey.request_id, self._model.name, sent, received, cost_usd, error, cached,
                                        round(now - journey.sent_at, 4), route.place,
                                        reply.text if reply and raw else ""))


def _totals(journey: Journey) -> tuple[int, int, float, int]:
    """Tokens sent and received, US dollars and tokens from the provider's cache over all answers; what a time-out
    may have cost stands in the ledger alone, because it would make the record depend on luck."""
    answered = [a for a in journey.attempts if a.error in _WITH_AN_ANSWER]
    return (sum(a.prompt_tokens for a in answered), sum(a.completion_tokens for a in answered),
            sum(a.cost_usd for a in answered), sum(a.cached_tokens for a in answered))


def _clock() -> float:
    return round(time.time(), 3)


def _seconds(journey: Journey, now: float) -> float:
    return round(now - journey.first_sent_at, 4) if journey.first_sent_at else 0.0
