"""Unicode repair and white space. Belongs here: what makes two spellings of the same text equal. Not here: meaning.

Medicine lives in characters that a careless cleaner loses: µ and μ, ½, Greek letters, superscripts, ≥ and ≤ all
stay, because the normal form is NFC and not NFKC (which would turn 10² into 102). Curly quotes
become straight, ligatures (ﬁ) become letters, damaged encodings are repaired by ftfy. Lines stay lines and
paragraphs stay paragraphs, each line with single spaces.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ftfy

# Everything that plain text never needs: other control characters, or an ampersand that may open an entity.
_NEEDS_REPAIR = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_LINE_EDGES = re.compile(r" ?\n ?")
_PARAGRAPHS = re.compile(r"\n{3,}")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
     *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
)
_TRANSLATE: dict[int, str | None] = {**_INVISIBLE, 0x2011: "-", 0xF0B7: "•", 0xF0A7: "•", 0xFFFD: None}
_MOST_REPAIRS = 4


@cache
def _repair_settings() -> ftfy.TextFixerConfig:
    import ftfy

    return ftfy.TextFixerConfig(
        unescape_html="auto", normalization="NFC", uncurl_quotes=True, fix_latin_ligatures=True,
        fix_character_width=True, remove_control_chars=True, remove_terminal_escapes=True, explain=False,
    )


def normalise(text: str) -> str:
    """`text` repaired and with folded white space; the result is a fixed point (normalising it changes nothing).

    Control, bidirectional and invisible characters go; no-break spaces become spaces; more than one empty line
    becomes one. Plain ASCII takes a fast path without ftfy.
    """
    if text.isascii() and not _NEEDS_REPAIR.search(text):
        return _fold(text)
    import ftfy

    settings = _repair_settings()
    for _ in range(_MOST_REPAIRS):
        repaired = ftfy.fix_text(_LINE_ENDS.sub("\n", text).translate(_TRANSLATE), settings)
        repaired = _fold(_LINE_ENDS.sub("\n", repaired).translate(_TRANSLATE))
        if repaired == text:
            break
        text = repaired
    return text


def _fold(text: str) -> str:
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _PARAGRAPHS.sub("\n\n", _LINE_EDGES.sub("\n", text))
    return text.strip()
