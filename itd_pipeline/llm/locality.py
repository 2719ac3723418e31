"""Whether prompts stay on this machine. Belongs here: that question. Not here: who may ask a model elsewhere."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from itd_pipeline import settings

CARRIED = "local/smollm2-135m-instruct"


def local_model_name() -> str:
    """Name of the model that comes with the package."""
    return CARRIED


def is_local(model: settings.Model) -> bool:
    """Whether prompts to this model stay on this machine: the carried model, the fake one, or a loopback address.

    A name of a local runner (`ollama/...`) without `api_base` is not local: its server may be anywhere that the
    runner's own environment variables say.
    """
    if model.name.startswith(("local/", "fake/")):
        return True
    return bool(model.api_base) and is_loopback(model.api_base or "")


def is_loopback(address: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
