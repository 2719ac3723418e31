"""Any model that litellm knows. Belongs here: litellm's quirks. Not here: retries, cap, store (`stored.py`).

litellm sends once: its own retries are off, because they would escape the ledger. Its price table comes with the
package (a download is tried otherwise) and the profile's price goes before it. Keys come from the environment alone.
Messages of its exceptions may quote the prompt, so only their class and status go on.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any, cast

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.locality import host_of, is_local
from itd_pipeline.llm.provider import PassingFailure, Reply, RequestFailure
from itd_pipeline.ports import ChatRequest, FinishReason, canonical_json

_FINISH = {"stop": "stop", "length": "length", "content_filter": "content_filter", "eos": "stop",
           "max_tokens": "length"}


class LitellmProvider:
    """See the module. Follows `provider.Provider`.

    Args:
        model: the profile's model section.
        served_at: addresses of the servers inside this process, for the carried model; each gets one request at a time.

    Raises:
        PermanentError: litellm knows no price for the model and the profile names none.
    """

    def __init__(self, model: settings.Model, served_at: Sequence[str] = ()) -> None:
        self._model = model
        self._local = is_local(model)
        hosts = [host_of(address) for address in (served_at or [model.api_base or ""])] if self._local else []
        self._litellm = _load(hosts)
        self._name = model.name if not served_at else "openai/" + model.name.removeprefix("local/")
        self._free: SimpleQueue[str | None] = SimpleQueue()
        addresses: Sequence[str | None] = served_at or [model.api_base] * model.concurrency
        for address in addresses:
            self._free.put(address)
        self._price = self._known_price()

    def price_per_million_tokens(self) -> tuple[float, float]:
        return self._price

    def _known_price(self) -> tuple[float, float]:
        if self._model.price_per_million_tokens is not None:
            return self._model.price_per_million_tokens
        if self._local:
            return 0.0, 0.0
        try:
            sent, received = self._litellm.cost_per_token(
                model=self._name, prompt_tokens=1_000_000, completion_tokens=1_000_000)
        except Exception as error:
            raise PermanentError(f"No price is known for {self._model.name!r}.",
                                 "Set model.price_per_million_tokens; [0, 0] for a server of your own.") from error
        return float(sent), float(received)

    def send(self, request: ChatRequest, request_id: str) -> Reply:
        extra: dict[str, Any] = {}
        if request.json_schema is not None:
            extra["response_format"] = {"type": "json_schema", "json_schema": {
                "name": "answer", "schema": json.loads(request.json_schema), "strict": self._local}}
        if self._local and not os.environ.get("OPENAI_API_KEY"):
            extra["api_key"] = "none-needed"
        base = self._free.get()
        if base:
            extra["api_base"] = base
        try:
            response = self._litellm.completion(
                model=self._name,
                messages=[{"role": role, "content": content} for role, content in request.messages],
                max_tokens=request.max_tokens, temperature=request.temperature, seed=request.seed,
                timeout=self._model.timeout_s, num_retries=0, max_retries=0, **extra,
            )
        except Exception as error:
            raise self._failure(error) from None
        finally:
            self._free.put(base)
        try:
            return _reply(response)
        except Exception as error:  # whatever a server sends must not take the answers beside it along
            raise RequestFailure("bad_response", type(error).__name__, billed=True) from None

    def _failure(self, error: Exception) -> Exception:
        """An exception of litellm as one of ours, told apart by class, then by status."""
        known = self._litellm.exceptions
        status = getattr(error, "status_code", None)
        detail = f"{type(error).__name__}" + (f" (status {status})" if isinstance(status, int) else "")
        if isinstance(error, known.Timeout):
            return PassingFailure("timeout", detail)
        if isinstance(error, known.RateLimitError):
            if "insufficient_quota" in str(error):
                return PermanentError(f"{self._model.name}: the account has no quota left.",
                                      "Top it up or name another model; answers so far are kept.")
            return PassingFailure("rate_limit", detail, _retry_after(error))
        if isinstance(error, (known.AuthenticationError, known.PermissionDeniedError)):
            return PermanentError(f"{self._model.name}: the key is missing or refused ({detail}).",
                                  "Set the provider's key in the environment, such as OPENAI_API_KEY.")
        if isinstance(error, known.NotFoundError):
            return PermanentError(f"There is no model {self._model.name!r} there ({detail}).",
                                  "Check model.name and model.api_base.")
        if isinstance(error, known.ContextWindowExceededError):
            return RequestFailure("context_length", detail)
        if isinstance(error, known.ContentPolicyViolationError):
            return RequestFailure("content_filter", detail)
        if isinstance(error, known.BadRequestError) and "LLM Provider NOT provided" in str(error):
            return PermanentError(f"{self._model.name!r} names no provider.", "Write it as provider/model.")
        if isinstance(error, known.APIConnectionError) and not isinstance(error, known.InternalServerError):
            return PassingFailure("connection", detail)
        if isinstance(status, int) and status >= 500:
            return PassingFailure("server_error", detail, _retry_after(error))
        return RequestFailure("bad_request", detail)


def _reply(response: Any) -> Reply:
    """What litellm made of the response. A refusal (OpenAI's field beside an empty content) becomes the object
    {"refusal": text}, which `expand` tells from a bad answer."""
    choice = response.choices[0]
    content = choice.message.content
    if content is not None and not isinstance(content, str):
        raise TypeError
    if not (content or "").strip():
        refusal = getattr(choice.message, "refusal", None) \
            or (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
        if refusal:
            content = canonical_json({"refusal": str(refusal)})
    usage = getattr(response, "usage", None)
    finish = _FINISH.get(str(choice.finish_reason), "stop")
    return Reply(content or "", cast(FinishReason, finish),
                 int(getattr(usage, "prompt_tokens", 0) or 0), int(getattr(usage, "completion_tokens", 0) or 0))


def _load(local_hosts: Sequence[str]) -> Any:
    """litellm, set up so that no proxy sees prompts to `local_hosts`."""
    around = _go_around_proxies(local_hosts)
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    import litellm

    litellm.telemetry = False
    litellm.drop_params = True
    litellm.suppress_debug_info = True
    litellm.api_base = None  # would go before the profile's address
    if around:  # clients read the proxies when they are made, and some serve every host
        clients: Any = litellm.in_memory_llm_clients_cache
        clients.flush_cache()
        vars(litellm).pop("module_level_client", None)
    for name in ("LiteLLM", "litellm", "httpx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return litellm


def _go_around_proxies(hosts: Sequence[str]) -> bool:
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


def _retry_after(error: Exception) -> float | None:
    response = getattr(error, "response", None)
    value = getattr(response, "headers", {}).get("retry-after") if response is not None else None
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None
