"""The seams between stages and the world: what a stage gives back, and what a language model looks like.

Belongs here: small frozen values and protocols. Does not belong here: any implementation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
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
        error: kind and message of the failure, without the prompt.
        cached: whether it came from the store, without a request.
    """

    request_id: str
    text: str
    finish_reason: FinishReason
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    error: str = ""
    cached: bool = False


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

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in their order. A failed request yields an answer with `error`; only what
        concerns all requests (no such model, key refused) raises PermanentError."""
        ...


class Embedder(Protocol):
    """A model that turns texts into vectors, or a function that plays one in a test."""

    @property
    def name(self) -> str:
        """Name with provider and version: vectors of two names are not compared."""
        ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row of length 1 for each text, in their order."""
        ...
