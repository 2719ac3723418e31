"""The fake model `fake/scripted`: deterministic, free unless priced, and able to misbehave on purpose.

Belongs here: standing in for a model in tests and rehearsals. Its answers come from the prompt alone: a sentence of the
passage is quote and answer. `model.options`:

    journal     file to which a line is appended (flushed and synchronised) for every request, before it is answered
    latency_s   seconds before each answer
    misbehave   kind -> share of prompts, chosen by the prompt's hash: `timeout` (every other one persists),
                `rate_limit`, `server_error` (both pass at the second try), `malformed`, `truncated`, `refused`,
                `nonsense` (good JSON, a quote that stands nowhere)
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.llm.provider import PassingFailure, Reply
from itd_pipeline.ports import ChatRequest

FAKE = "fake/scripted"
MISBEHAVIOUR = ("timeout", "rate_limit", "server_error", "malformed", "truncated", "refused", "nonsense")
_OPTIONS = ("journal", "latency_s", "misbehave")
_SENTENCE = re.compile(r"[^.!?\n]{20,}[.!?]")
_FENCED = re.compile(r"<<<\n(.*?)\n>>>", re.DOTALL)


class FakeProvider:
    """See the module. Follows `provider.Sender`.

    Raises:
        ConfigError: an unknown option or kind of misbehaviour, or shares above 1.
    """

    def __init__(self, model: settings.Model) -> None:
        options = dict(model.options)
        if unknown := sorted(set(options) - set(_OPTIONS)):
            raise ConfigError(f"{FAKE} has no option {unknown[0]!r}.", f"Its options: {', '.join(_OPTIONS)}.")
        self._shares: dict[str, float] = dict(options.get("misbehave") or {})
        if unknown := sorted(set(self._shares) - set(MISBEHAVIOUR)):
            raise ConfigError(f"{FAKE} cannot misbehave by {unknown[0]!r}.", f"It can by: {', '.join(MISBEHAVIOUR)}.")
        if sum(self._shares.values()) > 1 or min(self._shares.values(), default=0) < 0:
            raise ConfigError(f"{FAKE}: shares of misbehaviour are below 0 or sum to more than 1.")
        self._journal = Path(options["journal"]) if options.get("journal") else None
        self._latency_s = float(options.get("latency_s") or 0)
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    def send(self, request: ChatRequest, request_id: str) -> Reply:
        with self._lock:
            self._tries[request_id] += 1
            attempt = self._tries[request_id]
            self._write(request_id, attempt)
        if self._latency_s:
            time.sleep(self._latency_s)
        kind = self._misbehaviour(request_id)
        if kind in ("rate_limit", "server_error") and attempt == 1:
            raise PassingFailure(kind, "scripted", retry_after_s=0.0)
        if kind == "timeout" and (attempt == 1 or int(request_id[-1], 16) % 2):
            raise PassingFailure(kind, "scripted", retry_after_s=0.0)
        text = _answer(request, int(request_id[:8], 16), kind)
        sent = sum(len(content) for _, content in request.messages) // 4 + 1
        if kind == "truncated":
            return Reply(text, "length", sent, request.max_tokens)
        return Reply(text, "stop", sent, min(request.max_tokens, len(text) // 4 + 1))

    def _write(self, request_id: str, attempt: int) -> None:
        if self._journal is None:
            return
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"request_id": request_id, "attempt": attempt}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _misbehaviour(self, request_id: str) -> str:
        at = int(request_id[8:24], 16) / 16**16
        for kind in MISBEHAVIOUR:
            at -= self._shares.get(kind, 0.0)
            if at < 0:
                return kind
        return ""


def _answer(request: ChatRequest, number: int, kind: str) -> str:
    if kind == "refused":
        return "I'm sorry, but I cannot help with that."
    quote = _quote(request, number)
    if request.json_schema is None:
        return quote
    value: dict[str, Any] = {
        "quote": "These words stand in no passage." if kind == "nonsense" else quote,
        "question": f"What should be known about {' '.join(quote.split()[:6]).rstrip('.,;:?')[:60]}?",
        "answer": quote if len(quote) <= _longest(request.json_schema) else quote[: _longest(request.json_schema)],
    }
    text = json.dumps(value, ensure_ascii=False)
    return text[: len(text) * 2 // 3] if kind in ("malformed", "truncated") else text


def _quote(request: ChatRequest, number: int) -> str:
    """A sentence of the passage: one that the schema offers, or one of the last message."""
    if request.json_schema is not None:
        offered = json.loads(request.json_schema)["properties"].get("quote", {}).get("enum")
        if offered:
            return str(offered[number % len(offered)])
    message = request.messages[-1][1]
    fenced = _FENCED.search(message)
    sentences = [s.strip() for s in _SENTENCE.findall(fenced[1] if fenced else message)]
    return sentences[number % len(sentences)] if sentences else message[:200].strip()


def _longest(schema: str) -> int:
    return int(json.loads(schema)["properties"].get("answer", {}).get("maxLength", 1_000))
