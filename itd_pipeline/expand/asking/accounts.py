"""What the requests of a source came to, and what each recipe planned. Belongs here: counting. Not here: any check."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.expand.judging.verdict import Held
from itd_pipeline.ports import ChatAnswer


@dataclass
class Tally:
    """Requests, tokens and dollars since they were last asked for, how quotes were found, and every request.

    Args:
        facts: counts since they were last asked for.
        requests: rows of the table `model_requests`, by request id.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, answer: ChatAnswer, role: str, model: str, version: str) -> None:
        """One answer came: of which role, by which model, and by what exactly."""
        self.requests[answer.request_id] = {
            "request_id": answer.request_id, "role": role, "model": model, "model_version": version,
            "answered_at": _iso(answer.answered_at), "seconds": answer.seconds, "attempts": answer.attempts,
            "prompt_tokens": answer.prompt_tokens, "cached_tokens": answer.cached_tokens,
            "completion_tokens": answer.completion_tokens, "cost_usd": answer.cost_usd,
            "finish_reason": answer.finish_reason, "error": answer.error.partition(":")[0]}
        for name, more in (("requests", 1), ("requests_cached", int(answer.cached)),
                           ("prompt_tokens", answer.prompt_tokens), ("completion_tokens", answer.completion_tokens),
                           ("cost_usd", answer.cost_usd)):
            self.facts[name] = self.facts.get(name, 0) + more

    def found(self, held: Held) -> None:
        """Quotes of one answer were found."""
        quotes = self.facts.setdefault("quotes", {})
        for how in held.found:
            quotes[how] = quotes.get(how, 0) + 1

    def taken(self) -> dict[str, Any]:
        """The counts so far; counting starts anew."""
        facts, self.facts = self.facts, {}
        return facts


def _iso(seconds: float) -> str | None:
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return when.isoformat(timespec="milliseconds") if seconds else None


class Ledger:
    """Records planned, kept and turned away per recipe and route, counted where they enter and where they leave."""

    def __init__(self) -> None:
        self._planned: Counter[tuple[str, str]] = Counter()

    def plan(self, labels: Sequence[tuple[str, str]]) -> None:
        """(recipe, route) of every record that is going to be asked for."""
        self._planned.update(labels)

    def rows(self) -> list[dict[str, Any]]:
        """Rows of the table `recipe_accounts`, by recipe and route."""
        return [{"recipe": recipe, "route": route, "planned": count}
                for (recipe, route), count in sorted(self._planned.items())]
