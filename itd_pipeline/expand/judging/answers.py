"""What an answer is worth: parsed and of the asked shape, or turned away with the reason and the raw answer kept.

Belongs here: telling failures apart. Does not belong here: quotes and the recipe's checks (`verdict.py`).

Reasons: the request failed (`model_timeout`, `model_rate_limited`, `model_server_error`, `model_connection`,
`model_error`, `spending_cap`, `content_filter`), the answer was cut (`truncated`), nothing came (`empty_answer`),
the model declined, in words or as {"refusal": ...} (`refused`), the text is no JSON (`malformed_json`), or no object of
the asked schema (`schema_violation`). A code fence around the JSON is taken off: many models add one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from itd_pipeline.ports import ChatAnswer

_KINDS = {
    "timeout": "model_timeout", "rate_limit": "model_rate_limited", "server_error": "model_server_error",
    "batch_waiting": "model_batch_waiting",
    "connection": "model_connection", "spending_cap": "spending_cap", "content_filter": "content_filter",
}
_FENCE = re.compile(r"^```(?:json)?\s*\n?(.*?)\n?```$", re.DOTALL | re.IGNORECASE)
_REFUSES = re.compile(
    r"^\W*(?:i(?:'m| am) (?:very |so )?sorry|sorry,|i (?:can(?:'t|not)|am unable to|am not able to|won't)\b|"
    r"i must decline|as an? (?:ai|artificial|large language|language) |"
    r"i(?:'m| am) (?:just |only )?an? (?:ai|language))",
    re.IGNORECASE)


@dataclass(frozen=True)
class Refused:
    """An answer that does not hold: reason code, and values behind it (never text)."""

    reason: str
    detail: str = ""


def read_answer(answer: ChatAnswer, schema: str) -> dict[str, Any] | Refused:
    """The object that a model answered with, or why there is none.

    Args:
        answer: what came back.
        schema: JSON schema that was asked for.
    """
    if answer.error or answer.finish_reason == "error":
        kind = answer.error.partition(":")[0].strip()
        return Refused(_KINDS.get(kind, "model_error"), f"kind={kind if kind.isidentifier() else 'unknown'}")
    if answer.finish_reason == "content_filter":
        return Refused("content_filter")
    if answer.finish_reason == "length":
        return Refused("truncated", f"completion_tokens={answer.completion_tokens}")
    text = answer.text.strip()
    if not text:
        return Refused("empty_answer")
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = getattr(error, "pos", 0)
        return Refused("refused") if declines(text) else Refused("malformed_json", f"position={at}")
    if isinstance(value, dict) and set(value) == {"refusal"}:
        return Refused("refused")
    if not isinstance(value, dict):
        return Refused("schema_violation", "not an object")
    return _violation(value, schema) or value


def declines(text: str) -> bool:
    """Whether a text opens by declining or by speaking of itself as a model."""
    return bool(_REFUSES.match(text.replace("\u2019", "'")))


def _violation(value: Mapping[str, Any], schema: str) -> Refused | None:
    """The first place where an answer leaves its schema, by its keys and numbers; names that the model made up are
    not told."""
    from jsonschema import ValidationError

    validator = _validator(schema)
    error: ValidationError | None = min(validator.iter_errors(value), default=None,
                                        key=lambda e: (list(map(str, e.absolute_path)), str(e.validator)))
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path)) or "answer"
    if isinstance(error.instance, str):
        return Refused("schema_violation", f"{where}: {error.validator}, {len(error.instance)} characters")
    return Refused("schema_violation", f"{where}: {error.validator}")


@lru_cache(maxsize=512)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema))
