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

_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
# Characters of medical prose that stay as they are. A damaged encoding shows in a letter with an accent before a sign.
_PLAIN = re.compile(
    r"(?:[\t\n\r -~°±²³µ½¼·\u0391-\u03a9\u03b1-\u03c9\u2013\u2014\u2022\u2032≤≥≠≈→×]++|[à-áä-ïñ-óö-ýÿ](?=[\s!-~]))*+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
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
    if not text.isascii():
        straight = text.translate(_QUOTES)
        if _plain(straight):
            return _fold(straight)
    elif _plain(text):
        return _fold(text)
    import ftfy

    settings = _repair_settings()
    for _ in range(_MOST_REPAIRS):
        repaired = ftfy.fix_text(_LINE_ENDS.sub("\n", text).translate(_TRANSLATE), settings)
        repaired = _fold(_LINE_ENDS.sub("\n", repaired).translate(_TRANSLATE))
        if repaired == text or _plain(repaired):
            return repaired
        text = repaired
    return text


def _fold(text: str) -> str:
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    if "  " in text or not text.replace("\n", " ").isprintable():
        text = _SPACES.sub(" ", text)
    if "\n" in text:
        if " \n" in text or "\n " in text:
            text = _LINE_EDGES.sub("\n", text)
        if "\n\n\n" in text:
            text = _PARAGRAPHS.sub("\n\n", text)
    return text.strip()


def _plain(text: str) -> bool:
    """Whether nothing in `text` can need repair: printable characters that no damaged encoding gives."""
    if "&" in text and _ENTITY.search(text):
        return False
    if text.isascii():
        return text.replace("\n", " ").replace("\t", " ").replace("\r", " ").isprintable()
    return _PLAIN.fullmatch(text) is not None
