"""What a person does not see and a model reads: characters without width, tags, turned writing, encoded text.

Soft hyphens, non-joiners inside Persian or Indic words, a mark of direction beside Arabic or Hebrew, and the joiner of
an emoji are writing, not hiding. Long strings of letters are sequences of genes and proteins, hashes and addresses: an
encoded text counts only where it decodes to words.
"""

from __future__ import annotations

import base64
import binascii
import re

from itd_pipeline.text.injection.rule import InjectionRule

_ENCODED = re.compile(r"[a-zA-Z]{2,}")


def _says_something(match: re.Match[str]) -> bool:
    """Whether base64 decodes to a text of words."""
    raw = match[0].rstrip("=")
    try:
        text = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    words = _ENCODED.findall(text)
    return text.isprintable() and len(words) >= 3 and sum(map(len, words)) >= 0.6 * len(text)


def _hex_says_something(match: re.Match[str]) -> bool:
    raw = re.sub(r"(?:\\x|0x|[\s,])", "", match[0])
    try:
        text = bytes.fromhex(raw).decode("ascii")
    except ValueError:
        return False
    return text.isprintable() and len(_ENCODED.findall(text)) >= 3


def _within_latin(match: re.Match[str]) -> bool:
    """Characters without width between Latin letters have no use."""
    before, after = match.string[max(0, match.start() - 1):match.start()], match.string[match.end():match.end() + 1]
    return len(match[0]) >= 3 or (before.isascii() and before.isalpha() and after.isascii() and after.isalpha())


HIDDEN = (
    InjectionRule("invisible_tags", re.compile("[\U000e0000-\U000e007f]{3,}"),
                  lambda match: match.string[match.start() - 1:match.start()] != "\U0001f3f4"),  # flags of regions
    InjectionRule("zero_width", re.compile("[\u200b\u2060\ufeff\u180e\u2061-\u2064]+"), _within_latin),
    InjectionRule("turned_writing", re.compile("[\u202d\u202e]")),
    InjectionRule("variation_bytes", re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")),
    InjectionRule("encoded_base64", re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=])"),
                  _says_something),
    InjectionRule("encoded_hex", re.compile(r"(?:\\x[0-9a-fA-F]{2}){12,}|\b(?:[0-9a-fA-F]{2}){16,}\b"),
                  _hex_says_something),
    InjectionRule("hidden_markup", re.compile(
        r"<[a-z][^<>]{0,200}\bstyle\s*=\s*[\"'][^\"']{0,200}(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0"
        r"(?![.\d])|opacity\s*:\s*0(?![.\d])|color\s*:\s*(?:white|#fff(?:fff)?)\b)", re.IGNORECASE)),
    InjectionRule("comment_command", re.compile(
        r"<!--(?=[^>]{0,400}\b(?:ignore|disregard|instructions?|prompt|you\s+(?:are|must|should)|assistant)\b)[^>]{0,400}"
        r"\b(?:ai|llm|model|assistant|chatbot|instructions?|prompt)\b", re.IGNORECASE)),
)
