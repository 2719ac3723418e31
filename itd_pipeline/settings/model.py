"""Language models: which, how and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from itd_pipeline.settings.section import Section


class Model(Section):
    """The model that writes synthetic and hybrid records."""

    name: str = Field(default="local/smollm2-135m-instruct", description="`local/smollm2-135m-instruct` runs the "
                      "carried model inside; any litellm name (`openai/gpt-4o-mini`, `ollama/llama3`) replaces it; "
                      "`fake/scripted` is the deterministic stand-in for tests.")
    api_base: str | None = Field(default=None, description="Address of an OpenAI-compatible server, where the model "
                                 "is your own.")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 for the likeliest answer.")
    seed: int = Field(default=7, description="Passed to models that take a seed.")
    max_tokens: int = Field(default=256, ge=16, description="Longest answer in tokens.")
    timeout_s: float = Field(default=120, gt=0, description="Longest wait for one answer, in seconds.")
    concurrency: int = Field(default=1, ge=1, le=256, description="Requests in flight. 1 for the carried model.")
    retries: int = Field(default=3, ge=0, description="Further tries after a time-out, 429, 5xx or reset.")
    max_cost_usd: float = Field(default=0.0, ge=0, description="Cap per run. A request that would pass it is not "
                                "sent and is rejected as `spending_cap`. 0 allows only free models.")
    price_per_million_tokens: tuple[float, float] | None = Field(
        default=None, description="Your price in US dollars (sent, received), used instead of litellm's table.")
    options: Mapping[str, Any] = Field(default_factory=dict, description="Options of the fake model.")
