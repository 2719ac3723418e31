"""From a model's name to an address: who serves it, what it is called there, with which key and parameters.

Belongs here: that decision. Does not belong here: sending.

A server on this machine is asked as it is, without litellm, whose import takes seconds. For any other, litellm says
which provider a name stands for, where it is, what it calls its parameters and what it costs. The lean transport is
for the providers of `OPENAI_WIRE`, whose wire is OpenAI's without exception; all others go through litellm.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.locality import HONOUR_ADDRESS, host_of, is_loopback
from itd_pipeline.llm.wire.chat import parameters_of
from itd_pipeline.ports import ChatRequest

OPENAI_WIRE = frozenset({
    "openai", "hosted_vllm", "llamafile", "lm_studio", "groq", "deepseek", "together_ai", "fireworks_ai", "cerebras",
    "nvidia_nim", "xai", "openrouter", "novita", "nebius", "moonshot", "deepinfra", "sambanova", "hyperbolic",
})
_OPENAI_BASE = "https://api.openai.com/v1"
_OLLAMA = ("ollama", "ollama_chat")


@dataclass(frozen=True)
class Target:
    """A server that speaks the OpenAI wire.

    Args:
        url: of chat completions.
        model: name in the profile.
        name: name on the wire.
        place: host.
        key_env: environment variable that holds the key.
        local: whether it is this machine.
        parameters: of a request, as the server calls them.
        headers: with the key; not shown.
    """

    url: str
    model: str
    name: str
    place: str
    key_env: str
    local: bool
    parameters: Callable[[ChatRequest], Mapping[str, Any]]
    headers: Mapping[str, str] = field(repr=False)

    @property
    def base(self) -> str:
        """Address without the path of chat completions."""
        return self.url.removesuffix("/chat/completions")


def on_this_machine(name: str, api_base: str | None, key_env: str | None) -> Target | None:
    """The target for a loopback address of a provider that honours it; None for any other."""
    provider, _, model = name.partition("/")
    if provider not in HONOUR_ADDRESS or not api_base or not is_loopback(api_base):
        return None
    base = api_base.rstrip("/")
    if provider in _OLLAMA and not base.endswith("/v1"):
        base += "/v1"  # Ollama's own OpenAI-compatible address
    key = os.environ.get(key_env or "OPENAI_API_KEY") or "none-needed"
    return Target(f"{base}/chat/completions", name, model, host_of(base), key_env or "OPENAI_API_KEY", True,
                  lambda request: parameters_of(request, strict=True), _bearer(key))


def elsewhere(litellm: Any, name: str, api_base: str | None, key_env: str | None) -> Target | None:
    """The target of a provider that speaks the OpenAI wire, as litellm resolves it; None where it does not.

    Raises:
        PermanentError: the name stands for no provider, or the key is missing.
    """
    try:
        wire_name, provider, found_key, found_base = litellm.get_llm_provider(model=name, api_base=api_base)
    except litellm.exceptions.BadRequestError as error:
        raise PermanentError(f"{name!r} names no provider.", "Write it as provider/model.") from error
    base = api_base or found_base or (_OPENAI_BASE if provider == "openai" else None)
    if provider not in OPENAI_WIRE or not base:
        return None
    variable = key_env or f"{provider.upper()}_API_KEY"
    key = os.environ.get(variable) or (None if key_env else found_key)
    if not key and not api_base:
        raise PermanentError(f"{name}: there is no key.", f"Set {variable} in the environment.")
    base = base.rstrip("/")
    return Target(f"{base}/chat/completions", name, wire_name, host_of(base), variable, False,
                  _mapped(litellm, wire_name, provider), _bearer(key or "none-needed"))


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _mapped(litellm: Any, model: str, provider: str) -> Callable[[ChatRequest], Mapping[str, Any]]:
    """Parameters as litellm names them for a model (`max_completion_tokens` for some). It is asked once for each
    combination, because asking takes longer than sending."""
    known: dict[tuple[int, float, int, bool], dict[str, Any]] = {}

    def parameters(request: ChatRequest) -> Mapping[str, Any]:
        plain = parameters_of(request, strict=False)
        key = (request.max_tokens, request.temperature, request.seed, request.json_schema is not None)
        if key not in known:
            mapped = litellm.utils.get_optional_params(
                model=model, custom_llm_provider=provider, drop_params=True, **plain)
            mapped.update(mapped.pop("extra_body", None) or {})
            known[key] = {name: value for name, value in mapped.items() if name != "stream"}
        if "response_format" in known[key]:
            return {**known[key], "response_format": plain["response_format"]}
        return known[key]

    return parameters
