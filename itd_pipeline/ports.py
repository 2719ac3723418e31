"""The seams between stages and the world: what a stage gives back, and what a language model looks like.

Belongs here: small frozen values and protocols. Does not belong here: any implementation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and no escaped Unicode: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_id(prefix: str, *parts: str) -> str:
    """Id from content, stable across machines and runs: `prefix-` and 20 hex digits (80 bits) of SHA-256.

    Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(str(len(raw)).encode() + b":")
        digest.update(raw)
    return f"{prefix}-{digest.hexdigest()[:20]}"


@dataclass(frozen=True)
class Batch:
    """What a stage makes of part of its input.

    Args:
        rows: rows kept, in the stage's table schema.
        rejects: rows turned away, in the schema of `tables.rejects.REJECTS`.
        units_in: how many units entered, counted when they entered and not from what came out. A stage whose
            unit is the row itself must satisfy units_in == rows kept + rows rejected.
        sides: further tables by name (such as `verdicts`), written beside the rows.
        files: further files by name (such as `report.html`), written beside the rows.
        facts: plain numbers and words about the work, for metadata and the report.
    """

    rows: pa.Table
    rejects: pa.Table
    units_in: int
    sides: Mapping[str, pa.Table] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def reject(
    stage: str, partition: str, row_id: str, reason: str, detail: str, row: Mapping[str, Any],
    parent_id: str | None = None,
) -> dict[str, Any]:
    """One row for `tables.rejects.REJECTS`."""
    return {
        "stage": stage,
        "partition": partition,
        "row_id": row_id,
        "parent_id": parent_id,
        "reason": reason,
        "detail": detail,
        "row": canonical_json(row),
    }


@dataclass(frozen=True)
class ChatRequest:
    """One question to a language model.

    Args:
        messages: (role, content) pairs.
        json_schema: schema that the answer must follow, or None for free text.
        max_tokens: longest answer, in tokens.
        temperature: 0 for the likeliest answer.
        seed: passed to models that take one.
    """

    messages: tuple[tuple[str, str], ...]
    json_schema: str | None = None
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0

    def payload(self, model: str) -> dict[str, Any]:
        """Everything that decides the answer, as plain data."""
        return {
            "model": model,
            "messages": [{"role": role, "content": content} for role, content in self.messages],
            "json_schema": self.json_schema,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    def payload_hash(self, model: str) -> str:
        """SHA-256 of the full payload: the key under which the answer is stored.

        Args:
            model: what tells the model from every other: its name, and its address or version.
        """
        return hashlib.sha256(canonical_json(self.payload(model)).encode()).hexdigest()


FinishReason = Literal["stop", "length", "content_filter", "error"]


@dataclass(frozen=True)
class ChatAnswer:
    """What came back, good or bad.

    Args:
        request_id: payload hash of the request.
        text: the raw answer; empty where there was none.
        finish_reason: `length` means truncated; `error` means no answer, see `error`.
        prompt_tokens: tokens sent, over all tries.
        completion_tokens: tokens received, over all tries.
        cost_usd: US dollars, over all tries.
        error: kind and message of the failure, without the prompt.
        cached: whether it came from the store, without a request.
        model_version: what the provider says it ran, such as `gpt-4o-mini-2024-07-18`; empty where it does not say.
        cached_tokens: how many of the tokens sent came from the provider's prompt cache.
        attempts: how often it was sent, 429 answers aside.
        seconds: from the first sending to the answer. Decides no content, and two answers that differ in it are equal.
        answered_at: when it came, in seconds since 1970 (UTC); likewise.
    """

    request_id: str
    text: str
    finish_reason: FinishReason
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    error: str = ""
    cached: bool = False
    model_version: str = ""
    cached_tokens: int = 0
    attempts: int = field(default=1, compare=False)
    seconds: float = field(default=0.0, compare=False)
    answered_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class ModelProgress:
    """How far the requests of a stage are: counts and money, never text.

    Args:
        planned: requests known so far.
        done: answers so far, failures and stored ones included.
        cached: of these, from the store.
        rate: answers per second, of late; 0 before the first.
        tokens: tokens sent and received.
        spent_usd: US dollars spent on these requests.
        projected_usd: what all of them will have cost, if the rest costs as much on average.
        seconds_left: at this rate; None before the first answer.
        errors: kind -> count, of every try: `rate_limit`, `timeout`, `malformed` ...
        in_flight: requests on their way.
    """

    planned: int = 0
    done: int = 0
    cached: int = 0
    rate: float = 0.0
    tokens: int = 0
    spent_usd: float = 0.0
    projected_usd: float = 0.0
    seconds_left: float | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        parts = [f"{self.done:,} of {self.planned:,} answers ({self.cached:,} stored)", f"{self.rate:,.1f}/s",
                 f"{self.tokens:,} tokens"]
        if self.spent_usd or self.projected_usd:
            parts.append(f"{self.spent_usd:,.4f} USD of about {self.projected_usd:,.4f}")
        if self.seconds_left is not None and self.done < self.planned:
            parts.append(f"{self.seconds_left:,.0f} s left")
        if self.errors:
            parts.append("errors: " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.errors.items())))
        return ", ".join(parts)


@dataclass(frozen=True)
class WorkProgress(ModelProgress):
    """How far work is that asks no model: `done` of `planned` units, at `rate` a second."""

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        left = "" if self.seconds_left is None or self.done >= self.planned else f", {self.seconds_left:,.0f} s left"
        return f"{self.done:,} of {self.planned:,} records, {self.rate:,.0f}/s{left}"


@dataclass(frozen=True)
class Range:
    """A figure with its interval."""

    low: float
    likely: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Estimate:
    """What some requests will come to.

    Args:
        requests: planned.
        stored: of these, answered already.
        refused: of these, not to be sent (egress); they cost nothing.
        sent: tokens sent.
        received: tokens received.
        usd: US dollars.
        seconds: wall time.
        sample: answers that it rests on.
    """

    requests: int = 0
    stored: int = 0
    refused: int = 0
    sent: Range = NOTHING
    received: Range = NOTHING
    usd: Range = NOTHING
    seconds: Range = NOTHING
    sample: int = 0

    @property
    def due(self) -> int:
        """Requests that would be sent."""
        return self.requests - self.stored - self.refused

    @property
    def sentence(self) -> str:
        """All of it in one line, each figure with its 95 % interval."""
        tokens = self.sent + self.received
        return (f"{self.due:,} requests to send ({self.stored:,} stored), {shown(tokens)} tokens, "
                f"{shown(self.usd, 4)} USD, {shown(self.seconds)} s, by {self.sample:,} answers of this model")

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            self.requests + other.requests, self.stored + other.stored, self.refused + other.refused,
            self.sent + other.sent, self.received + other.received, self.usd + other.usd,
            self.seconds + other.seconds, min(self.sample, other.sample) if self.requests else other.sample)


def shown(figure: Range, digits: int = 0) -> str:
    """A figure with its interval."""
    if not figure.high:
        return "0"
    return f"{figure.likely:,.{digits}f} ({figure.low:,.{digits}f} to {figure.high:,.{digits}f})"


class ChatModel(Protocol):
    """A language model, or a function that plays one in a test."""

    @property
    def name(self) -> str:
        """Name with provider and version, as it will stand in every record."""
        ...

    @property
    def local(self) -> bool:
        """Whether prompts stay on this machine."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host, or provider where litellm knows the host, that prompts may go to; none for this machine."""
        ...

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in their order. A failed request yields an answer with `error`; only what
        concerns all requests (no such model, key refused) raises PermanentError."""
        ...


class Embedder(Protocol):
    """A model that turns texts into vectors, or a function that plays one in a test."""

    @property
    def name(self) -> str:
        """Name with provider and version: vectors of two names are not compared."""
        ...

    @property
    def local(self) -> bool:
        """Whether texts stay on this machine."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host, or provider, that texts may go to; none for this machine."""
        ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row of length 1 for each text, in their order."""
        ...
