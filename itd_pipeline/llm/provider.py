"""What a provider is: it sends one request once. Belongs here: that seam and how a request can fail.

Kinds of failure, the first word of an answer's `error`: `timeout`, `rate_limit`, `server_error` and `connection` may
pass and are tried again; `context_length`, `bad_request`, `content_filter` and `bad_response` (what came is no answer)
concern one request and are not; what concerns every request (key, model name, account) raises PermanentError. Any
other exception of a provider becomes a failed answer of the kind `error`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from itd_pipeline.errors import ModelError, TransientError
from itd_pipeline.ports import ChatRequest, FinishReason


@dataclass(frozen=True)
class Reply:
    """What came back from one request.

    Args:
        text: the raw answer.
        finish_reason: why it ended.
        prompt_tokens: tokens sent.
        completion_tokens: tokens received.
    """

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int


class PassingFailure(TransientError):
    """One request failed in a way that may pass.

    Args:
        kind: `timeout`, `rate_limit`, `server_error` or `connection`.
        detail: class and status of the failure, never the prompt.
        retry_after_s: how long the provider asks to wait, if it says.
    """

    def __init__(self, kind: str, detail: str, retry_after_s: float | None = None) -> None:
        self.kind, self.detail, self.retry_after_s = kind, detail, retry_after_s
        super().__init__(f"{kind}: {detail}")


class RequestFailure(ModelError):
    """One request cannot succeed as it is; others may.

    Args:
        kind: see the module.
        detail: class and status of the failure, never the prompt.
        billed: whether it may have been paid for; then it counts with its worst case.
    """

    def __init__(self, kind: str, detail: str, billed: bool = False) -> None:
        self.kind, self.detail, self.billed = kind, detail, billed
        super().__init__(f"{kind}: {detail}")


class Provider(Protocol):
    """Sends one request, once."""

    def send(self, request: ChatRequest, request_id: str) -> Reply:
        """Raises PassingFailure, RequestFailure, or PermanentError where every request is concerned."""
        ...

    def price_per_million_tokens(self) -> tuple[float, float]:
        """US dollars (sent, received). Raises PermanentError where nobody knows it."""
        ...
