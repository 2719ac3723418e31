"""What a provider is: it sends one request once. Belongs here: that seam and how a request can fail.

Kinds of failure, the first word of an answer's `error`: `timeout`, `rate_limit`, `server_error` and `connection` may
pass and are tried again; `context_length`, `bad_request`, `content_filter` and `bad_response` (what came is no answer)
concern one request and are not; what concerns every request (key, model name, account) raises PermanentError. Any
other exception of a provider becomes a failed answer of the kind `error`.
"""

from __future__ import annotations

import asyncio
import threading
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
        cached_tokens: of those sent, how many the provider had in its cache.
        model_version: what it says it ran.
    """

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    model_version: str = ""


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
    """Sends one request, once. Made, used and closed in the event loop of `client.engine`."""

    async def send(self, request: ChatRequest, request_id: str) -> Reply:
        """Raises PassingFailure, RequestFailure, or PermanentError where every request is concerned."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Sender(Protocol):
    """Sends one request and blocks meanwhile."""

    def send(self, request: ChatRequest, request_id: str) -> Reply:
        """Raises as `Provider.send` does."""
        ...


class InThreads:
    """A blocking sender as a `Provider`: each request in a thread of its own. They are daemons: the end of the process
    waits for none of them."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, request: ChatRequest, request_id: str) -> Reply:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()

        def settle(reply: Reply | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                # SystemExit and KeyboardInterrupt of a thread must not end the loop
                future.set_exception(error if isinstance(error, Exception) else RequestFailure(
                    "error", type(error).__name__, billed=True))
            elif reply is not None:
                future.set_result(reply)

        def work() -> None:
            reply, caught = None, None
            try:
                reply = self._sender.send(request, request_id)
            except BaseException as error:  # a boundary: the loop records it
                caught = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, reply, caught)

        threading.Thread(target=work, name=f"request-{request_id[:8]}", daemon=True).start()
        return await future

    async def close(self) -> None:
        return None
