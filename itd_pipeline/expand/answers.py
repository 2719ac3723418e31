"""What a model's answer is worth as a record: parsed, or turned away with the reason and the raw answer kept.

Belongs here: telling failures apart. Does not belong here: whether a good-looking answer is true (`signals/`).

Reasons: the request failed (`model_timeout`, `model_rate_limited`, `model_server_error`, `model_connection`,
`model_batch_waiting`, `model_error`, `spending_cap`, `content_filter`), the answer was cut (`truncated`), nothing came
(`empty_answer`), the model declined, in words or as {"refusal": ...} (`refused`), the text is no JSON
(`malformed_json`), no object of the asked shape (`schema_violation`), its quote does not stand in the passage
(`quote_not_found`), or it repeats the prompt's own example (`prompt_echo`). A code fence around the JSON is taken off:
many models add one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from itd_pipeline.expand.prompts import QUOTE_CHARS, Prompt
from itd_pipeline.expand.quotes import locate
from itd_pipeline.ports import ChatAnswer

_KINDS = {
    "timeout": "model_timeout", "rate_limit": "model_rate_limited", "server_error": "model_server_error",
    "connection": "model_connection", "batch_waiting": "model_batch_waiting",
    "spending_cap": "spending_cap", "content_filter": "content_filter",
}
_FENCE = re.compile(r"^```(?:json)?\s*\n?(.*?)\n?```$", re.DOTALL | re.IGNORECASE)
_REFUSES = re.compile(
    r"^\W*(?:i(?:'m| am) (?:very |so )?sorry|sorry,|i (?:can(?:'t|not)|am unable to|am not able to|won't)\b|"
    r"i must decline|as an? (?:ai|artificial|large language|language) |"
    r"i(?:'m| am) (?:just |only )?an? (?:ai|language))",
    re.IGNORECASE)


@dataclass(frozen=True)
class Parsed:
    """An answer that holds.

    Args:
        question: the question.
        answer: the answer.
        start: first character of the quote in the passage.
        end: one past its last character.
    """

    question: str
    answer: str
    start: int
    end: int


@dataclass(frozen=True)
class Refused:
    """An answer that does not hold: reason code, and values behind it (never text)."""

    reason: str
    detail: str = ""


def judge(answer: ChatAnswer, prompt: Prompt, passage_text: str) -> Parsed | Refused:
    """What an answer is worth. `passage_text` is the whole passage; offsets are in it."""
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
    plain = text.replace("\u2019", "'")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = getattr(error, "pos", 0)
        return Refused("refused") if _REFUSES.match(plain) else Refused("malformed_json", f"position={at}")
    if isinstance(value, dict) and set(value) == {"refusal"}:
        return Refused("refused")
    return _shape(value, prompt) or _content(value, prompt, passage_text)


def _shape(value: object, prompt: Prompt) -> Refused | None:
    if not isinstance(value, dict):
        return Refused("schema_violation", "not an object")
    longest = {"quote": QUOTE_CHARS, "question": prompt.question_chars, "answer": prompt.answer_chars}
    for key, most in longest.items():
        if not isinstance(value.get(key), str):
            return Refused("schema_violation", f"{key} is missing or no text")
        if len(value[key]) > most and not (key == "quote" and prompt.quote == "sentence"):
            return Refused("schema_violation", f"{key}: {len(value[key])} characters, at most {most}")
    if set(value) - set(longest):
        return Refused("schema_violation", f"{len(set(value) - set(longest))} keys too many")
    return None


def _content(value: dict[str, str], prompt: Prompt, passage_text: str) -> Parsed | Refused:
    question, answer = value["question"].strip(), value["answer"].strip()
    if not any(c.isalnum() for c in answer):
        return Refused("empty_answer", "answer holds no word")
    if _REFUSES.match(answer.replace("\u2019", "'")):
        return Refused("refused")
    if not any(c.isalnum() for c in question):
        return Refused("schema_violation", "question holds no word")
    if prompt.example_question and question.casefold() == prompt.example_question.casefold():
        return Refused("prompt_echo")
    found = locate(value["quote"], passage_text)
    if found is None:
        return Refused("quote_not_found", f"quote of {len(value['quote'])} characters")
    return Parsed(question, answer, *found)
