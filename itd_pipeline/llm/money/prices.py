"""What tokens cost. Belongs here: the price of one model, from the profile or from litellm. Not here: caps.

The profile's own table goes first (`model.prices`), then `price_per_million_tokens`, then nothing for a model on this
machine, then litellm's table: it has been wrong by a factor of ten, so a price can always be overridden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.locality import is_local

_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, and per request.

    Args:
        sent: tokens sent.
        received: tokens received.
        cached: tokens sent that the provider had in its cache; None costs as much as sent.
        request: per request, whatever its length.
        batch_share: factor of all of these through a batch interface.
    """

    sent: float = 0.0
    received: float = 0.0
    cached: float | None = None
    request: float = 0.0
    batch_share: float = 0.5

    def cost(self, sent: int, received: int, cached: int = 0, batch: bool = False) -> float:
        """Price of one answered request in US dollars; `cached` is a part of `sent`."""
        of_cached = self.sent if self.cached is None else self.cached
        cached = min(cached, sent)
        whole = ((sent - cached) * self.sent + cached * of_cached + received * self.received) / _MILLION + self.request
        return whole * self.batch_share if batch else whole

    @property
    def free(self) -> bool:
        return not (self.sent or self.received or self.cached or self.request)


def own_price(model: settings.Model, name: str = "") -> Price | None:
    """The price that the profile names, or nothing for a model on this machine; None where litellm has to say.

    Args:
        name: of a deployment; empty for the model itself.
    """
    name = name or model.name
    if name in model.prices:
        own = model.prices[name]
        return Price(own.sent, own.received, own.cached, own.request, own.batch_share)
    if model.price_per_million_tokens is not None:
        return Price(*model.price_per_million_tokens)
    if is_local(model):
        return Price()
    return None


def listed_price(model_cost: dict[str, Any], names: tuple[str, ...], model: str) -> Price:
    """The price in litellm's table.

    Args:
        model_cost: the table.
        names: how the model may be called in it, the fullest first.
        model: how the profile calls it.

    Raises:
        PermanentError: it is not there.
    """
    for name in names:
        entry = model_cost.get(name) or {}
        sent, received = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if sent is None or received is None:
            continue
        cached, batch = entry.get("cache_read_input_token_cost"), entry.get("input_cost_per_token_batches")
        return Price(
            float(sent) * _MILLION, float(received) * _MILLION,
            None if cached is None else float(cached) * _MILLION,
            batch_share=float(batch) / float(sent) if batch and sent else 0.5)
    raise PermanentError(f"No price is known for {model!r}.",
                         "Set model.price_per_million_tokens; [0, 0] for a server of your own.")
