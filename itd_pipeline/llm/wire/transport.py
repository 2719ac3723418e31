"""The lean transport: aiohttp carries the bytes of the OpenAI wire, and nothing else happens.

Belongs here: connections, time-outs, sizes. Does not belong here: what the bytes say (`chat.py`, `failures.py`).

Why not through litellm: it spends 4 to 5 ms of a core on each request, this 0.2 (see docs/adr/0007). No redirect is
followed, no cookie kept, no proxy used for this machine. The time-out holds from sending to the last byte, so that a
server which drips cannot hold a request for ever.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.provider import PassingFailure, Reply, RequestFailure
from itd_pipeline.llm.wire.chat import body_of, reply_of
from itd_pipeline.llm.wire.failures import failure_of
from itd_pipeline.llm.wire.proxies import proxy_for
from itd_pipeline.llm.wire.resolving import Target
from itd_pipeline.ports import ChatRequest

if TYPE_CHECKING:
    import aiohttp

_CONNECT_S = 30.0
_MOST_BYTES = 32 * 2**20
_ERROR_BYTES = 16 * 2**10


class LeanProvider:
    """See the module. Follows `provider.Provider`.

    Args:
        target: where, under which name, with which key and parameters.
        timeout_s: from sending to the last byte.
        connections: most at a time.
    """

    def __init__(self, target: Target, timeout_s: float, connections: int) -> None:
        self._target, self._timeout_s = target, timeout_s
        self._proxy = proxy_for(target.url, target.local)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: ChatRequest, request_id: str) -> Reply:
        raw = await self.post(self._target.url, body_of(request, self._target.name, self._target.parameters(request)))
        return reply_of(raw, request)

    async def post(self, url: str, body: bytes) -> bytes:
        """Body of a 200. Raises PassingFailure, RequestFailure, PermanentError."""
        import aiohttp

        session = self._opened()
        try:
            async with session.post(url, data=body, proxy=self._proxy, allow_redirects=False) as response:
                if response.status == 200:
                    return await _read(response)
                shown = (await response.content.read(_ERROR_BYTES)).decode("utf-8", "replace")
                raise failure_of(response.status, shown, response.headers, self._target.model, self._target.place,
                                 self._target.key_env)
        except TimeoutError:
            raise PassingFailure("timeout", f"no whole answer within {self._timeout_s:g} s") from None
        except (aiohttp.InvalidURL, ValueError) as error:
            raise PermanentError(f"{self._target.model}: its address is no URL ({type(error).__name__}).",
                                 "Check model.api_base.") from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise PassingFailure("connection", type(error).__name__) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=min(_CONNECT_S, self._timeout_s)),
                headers={"Content-Type": "application/json", "Accept": "application/json", **self._target.headers},
                cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.content_length is not None and response.content_length <= _MOST_BYTES:
        return await response.read()
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _MOST_BYTES:
            raise RequestFailure("bad_response", f"more than {_MOST_BYTES >> 20} MiB", billed=True)
        parts.append(part)
    return b"".join(parts)
