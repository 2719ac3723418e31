"""The spending cap of a build. Belongs here: whether one more request fits. Not here: prices.

Before a request is sent its worst case is set aside; when it ends, its true cost takes the place of that. A time-out
may have been billed, so it counts with its worst case. Free requests always fit.
"""

from __future__ import annotations

import threading

from itd_pipeline.ports import ChatRequest, canonical_json

_MESSAGE_TOKENS = 16
_MILLION = 1_000_000


class Budget:
    """Dollars spent and set aside in this build, up to a cap.

    Args:
        cap_usd: the cap.
        price: US dollars per million tokens (sent, received).
        spent_usd: what the build has spent before.
    """

    def __init__(self, cap_usd: float, price: tuple[float, float], spent_usd: float = 0.0) -> None:
        self.cap_usd, self.price = cap_usd, price
        self.spent_usd = spent_usd
        self.aside_usd = 0.0
        self._lock = threading.Lock()

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Price of a request in US dollars."""
        return (prompt_tokens * self.price[0] + completion_tokens * self.price[1]) / _MILLION

    def worst(self, request: ChatRequest) -> float:
        """Most that a request can cost: a token for every two bytes sent, and the longest answer allowed.

        English holds about four bytes per token, other scripts two to three.
        """
        sent = len(canonical_json(request.payload("")).encode()) // 2 + _MESSAGE_TOKENS * len(request.messages)
        return self.cost(sent, request.max_tokens)

    def take(self, worst_usd: float) -> bool:
        """Set `worst_usd` aside if that stays within the cap."""
        with self._lock:
            if worst_usd > 0 and self.spent_usd + self.aside_usd + worst_usd > self.cap_usd:
                return False
            self.aside_usd += worst_usd
            return True

    def settle(self, worst_usd: float, spent_usd: float) -> None:
        """What was set aside is free again; `spent_usd` of it is gone."""
        with self._lock:
            self.aside_usd -= worst_usd
            self.spent_usd += spent_usd
