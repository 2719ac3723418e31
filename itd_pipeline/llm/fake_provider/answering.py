"""What the fake provider says: a sentence of the passage, or a value that follows the schema, by the prompt alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SENTENCE = re.compile(r"[^.!?\n]{20,}[.!?]")
_FENCED = re.compile(r"<<<\n(.*?)\n>>>", re.DOTALL)
_REFUSAL = "I'm sorry, but I cannot help with that."
_LONGEST = 400


def answer_to(body: Mapping[str, Any], number: int, fault: str) -> tuple[str, str, int, int]:
    """(text, finish reason, tokens sent, tokens received) for the body of a chat request.

    Args:
        body: of the request.
        number: chooses among what could be said.
        fault: kind of misbehaviour; see `behaviour.FAULTS`.
    """
    messages = body.get("messages") or []
    prompt = "\n".join(str(m.get("content") or "") for m in messages)
    sent = len(prompt) // 4 + 1
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    text = _text(messages, prompt, schema, 0 if fault == "duplicate" else number, fault)
    if fault == "truncated":
        most = int(body.get("max_tokens") or body.get("max_completion_tokens") or 64)
        return text[: max(1, len(text) * 2 // 3)], "length", sent, most
    return text, "stop", sent, len(text) // 4 + 1


def _text(messages: list[Any], prompt: str, schema: Any, number: int, fault: str) -> str:
    if fault == "refused":
        return _REFUSAL
    if fault == "duplicate":
        prompt = "This answer is given to every prompt alike, whatever it asks for."
    quote = _quote(prompt if fault == "duplicate" else _last_with_passage(messages, prompt), number)
    if not isinstance(schema, dict):
        return quote
    if fault == "wrong_schema":
        return json.dumps({"something": "else"})
    text = json.dumps(_value(schema, quote, number, "answer"), ensure_ascii=False)
    return text[: len(text) * 2 // 3] if fault == "malformed" else text


def _last_with_passage(messages: list[Any], prompt: str) -> str:
    for message in reversed(messages):
        if found := _FENCED.search(str(message.get("content") or "")):
            return found[1]
    return prompt


def _quote(text: str, number: int) -> str:
    sentences = [s.strip() for s in _SENTENCE.findall(text)]
    return sentences[number % len(sentences)] if sentences else " ".join(text.split())[:200]


def _value(schema: Mapping[str, Any], quote: str, number: int, name: str) -> Any:
    """A value that follows a JSON schema, as far as instruction records need one."""
    if schema.get("enum"):
        return schema["enum"][number % len(schema["enum"])]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {key: _value(part, quote, number + place, key)
                for place, (key, part) in enumerate((schema.get("properties") or {}).items())}
    if kind == "array":
        count = max(int(schema.get("minItems", 1)), 1)
        return [_value(schema.get("items") or {}, quote, number + i, name) for i in range(count)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return bool(number % 2)
    if kind == "null":
        return None
    text = f"What should be known about {' '.join(quote.split()[:6]).rstrip('.,;:?')[:60]}?" if name == "question" \
        else quote
    text = text[: int(schema.get("maxLength", _LONGEST))]
    return text + "." * max(0, int(schema.get("minLength", 0)) - len(text))
