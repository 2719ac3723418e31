"""What the requests of a route came to, and what each recipe planned. Belongs here: counting. Not here: any check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.expand.judging.verdict import Held
from itd_pipeline.ports import ChatAnswer


@dataclass
class Tally:
    """Requests, tokens and dollars since they were last asked for, and how quotes were found."""

    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, answer: ChatAnswer) -> None:
        """One answer came."""
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
