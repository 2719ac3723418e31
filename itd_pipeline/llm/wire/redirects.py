"""No redirect is followed by what litellm sends. Belongs here: that hook. Does not belong here: what one means.

litellm and the libraries below it make their own httpx clients, and these follow redirects: a 307 would carry the
prompt, and some of them the key, to a host that nobody allowed. Every one of them sends through
`httpx.AsyncClient.send` or `httpx.Client.send`, so these are wrapped, once. The wrapper changes nothing for anyone
else: it acts only within `refused`, in the context of one request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_SEEN: ContextVar[list[int] | None] = ContextVar("redirects_seen", default=None)
_MARK = "_itd_follows_none"


@contextmanager
def refused() -> Iterator[list[int]]:
    """Within it no redirect is followed; the list holds the statuses of those that were met."""
    _wrap()
    met: list[int] = []
    token = _SEEN.set(met)
    try:
        yield met
    finally:
        _SEEN.reset(token)


def _wrap() -> None:
    import httpx

    if hasattr(httpx.AsyncClient.send, _MARK):
        return
    in_tasks, in_threads = httpx.AsyncClient.send, httpx.Client.send

    async def send_in_tasks(self: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        met = _SEEN.get()
        if met is None:
            return await in_tasks(self, request, **options)
        response = await in_tasks(self, request, **{**options, "follow_redirects": False})
        _note(response.status_code, met)
        return response

    def send_in_threads(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        met = _SEEN.get()
        if met is None:
            return in_threads(self, request, **options)
        response = in_threads(self, request, **{**options, "follow_redirects": False})
        _note(response.status_code, met)
        return response

    setattr(send_in_tasks, _MARK, True)
    httpx.AsyncClient.send = send_in_tasks  # type: ignore[method-assign]
    httpx.Client.send = send_in_threads  # type: ignore[method-assign]


def _note(status: int, met: list[int]) -> None:
    if 300 <= status < 400:
        met.append(status)
