"""The OpenAI chat wire: the body of a request, and a reply from the body of a response.

Belongs here: the two formats. Does not belong here: sending. Format: OpenAI API reference, chat completions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from itd_pipeline.llm.provider import Reply, RequestFailure
from itd_pipeline.ports import ChatRequest, FinishReason, canonical_json

_FINISH = {"stop": "stop", "length": "length", "content_filter": "content_filter", "eos": "stop",
           "max_tokens": "length"}


def parameters_of(request: ChatRequest, strict: bool) -> dict[str, Any]:
    """Sampling parameters as OpenAI calls them.

    Args:
        strict: whether the schema binds the server word for word.
    """
    plain: dict[str, Any] = {"max_tokens": request.max_tokens, "temperature": request.temperature,
                             "seed": request.seed}
    if request.json_schema is not None:
        plain["response_format"] = {"type": "json_schema", "json_schema": {
            "name": "answer", "schema": json.loads(request.json_schema), "strict": strict}}
    return plain


def messages_of(request: ChatRequest) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in request.messages]


def body_of(request: ChatRequest, name: str, parameters: Mapping[str, Any]) -> bytes:
    """Bytes of a request."""
    return json.dumps({"model": name, "messages": messages_of(request), **parameters}, ensure_ascii=False,
                      separators=(",", ":")).encode()


def reply_of(raw: bytes | Mapping[str, Any], request: ChatRequest) -> Reply:
    """The reply that a response holds. A refusal (OpenAI's field beside an empty content) becomes the object
    {"refusal": text}, which `expand` tells from a bad answer. A server that counts no tokens gets four bytes for one.

    Raises:
        RequestFailure: it is no answer.
    """
    try:
        value = json.loads(raw) if isinstance(raw, bytes) else raw
        choice = value["choices"][0]
        message = choice["message"]
        content = message.get("content")
        if content is not None and not isinstance(content, str):
            raise TypeError
        if not (content or "").strip() and message.get("refusal"):
            content = canonical_json({"refusal": str(message["refusal"])})
        usage = value.get("usage") or {}
        details = usage.get("prompt_tokens_details") or {}
        cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0
        sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if sent is None:
            sent = sum(len(text.encode()) for _, text in request.messages) // 4 + 1
        if received is None:
            received = len((content or "").encode()) // 4 + 1
        finish = _FINISH.get(str(choice.get("finish_reason")), "stop")
        return Reply(content or "", cast(FinishReason, finish), int(sent), int(received), int(cached),
                     str(value.get("model") or ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise RequestFailure("bad_response", type(error).__name__, billed=True) from None
