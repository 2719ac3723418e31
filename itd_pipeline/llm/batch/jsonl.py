"""The lines of a batch: one request each on the way in, one result each on the way out.

Belongs here: the format. Results come in any order and are told apart by `custom_id`, the hash of the request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.llm.provider import PassingFailure, Reply, RequestFailure
from itd_pipeline.llm.wire.chat import messages_of, reply_of
from itd_pipeline.llm.wire.failures import failure_of
from itd_pipeline.llm.wire.resolving import Target
from itd_pipeline.ports import ChatRequest, canonical_json


@dataclass(frozen=True)
class Result:
    """What came of one request of a batch: a reply, or a failure."""

    request_id: str
    reply: Reply | None = None
    failure: str = ""


def lines_of(requests: Mapping[str, ChatRequest], target: Target) -> bytes:
    """The file to hand in.

    Args:
        requests: request id -> request.
        target: names model and parameters.
    """
    return b"".join(canonical_json({
        "custom_id": one, "method": "POST", "url": "/v1/chat/completions",
        "body": {"model": target.name, "messages": messages_of(request), **target.parameters(request)},
    }).encode() + b"\n" for one, request in requests.items())


def results_of(content: bytes, requests: Mapping[str, ChatRequest], target: Target) -> Iterator[Result]:
    """Results in a file that came back; lines that no request asked for, or that are no result, are passed over."""
    for line in content.splitlines():
        try:
            value = json.loads(line)
            one = value["custom_id"]
            response = value.get("response") or {}
            status, body = int(response.get("status_code") or 500), response.get("body")
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        if one in requests:
            yield _result(one, status, body, requests[one], target)


def _result(one: str, status: int, body: Any, request: ChatRequest, target: Target) -> Result:
    if status == 200:
        try:
            return Result(one, reply_of(body, request))
        except RequestFailure as no_answer:
            return Result(one, failure=f"{no_answer.kind}: {no_answer.detail}")
    error = failure_of(status, canonical_json(body), {}, target.model, target.place, target.key_env)
    if isinstance(error, (PassingFailure, RequestFailure)):
        return Result(one, failure=f"{error.kind}: {error.detail}")
    return Result(one, failure=f"bad_request: status {status}")
