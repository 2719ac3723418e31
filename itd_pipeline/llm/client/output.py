"""Whether an answer has the form that was asked for, and how to ask for it again.

Belongs here: JSON and its schema. Does not belong here: whether what it says is true (`expand/`, `signals/`).

A malformed answer is shown to the model together with what is wrong, as a next turn of the same talk. What is wrong
is said to the model in full and to everyone else as a kind: messages of a validator quote the answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from itd_pipeline.ports import ChatRequest

_FENCE = re.compile(r"^```(?:json)?\s*\n?(.*?)\n?```$", re.DOTALL | re.IGNORECASE)
_SHOWN_CHARS = 4_000
_SHOWN_PROBLEM = 300


def problem_with(text: str, schema: str | None) -> tuple[str, str] | None:
    """What is wrong with an answer: (kind, sentence for the model); None where it follows its schema.

    Kinds: `malformed` (no JSON), `wrong_schema`. An empty answer, a refusal and anything that does not even begin as
    JSON while it declines are left to those who judge answers: asking again for the form does not help there.
    """
    if schema is None:
        return None
    text = text.strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    if not text or ("{" not in text and "[" not in text and "```" not in text):
        return None if not text or _declines(text) else ("malformed", "it is no JSON")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return "malformed", f"it is no valid JSON ({str(error)[:_SHOWN_PROBLEM]})"
    if isinstance(value, dict) and set(value) == {"refusal"}:
        return None
    wrong = next(_validator(schema).iter_errors(value), None)
    if wrong is None:
        return None
    where = ".".join(str(part) for part in wrong.absolute_path)
    return "wrong_schema", f"{where + ': ' if where else ''}{wrong.message[:_SHOWN_PROBLEM]}"


def _declines(text: str) -> bool:
    start = text[:80].replace("\u2019", "'").lower()
    return any(word in start for word in ("sorry", "cannot", "can't", "unable", "won't", "as an ai", "decline"))


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    from jsonschema.validators import Draft202012Validator

    return Draft202012Validator(json.loads(schema))


def ask_again(request: ChatRequest, text: str, sentence: str) -> ChatRequest:
    """The request with its malformed answer and what is wrong with it as further turns."""
    shown = text[:_SHOWN_CHARS]
    return replace(request, messages=(
        *request.messages, ("assistant", shown),
        ("user", f"This answer cannot be used: {sentence}. Answer again with one JSON object that follows the schema, "
                 "and nothing else."),
    ))


def with_more_tokens(request: ChatRequest) -> ChatRequest:
    """The request with twice the tokens for its answer."""
    return replace(request, max_tokens=2 * request.max_tokens)
