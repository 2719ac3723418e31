"""Where the server listens, and under which conditions.

By default on this machine only. On any other address it wants a secret that the reverse proxy sends with each request
and the address under which browsers reach that proxy: the proxy does the encryption, see docs/reviewing.md.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette

from itd_pipeline.errors import ConfigError
from itd_pipeline.review_server.app import LOCAL_HOSTS

SECRET_VARIABLE = "ITD_REVIEW_SECRET"
_SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Place:
    """A checked place to listen at.

    Args:
        host, port: to bind.
        hosts: names under which requests may come.
        origin: public address; empty on this machine only.
        secret: what the proxy sends; empty on this machine only.
    """

    host: str
    port: int
    hosts: tuple[str, ...] = LOCAL_HOSTS
    origin: str = ""
    secret: str = ""

    @property
    def address(self) -> str:
        """What stands before the path of a personal link."""
        return self.origin or f"http://{self.host}:{self.port}"


def place(host: str, port: int, origin: str, secret: str) -> Place:
    """Check where to listen.

    Raises:
        ConfigError: beyond this machine without a secret of 32 characters and an https address of the proxy.
    """
    if _is_local(host) and not origin:
        return Place(host, port)
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigError(
            "Beyond this machine the server wants a secret that its reverse proxy sends with each request.",
            f"Set {SECRET_VARIABLE} to at least {_SHORTEST_SECRET} random characters; see docs/reviewing.md.")
    parts = urlsplit(origin)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"}:
        raise ConfigError("Beyond this machine the server wants the https address of its reverse proxy.",
                          "Give --origin, such as https://review.example.org; see docs/reviewing.md.")
    return Place(host, port, (parts.hostname.lower(),), f"https://{parts.netloc}", secret)


def serve(app: Starlette, where: Place) -> None:
    """Serve until stopped. Nothing is logged about requests: an address may hold a personal link."""
    import uvicorn

    uvicorn.run(app, host=where.host, port=where.port, log_level="warning", access_log=False, server_header=False,
                proxy_headers=False)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
