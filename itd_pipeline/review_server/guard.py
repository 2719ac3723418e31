"""Who may talk to the server at all, and what every answer says to the browser.

    Host                only names that were allowed: a foreign page cannot reach the server under its own name
                        (DNS rebinding)
    X-ITD-Proxy-Secret  where the server listens beyond this machine: only the reverse proxy knows it
    Origin              a form of another site is refused, besides the token in each form
    Content-Length      at most a megabyte is read, and for at most half a minute
    headers             no script, style or frame but our own; nothing cached; no address handed on

Belongs here: requests as such. Does not belong here: people and sessions.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000
SLOWEST_BODY_S = 30.0
PROXY_HEADER = "x-itd-proxy-secret"
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                               "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Middleware.

    Args:
        app: what it stands before.
        hosts: names under which the server may be reached, without port.
        origin: address under which browsers see it through a proxy, such as https://review.example.org; empty where
            there is no proxy.
        secret: what the proxy sends; empty where the server listens on this machine only.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], origin: str = "", secret: str = "") -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origin = origin.rstrip("/")
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    found[name] = value
                found.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, with_headers)
        elif not (headers.get("content-length") or "0").isdecimal():
            await PlainTextResponse("This is no length.", status_code=400)(scope, receive, with_headers)
        elif int(headers.get("content-length") or 0) > LARGEST_BODY:
            await PlainTextResponse("Too much at once.", status_code=413)(scope, receive, with_headers)
        else:
            await self._app(scope, _limited(receive), with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> str:
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return "This server is not known under that name."
        if self._secret and not hmac.compare_digest(headers.get(PROXY_HEADER, "").encode(), self._secret.encode()):
            return "This server is reached through its proxy only."
        if scope["method"] in {"GET", "HEAD"}:
            return ""
        own = {self._origin} if self._origin else {f"http://{host}", f"https://{host}"}
        origin = headers.get("origin")
        if origin is not None and origin not in own:
            return "A page of another site may not send forms here."
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "A page of another site may not send forms here."
        return ""


def _name(host: str) -> str:
    if host.startswith("["):
        return host.split("]")[0] + "]"
    return host.rsplit(":", 1)[0].lower() if ":" in host else host.lower()


def _limited(receive: Receive) -> Receive:
    """Stop reading a body of unstated length that grows too large, or one that trickles in."""
    read, whole, end = 0, False, asyncio.get_running_loop().time() + SLOWEST_BODY_S

    async def limited() -> Message:
        nonlocal read, whole
        if whole:  # what is waited for now is that the browser goes away
            return await receive()
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        read += len(message.get("body", b""))
        whole = message["type"] == "http.request" and not message.get("more_body", False)
        return {"type": "http.disconnect"} if read > LARGEST_BODY else message

    return limited
