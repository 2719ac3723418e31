"""What a status says. Belongs here: from status and body to a kind of failure. Not here: what is done about it.

Bodies of errors may quote the prompt: they are looked at and never passed on.
"""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.provider import PassingFailure, RequestFailure

_TOO_LONG = ("context_length", "context length", "context window", "context size", "maximum context", "too many tokens",
             "prompt is too long", "input is too long", "exceed_context")
_FILTERED = ("content_filter", "content_policy", "content management policy", "responsibleaipolicy", "safety")
_NO_QUOTA = ("insufficient_quota", "billing_hard_limit", "credit balance", "account is not active")
_NO_MODEL = ("model_not_found", "does not exist", "unknown model", "no such model")


def failure_of(status: int, body: str, headers: Mapping[str, str], model: str, place: str, key: str) -> Exception:
    """The failure that a response other than 200 stands for.

    Args:
        status: HTTP status.
        body: what came with it, or its beginning.
        headers: of the response; case does not matter where the mapping says so.
        model: name in the profile.
        place: host.
        key: name of the environment variable that should hold the key.
    """
    detail, low = f"status {status}", body[:4_000].lower()
    if 300 <= status < 400:
        return redirected(status, model, place)
    if status in (401, 403):
        return PermanentError(f"{model}: the key is missing or refused ({detail}).", f"Set {key} in the environment.")
    if status == 402 or any(word in low for word in _NO_QUOTA):
        return PermanentError(f"{model}: the account has no quota left ({detail}).",
                              "Top it up or name another model; answers so far are kept.")
    if status == 404 or (status == 400 and any(word in low for word in _NO_MODEL)):
        return PermanentError(f"There is no model {model!r} at {place} ({detail}).",
                              "Check model.name and model.api_base.")
    if status == 429:
        return PassingFailure("rate_limit", detail, retry_after(headers))
    if status == 408:
        return PassingFailure("timeout", detail, retry_after(headers))
    if status >= 500 or status in (409, 425):
        if any(word in low for word in _TOO_LONG):  # some local servers
            return too_long(detail)
        return PassingFailure("server_error", detail, retry_after(headers))
    if status == 413 or any(word in low for word in _TOO_LONG):
        return too_long(detail)
    if any(word in low for word in _FILTERED):
        return RequestFailure("content_filter", detail)
    return RequestFailure("bad_request", detail)


def redirected(status: int, model: str, place: str) -> PermanentError:
    """A server sends us elsewhere: nobody allowed that host, and every request would go there."""
    return PermanentError(f"{model}: {place} redirects elsewhere (status {status}); prompts follow no redirect.",
                          "Write the address that really serves the model into model.api_base.")


def too_long(detail: str) -> RequestFailure:
    """The prompt and its answer do not fit into the model's context."""
    return RequestFailure("context_length", f"{detail}; show shorter passages, or name a model with a longer context")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a provider asks to wait: milliseconds, seconds or a date; None where it does not say."""
    try:
        if (value := headers.get("retry-after-ms")) is not None:
            return max(0.0, float(value) / 1000)
        if (value := headers.get("retry-after")) is None:
            return None
        try:
            return max(0.0, float(value))
        except ValueError:
            then = email.utils.parsedate_to_datetime(value)
            return max(0.0, (then - datetime.datetime.now(datetime.UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
