"""A web server on this machine that answers as the test says."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

BODY = b"".join(b"line %06d of an invented file\n" % n for n in range(3000))


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands each request to the site."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.close_connection = True
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.requests.append({name.lower(): value for name, value in self.headers.items()})
        answer = site.answers[min(len(site.requests), len(site.answers)) - 1]
        with contextlib.suppress(OSError):  # the client may hang up
            answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes = b"", cut: int | None = None, **headers: str) -> None:
        """An answer; `cut` sends only so many bytes of the body and hangs up."""
        self.send_response(status)
        sent = {"Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
        for name, value in sent.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        self.wfile.flush()


@dataclass
class Site:
    """What the server does: the n-th request gets the n-th answer, later ones the last."""

    address: str = ""
    answers: list[Callable[[Handler], None]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)


def whole(body: bytes = BODY, etag: str = '"one"') -> Callable[[Handler], None]:
    """The whole file, whatever was asked."""
    return lambda handler: handler.send(200, body, ETag=etag)


def cut(at: int, body: bytes = BODY, etag: str = '"one"') -> Callable[[Handler], None]:
    """The beginning of the file, then silence."""
    return lambda handler: handler.send(200, body, cut=at, ETag=etag)


def proper(body: bytes = BODY, etag: str = '"one"') -> Callable[[Handler], None]:
    """A server that knows ranges and conditions."""

    def answer(handler: Handler) -> None:
        asked = handler.headers
        if asked.get("If-None-Match") == etag:
            handler.send(304, ETag=etag, Content_Length="")
        elif asked.get("Range") and asked.get("If-Range") in {None, etag}:
            start = int(asked["Range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                handler.send(416, Content_Range=f"bytes */{len(body)}")
            else:
                handler.send(206, body[start:], ETag=etag,
                             Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            handler.send(200, body, ETag=etag)

    return answer


def status(code: int, **headers: str) -> Callable[[Handler], None]:
    """A bare status."""
    return lambda handler: handler.send(code, b"no", **headers)


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server on a free port of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"http://127.0.0.1:{server.server_address[1]}/file.xml")
    server.site = made  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
