"""The calls of a batch interface: upload, create, look, list, fetch. Belongs here: HTTP. Not here: what is in a batch.

A call that fails in passing is tried again after a wait; what is handed in is found again by its token, so trying again
cannot hand it in twice.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from itd_pipeline.errors import ModelError, TransientError
from itd_pipeline.llm.provider import PassingFailure
from itd_pipeline.llm.wire.failures import failure_of
from itd_pipeline.llm.wire.proxies import proxy_for
from itd_pipeline.llm.wire.resolving import Target

_T = TypeVar("_T")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_PAGES, _PAGE = 20, 100
_CALL_S = 600.0


class Service:
    """The batch interface of one target. Its calls block; the loop runs in a thread. Use as a context manager.

    Args:
        target: where.
        retries: further tries after a passing failure.
    """

    def __init__(self, target: Target, retries: int) -> None:
        self._target, self._retries = target, retries
        self._proxy = proxy_for(target.url, target.local)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="batches", daemon=True)
        self._thread.start()
        self._session: Any = None

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._run(self._session.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)
        if not self._loop.is_running():
            self._loop.close()

    def create(self, lines: bytes, token: str) -> str:
        """Upload a file and make a batch of it; its id. Looks for the token before a second try."""
        file = self._again(lambda: self._upload(lines))["id"]
        asked = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h",
                 "metadata": {"itd_token": token}}

        async def make() -> dict[str, Any]:
            return await self._json("POST", "/batches", json_body=asked)

        try:
            return str(self._run(make())["id"])
        except PassingFailure:
            return self.find(token) or str(self._again(make)["id"])

    def find(self, token: str) -> str | None:
        """Id of the batch that carries a token, among the last two thousand."""
        after = ""
        for _ in range(_PAGES):
            path = f"/batches?limit={_PAGE}" + (f"&after={after}" if after else "")
            page = self._again(lambda path=path: self._json("GET", path))  # type: ignore[misc]
            for batch in page.get("data") or []:
                if (batch.get("metadata") or {}).get("itd_token") == token:
                    return str(batch["id"])
            if not page.get("has_more") or not page.get("data"):
                return None
            after = page["data"][-1]["id"]
        return None

    def look(self, batch_id: str) -> dict[str, Any]:
        """The state of a batch."""
        return self._again(lambda: self._json("GET", f"/batches/{batch_id}"))

    def content(self, file_id: str) -> bytes:
        """What a file holds."""
        return self._again(lambda: self._call("GET", f"/files/{file_id}/content"))

    async def _upload(self, lines: bytes) -> dict[str, Any]:
        import aiohttp

        form = aiohttp.FormData()
        form.add_field("purpose", "batch")
        form.add_field("file", lines, filename="requests.jsonl", content_type="application/jsonl")
        return await self._json("POST", "/files", data=form)

    async def _json(self, method: str, path: str, json_body: Any = None, data: Any = None) -> dict[str, Any]:
        value = json.loads(await self._call(method, path, json_body, data))
        return value if isinstance(value, dict) else {}

    async def _call(self, method: str, path: str, json_body: Any = None, data: Any = None) -> bytes:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=dict(self._target.headers), cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=_CALL_S, sock_connect=30))
        try:
            async with self._session.request(method, self._target.base + path, json=json_body, data=data,
                                             proxy=self._proxy, allow_redirects=False) as response:
                content: bytes = await response.read()
                if response.status == 200:
                    return content
                raise failure_of(response.status, content[:4_000].decode("utf-8", "replace"), response.headers,
                                 self._target.model, self._target.place, self._target.key_env)
        except TimeoutError:
            raise PassingFailure("timeout", "batch interface") from None
        except (aiohttp.ClientError, OSError) as error:
            raise PassingFailure("connection", type(error).__name__) from None

    def _again(self, call: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Raises TransientError where no try succeeds, so that the stage is tried again later."""

        async def tried() -> _T:
            for number in range(self._retries + 1):
                try:
                    return await call()
                except PassingFailure as error:
                    if number == self._retries:
                        raise TransientError(f"{self._target.place}: the batch interface does not answer "
                                             f"({error.kind}).", "What was handed in is kept and waited for by the "
                                             "next run.") from None
                    await asyncio.sleep(min(error.retry_after_s or _FIRST_WAIT_S * 2**number, _LONGEST_WAIT_S))
                except ModelError:
                    raise
            raise AssertionError("unreachable: the last try returns or raises")

        return self._run(tried())

    def _run(self, call: Awaitable[_T]) -> _T:
        async def awaited() -> _T:
            return await call

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result()
