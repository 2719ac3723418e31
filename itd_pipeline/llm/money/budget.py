"""The spending caps of a build. Belongs here: whether one more request fits. Not here: prices.

Before a request is sent its worst case is set aside; when it ends, its true cost takes the place of that. A time-out
may have been billed, so it counts with its worst case. Free requests always fit. Caps hold for the run, for each stage
of it and for the day; what other processes spend on the same day is read at each commit.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from itd_pipeline import settings
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.store.answers import today
from itd_pipeline.ports import ChatRequest

_MESSAGE_TOKENS = 16
_DUST_USD = 1e-9  # sums of hundredths are no hundredths in binary


@dataclass
class Cap:
    """One cap: what it is called, where it ends, and what was spent under it."""

    name: str
    most_usd: float
    spent_usd: float = 0.0


class Budget:
    """Dollars spent and set aside, up to one or several caps.

    Args:
        cap: the cap of the run, or all caps.
        price: what the model costs, or US dollars per million tokens (sent, received).
        spent_usd: what the run has spent before; with one cap only.
        batch: whether requests go through the provider's batch interface.
    """

    def __init__(self, cap: float | list[Cap], price: Price | tuple[float, float], spent_usd: float = 0.0,
                 batch: bool = False) -> None:
        self.caps = cap if isinstance(cap, list) else [Cap("run", cap, spent_usd)]
        self.price = price if isinstance(price, Price) else Price(*price)
        self.aside_usd = 0.0
        self._batch = batch
        self._lock = threading.Lock()

    def cost(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float:
        """Price of a request in US dollars."""
        return self.price.cost(prompt_tokens, completion_tokens, cached_tokens, self._batch)

    def worst(self, request: ChatRequest) -> float:
        """Most that a request can cost: a token for every two bytes sent, and the longest answer allowed.

        English holds about four bytes per token, other scripts two to three.
        """
        if self.price.free:
            return 0.0
        return self.cost(most_tokens(request), request.max_tokens)

    def take(self, worst_usd: float) -> bool:
        """Set `worst_usd` aside if that stays within every cap."""
        with self._lock:
            if worst_usd > 0 and self._over(worst_usd) is not None:
                return False
            self.aside_usd += worst_usd
            return True

    def over(self, worst_usd: float) -> Cap | None:
        """The first cap that `worst_usd` more would pass."""
        with self._lock:
            return self._over(worst_usd)

    def _over(self, worst_usd: float) -> Cap | None:
        for cap in self.caps:
            if cap.spent_usd + self.aside_usd + worst_usd > cap.most_usd + _DUST_USD:
                return cap
        return None

    def settle(self, worst_usd: float, spent_usd: float) -> None:
        """What was set aside is free again; `spent_usd` of it is gone."""
        with self._lock:
            self.aside_usd = max(0.0, self.aside_usd - worst_usd)
            for cap in self.caps:
                cap.spent_usd += spent_usd

    def add_elsewhere(self, name: str, spent_usd: float, anew: bool = False) -> None:
        """What was spent under a cap by whoever: the cap of that name counts at least so much, or, `anew`, just it."""
        with self._lock:
            for cap in self.caps:
                if cap.name == name:
                    cap.spent_usd = spent_usd if anew else max(cap.spent_usd, spent_usd)


def caps_of(model: settings.Model, store: AnswerStore, build: str, stage: str) -> list[Cap]:
    """The caps that a profile sets for a stage of a build, with what was spent under each so far."""
    caps = [Cap("run", model.max_cost_usd, store.spent_by(build))]
    if stage in model.max_cost_usd_per_stage:
        caps.append(Cap(f"stage {stage}", model.max_cost_usd_per_stage[stage], store.spent_by(build, stage)))
    if model.max_cost_usd_per_day is not None:
        caps.append(Cap("day", model.max_cost_usd_per_day, store.spent_on(today())))
    return caps


def most_tokens(request: ChatRequest) -> int:
    """Most tokens that a prompt can have."""
    size = sum(len(content.encode()) for _, content in request.messages) + len((request.json_schema or "").encode())
    return size // 2 + _MESSAGE_TOKENS * len(request.messages) + _MESSAGE_TOKENS
