"""Whether a proxy stands between us and a server. Belongs here: the environment's proxies. Not here: sending.

Prompts to this machine go through none, whatever the environment says.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(address: str, local: bool) -> str | None:
    """Address of the proxy for a URL; None for none. Read once, not for each request."""
    parts = urlsplit(address)
    if local or not parts.hostname or proxy_bypass(parts.hostname):
        return None
    known = getproxies()
    return known.get(parts.scheme) or known.get("all")


def go_around(hosts: Sequence[str]) -> bool:
    """Exempt exactly these hosts from the proxies of the environment; whether that changed anything.

    The variable in small letters, where there is one, hides the other; so both get all that either has.
    """
    if not hosts:
        return False
    before = {variable: os.environ.get(variable, "") for variable in ("no_proxy", "NO_PROXY")}
    known = [host.strip() for value in before.values() for host in value.split(",") if host.strip()]
    exempt = ",".join(dict.fromkeys([*known, *hosts]))
    for variable in before:
        os.environ[variable] = exempt
    return any(value != exempt for value in before.values())
