"""Language models: which, where, how fast and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, no_key_within, not_blank


class Price(Section):
    """What a model costs, in US dollars. Goes before litellm's own table."""

    sent: float = Field(default=0.0, ge=0, description="Per million tokens sent.")
    received: float = Field(default=0.0, ge=0, description="Per million tokens received.")
    cached: float | None = Field(default=None, ge=0, description="Per million tokens sent that the provider had in its "
                                 "prompt cache. None: the price of those sent.")
    request: float = Field(default=0.0, ge=0, description="Per request, whatever its length.")
    batch_share: float = Field(default=0.5, ge=0, le=1, description="Share of the price that the provider's batch "
                               "interface asks.")


class Deployment(Section):
    """One more place where the same model is served; requests go where there is room."""

    name: str = Field(description="Its name there, as litellm writes it: `openai/gpt-4o-mini`.")
    api_base: str | None = Field(default=None, description="Address of the server; none for the provider's own.")
    key_env: str | None = Field(default=None, description="Environment variable that holds the key. None: the one that "
                                "litellm documents for the provider.")
    concurrency: int | None = Field(default=None, ge=1, le=4096, description="Requests in flight there. None: as "
                                    "`model.concurrency`.")
    requests_per_minute: int | None = Field(default=None, ge=1, description="The provider's limit. None: found out by "
                                            "its 429 answers.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="The provider's limit of tokens, sent and "
                                          "received.")

    _address = field_validator("api_base")(no_key_within)


class Model(Section):
    """The model that writes synthetic and hybrid records."""

    name: str = Field(default="local/smollm2-135m-instruct", description="`local/smollm2-135m-instruct` runs the "
                      "carried model inside; any litellm name (`openai/gpt-4o-mini`, `ollama/llama3`) replaces it; "
                      "`fake/scripted` is the deterministic stand-in for tests.")
    api_base: str | None = Field(default=None, description="Address of an OpenAI-compatible server, where the model "
                                 "is your own.")
    key_env: str | None = Field(default=None, description="Environment variable that holds the key. None: the one that "
                                "litellm documents for the provider, such as OPENAI_API_KEY.")
    wire: Literal["auto", "litellm"] = Field(default="auto", description="`auto`: servers that speak the OpenAI wire "
                                             "are asked directly, all others through litellm. `litellm`: all through "
                                             "litellm.")
    mode: Literal["live", "batch"] = Field(default="live", description="`batch`: requests go to the provider's batch "
                                           "interface, at its lower price, and are waited for, also by a later run.")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 for the likeliest answer.")
    seed: int = Field(default=7, description="Passed to models that take a seed.")
    max_tokens: int = Field(default=256, ge=16, description="Longest answer in tokens.")
    timeout_s: float = Field(default=120, gt=0, description="Longest time for one answer, from sending to its last "
                             "byte, in seconds.")
    concurrency: int = Field(default=1, ge=1, le=4096, description="Most requests in flight; fewer after a 429. 1 for "
                             "the carried model.")
    requests_per_minute: int | None = Field(default=None, ge=1, description="The provider's limit. None: found out by "
                                            "its 429 answers.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="The provider's limit of tokens, sent and "
                                          "received.")
    retries: int = Field(default=3, ge=0, description="Further tries after a time-out, 5xx or reset. A 429 takes none.")
    malformed_retries: int = Field(default=1, ge=0, le=5, description="Further tries after an answer that does not "
                                   "follow its JSON schema; the error is shown to the model.")
    truncated_retries: int = Field(default=1, ge=0, le=1, description="Whether an answer that was cut is asked for "
                                   "once more, with twice the tokens.")
    rate_limit_patience_s: float = Field(default=600, ge=0, description="How long 429 answers are waited out while "
                                         "none else comes, in seconds; then the request fails.")
    deployments: tuple[Deployment, ...] = Field(default=(), description="Further places where the same model is "
                                                "served. One that fails is left out until it works again.")
    max_cost_usd: float = Field(default=0.0, ge=0, description="Cap per run. A request that would pass it is not "
                                "sent and is rejected as `spending_cap`. 0 allows only free models.")
    max_cost_usd_per_day: float | None = Field(default=None, ge=0, description="Cap per day (UTC) over all runs that "
                                               "share the store of answers.")
    max_cost_usd_per_stage: Mapping[str, float] = Field(default_factory=dict, description="Caps per run of single "
                                                        "stages: `{synthetic_expansions: 2.00}`.")
    estimate_sample: int = Field(default=10, ge=0, le=200, description="Requests of each route that are sent before "
                                 "the others, to estimate tokens, dollars and time: a fifth of those due at most. They "
                                 "belong to the build and are kept. 0: by answers of earlier builds alone.")
    over_estimate: Literal["stop", "spend"] = Field(default="stop", description="What a source does whose estimate "
                                                    "passes a cap even at its low end. `stop`: send no more than the "
                                                    "sample. `spend`: go on until the cap.")
    price_per_million_tokens: tuple[float, float] | None = Field(
        default=None, description="Your price in US dollars (sent, received), used instead of litellm's table.")
    prices: Mapping[str, Price] = Field(default_factory=dict, description="Your own price table, by model name; goes "
                                        "before `price_per_million_tokens` and litellm's table.")
    store: Path | None = Field(default=None, description="File that keeps the answers, shared by all profiles that "
                               "name it. None: `model_answers.sqlite` in the lake.")
    store_journal: Literal["wal", "delete"] = Field(default="wal", description="How SQLite writes it. `delete` where "
                                                    "several machines share the file on a network drive.")
    batch_poll_s: float = Field(default=30, gt=0, description="How often a batch is looked at, in seconds.")
    batch_wait_s: float = Field(default=90_000, ge=0, description="Longest wait for a batch in one run; a later run "
                                "goes on waiting.")
    batch_requests: int = Field(default=10_000, ge=1, le=50_000, description="Most requests in one batch.")
    options: Mapping[str, Any] = Field(default_factory=dict, description="Options of the fake model.")

    _paths = field_validator("store", mode="before")(not_blank)
    _address = field_validator("api_base")(no_key_within)
