"""litellm's full path, for any provider that it knows. Belongs here: litellm's quirks. Not here: retries, caps, store.

litellm sends once: its own retries are off, because they would escape the ledger. Its price table comes with the
package (a download is tried otherwise) and the profile's price goes before it. Keys come from the environment alone.
Messages of its exceptions may quote the prompt, so only their class and status go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Any

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.locality import host_of, is_loopback
from itd_pipeline.llm.provider import PassingFailure, Reply, RequestFailure
from itd_pipeline.llm.wire.chat import messages_of, parameters_of, reply_of
from itd_pipeline.llm.wire.failures import redirected, retry_after, too_long
from itd_pipeline.llm.wire.proxies import go_around
from itd_pipeline.llm.wire.redirects import refused
from itd_pipeline.ports import ChatRequest


class LitellmProvider:
    """See the module. Follows `provider.Provider`.

    Args:
        name: name of the model, as litellm writes it.
        api_base: address of the server; None for the provider's own.
        key_env: environment variable that holds the key; None for the one that litellm looks for.
        timeout_s: longest time for one answer, all of it.
    """

    def __init__(self, name: str, api_base: str | None, key_env: str | None, timeout_s: float) -> None:
        self._name, self._timeout_s = name, timeout_s
        self._litellm = load_litellm()
        self._key_env = key_env
        self._local = bool(api_base) and is_loopback(api_base or "")
        self._place = host_of(api_base or "") or name.partition("/")[0]
        self._fixed: dict[str, Any] = {"model": name, "timeout": timeout_s, "num_retries": 0, "max_retries": 0}
        if api_base:
            self._fixed["api_base"] = api_base
        key = os.environ.get(key_env) if key_env else None
        if key:
            self._fixed["api_key"] = key
        elif self._local and not os.environ.get("OPENAI_API_KEY"):
            self._fixed["api_key"] = "none-needed"

    async def send(self, request: ChatRequest, request_id: str) -> Reply:
        with refused() as redirects:
            try:
                response = await asyncio.wait_for(self._litellm.acompletion(
                    messages=messages_of(request), **self._fixed, **parameters_of(request, self._local)),
                    self._timeout_s)
            except TimeoutError:
                raise PassingFailure("timeout", f"no whole answer within {self._timeout_s:g} s") from None
            except Exception as error:
                raise redirected(redirects[0], self._name, self._place) if redirects else self._failure(error) from None
        try:
            return reply_of(_plain(response), request)
        except RequestFailure:
            raise
        except Exception as error:  # whatever a server sends must not take the answers beside it along
            raise RequestFailure("bad_response", type(error).__name__, billed=True) from None

    async def close(self) -> None:
        try:
            await self._litellm.close_litellm_async_clients()
        except Exception as error:  # a boundary: closing must not undo what was answered
            logging.getLogger(__name__).debug("litellm's connections did not close: %s", type(error).__name__)

    def _failure(self, error: Exception) -> Exception:
        """An exception of litellm as one of ours, told apart by class, then by status."""
        known = self._litellm.exceptions
        status = getattr(error, "status_code", None)
        detail = f"{type(error).__name__}" + (f" (status {status})" if isinstance(status, int) else "")
        if isinstance(error, known.Timeout):
            return PassingFailure("timeout", detail)
        if isinstance(error, known.RateLimitError):
            if "insufficient_quota" in str(error):
                return PermanentError(f"{self._name}: the account has no quota left.",
                                      "Top it up or name another model; answers so far are kept.")
            return PassingFailure("rate_limit", detail, _asked_to_wait(error))
        if isinstance(error, (known.AuthenticationError, known.PermissionDeniedError)):
            return PermanentError(f"{self._name}: the key is missing or refused ({detail}).",
                                  f"Set {self._key_env or 'the provider’s key, such as OPENAI_API_KEY,'} in the "
                                  "environment.")
        if isinstance(error, known.NotFoundError):
            return PermanentError(f"There is no model {self._name!r} there ({detail}).",
                                  "Check model.name and model.api_base.")
        if isinstance(error, known.ContextWindowExceededError):
            return too_long(detail)
        if isinstance(error, known.ContentPolicyViolationError):
            return RequestFailure("content_filter", detail)
        if isinstance(error, known.BadRequestError) and "LLM Provider NOT provided" in str(error):
            return PermanentError(f"{self._name!r} names no provider.", "Write it as provider/model.")
        if isinstance(error, known.APIConnectionError) and not isinstance(error, known.InternalServerError):
            return PassingFailure("connection", detail)
        if isinstance(status, int) and status >= 500:
            return PassingFailure("server_error", detail, _asked_to_wait(error))
        return RequestFailure("bad_request", detail)


def _plain(response: Any) -> dict[str, Any]:
    """What `chat.reply_of` reads of litellm's response."""
    choice = response.choices[0]
    message = choice.message
    refusal = getattr(message, "refusal", None) \
        or (getattr(message, "provider_specific_fields", None) or {}).get("refusal")
    usage = getattr(response, "usage", None)
    details = getattr(usage, "prompt_tokens_details", None)
    return {
        "model": getattr(response, "model", "") or "",
        "choices": [{"finish_reason": choice.finish_reason, "message": {"content": message.content,
                                                                        "refusal": refusal}}],
        "usage": {"prompt_tokens": getattr(usage, "prompt_tokens", 0) or 0,
                  "completion_tokens": getattr(usage, "completion_tokens", 0) or 0,
                  "prompt_tokens_details": {"cached_tokens": getattr(details, "cached_tokens", 0) or 0}},
    }


def load_litellm(local_hosts: Sequence[str] = ()) -> Any:
    """litellm, set up so that it downloads nothing, reports nothing, and no proxy sees prompts to `local_hosts`."""
    around = go_around(local_hosts)
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


def _asked_to_wait(error: Exception) -> float | None:
    response = getattr(error, "response", None)
    return retry_after(response.headers) if response is not None and hasattr(response, "headers") else None
