"""Which addresses may be asked, so that no answer from outside leads into the network of the house.

Belongs here: schemes, redirects and private addresses. Does not belong here: asking.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from itd_pipeline.errors import FetchError

_PASSWORD = re.compile(r"^([A-Za-z0-9+.-]*:?//)[^/]*@")
_REMEDY = "Give an https address of a public server."


def checked(address: str) -> SplitResult:
    """An address in its parts.

    Raises:
        FetchError: it is no https address (http only on this machine), has no host, or carries a password.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError("The address cannot be read.", _REMEDY) from error
    if not host:
        raise FetchError(f"{shown(address)} names no server.", _REMEDY)
    if parts.username or parts.password:
        raise FetchError(f"The address on {host} carries a name or password.",
                         "Leave it out: it would stand in the receipt.")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return parts
    raise FetchError(f"{shown(address)} is no https address.", _REMEDY)


def shown(address: str) -> str:
    """An address for a message: without password and query, which may hold a signature, and of bounded length."""
    return _PASSWORD.sub(r"\1", address.partition("?")[0].partition("#")[0])[:300]


def check_redirect(first: SplitResult, target: str, from_private: bool) -> SplitResult:
    """The target of a redirect in its parts.

    Args:
        first: the address that the person asked for.
        from_private: whether that one was private, so that others may be, too.

    Raises:
        FetchError: it leaves https, or leads from a public server to a private address.
    """
    where = f"{shown(first.geturl())} leads on to {shown(target)}"
    try:
        parts = checked(target)
    except FetchError as error:
        raise FetchError(f"{where}, which is not allowed: {error.problem}", "Ask the publisher for an https address.") \
            from error
    if first.scheme == "https" and parts.scheme != "https":
        raise FetchError(f"{where}, which is not https.", "Ask the publisher for an https address.")
    if not from_private and not is_proxied(parts) and is_private(parts.hostname or ""):
        raise FetchError(f"{where}, which is an address inside a private network.",
                         "Ask the publisher; a public file has no reason to lie there.")
    return parts


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name; names are not looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether any address of the host is not one of the public internet. A host that nobody knows is not."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False  # connecting will fail and say so
    return any(is_private_number(number) for number in found)


def is_private_number(number: str) -> bool:
    """Whether a numeric address is not one of the public internet."""
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return not address.is_global or (inner is not None and not inner.is_global)


def is_proxied(parts: SplitResult) -> bool:
    """Whether a proxy of the environment stands in between: then it looks the name up, not this machine."""
    proxies = getproxies()
    return bool(proxies.get(parts.scheme) or proxies.get("all")) and not proxy_bypass(parts.hostname or "")
