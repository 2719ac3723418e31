"""Whether prompts stay on this machine. Belongs here: that question. Not here: who may ask a model elsewhere."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from itd_pipeline import settings

CARRIED = "local/smollm2-135m-instruct"
HONOUR_ADDRESS = ("openai", "hosted_vllm", "llamafile", "lm_studio", "ollama", "ollama_chat")
"""Providers for which litellm sends to `api_base` and nowhere else. Others (sagemaker, replicate, huggingface) may
ignore it and send to the provider's own service."""


def local_model_name() -> str:
    """Name of the model that comes with the package."""
    return CARRIED


def is_local(model: settings.Model) -> bool:
    """Whether prompts to this model stay on this machine: the carried model, the fake one, or a loopback address of a
    provider known to honour it, and the same of each further deployment.

    A name of a local runner (`ollama/...`) without `api_base` is not local: its server may be anywhere that the
    runner's own environment variables say.
    """
    return not hosts_of(model)


def hosts_of(model: settings.Model) -> tuple[str, ...]:
    """Where prompts to a model may go besides this machine: hosts in order of their names, or the provider's name where
    litellm decides on the host; empty where they stay here."""
    if model.name.startswith(("local/", "fake/")):
        return ()
    places = [(model.name, model.api_base), *((one.name, one.api_base) for one in model.deployments)]
    return tuple(sorted({_host(name, base) for name, base in places if not _stays(name, base)}))


def _stays(name: str, api_base: str | None) -> bool:
    provider, slash, _ = name.partition("/")
    return bool(slash) and provider in HONOUR_ADDRESS and bool(api_base) and is_loopback(api_base or "")


def _host(name: str, api_base: str | None) -> str:
    provider, slash, _ = name.partition("/")
    if not slash:
        return name
    if api_base and provider in HONOUR_ADDRESS:
        return host_of(api_base) or provider
    return "api.openai.com" if provider == "openai" else provider


def is_loopback(address: str) -> bool:
    """Whether a URL points at this machine."""
    host = host_of(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(address: str) -> str:
    """Host of a URL, in lower case and without port or brackets; empty where there is none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
