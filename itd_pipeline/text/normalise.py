"""Unicode repair and white space. Belongs here: what makes two spellings of the same text equal. Not here: meaning.

Medicine lives in characters that a careless cleaner loses: µ and μ, ½, Greek letters, superscripts, ≥ and ≤ all
stay, because the normal form is NFC and not NFKC (which would turn 10² into 102). Curly quotes
become straight, ligatures (ﬁ) become letters, damaged encodings are repaired by ftfy. Lines stay lines and
paragraphs stay paragraphs, each line with single spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ftfy

_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
# Characters of medical prose that stay as they are. A damaged encoding shows in a letter with an accent before a sign.
_PLAIN = re.compile(
    r"(?:[\t\n\r -~°±²³µ½¼·\u0391-\u03a9\u03b1-\u03c9\u2013\u2014\u2022\u2032≤≥≠≈→×©®™−…]++|"
    r"[à-áä-ïñ-óö-ýÿ](?=[\s!-~]))*+")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_LINE_EDGES = re.compile(r" ?\n ?")
_PARAGRAPHS = re.compile(r"\n{3,}")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
     *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
)
_TRANSLATE: dict[int, str | None] = {**_INVISIBLE, 0x2011: "-", 0xF0B7: "•", 0xF0A7: "•", 0xFFFD: None}
# UTF-8 read as Windows-1252, which has no sign for five bytes: what damaged the text dropped them. Of the marks that
# lose their last byte the closing quote is the common one; between letters it was a hyphen.
_CONTINUED = (
    "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c"
    "\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178")
_LOST_HYPHEN = re.compile(rf"(?<=[^\W_])\u00e2\u20ac(?=[^\W_])(?![{_CONTINUED}])")
_LOST_QUOTE = re.compile(rf"\u00e2\u20ac(?![{_CONTINUED}\"'])")
_MOST_REPAIRS = 4
_SUSPECT = re.compile(r"[^\t\n\r -~]+")
_CLEARANCE = 24


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
        straight = _straight(text)
        if _plain(straight):
            return _fold(straight)
    elif _plain(text):
        return _fold_plain(text)
    for _ in range(_MOST_REPAIRS):
        repaired = _fold("".join(_repaired(_LINE_ENDS.sub("\n", text))))
        if repaired == text or _plain(repaired):
            return repaired
        text = repaired
    return text


def _repaired(text: str) -> Iterator[str]:
    """`text` in stretches, repaired where it needs it.

    What ftfy does takes time in proportion to what it is shown, and one sign that it cannot place keeps it from mending
    the damage beside it; so it is shown a suspect sign with its words, and what lies further off is left as it is.
    Entities can stand anywhere, so a text with some is shown whole.
    """
    if "&" in text and _ENTITY.search(text):
        yield _mended(text)
        return
    done = 0
    for start, end in _suspect_stretches(text):
        yield text[done:start]
        stretch = _straight(text[start:end])
        yield stretch if _plain(stretch) else _mended(text[start:end])
        done = end
    yield text[done:]


def _mended(text: str) -> str:
    import ftfy

    text = text.translate(_TRANSLATE)
    if "\u00e2\u20ac" in text:
        text = _LOST_QUOTE.sub('"', _LOST_HYPHEN.sub("-", text))
    return _LINE_ENDS.sub("\n", ftfy.fix_text(text, _repair_settings())).translate(_TRANSLATE)


def _suspect_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Whole words around signs that are not plain ASCII; signs less than 24 characters apart belong together."""
    start = end = -1
    for match in _SUSPECT.finditer(text):
        if start >= 0 and match.start() - end > _CLEARANCE:
            yield start, end
            start = -1
        if start < 0:
            # The word before as well: a damaged encoding holds no-break spaces that white space has replaced.
            start = text.rfind(" ", 0, max(0, match.start() - 1)) + 1
        end = text.find(" ", match.end() + 1)
        end = len(text) if end < 0 else end
    if start >= 0:
        yield start, end


def _straight(text: str) -> str:
    for curly, straight in _QUOTES.items():
        text = text.replace(curly, straight)
    return text


def _fold(text: str) -> str:
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    if "  " in text or not text.replace("\n", " ").isprintable():
        text = _SPACES.sub(" ", text)
    return _fold_lines(text)


def _fold_plain(text: str) -> str:
    """The same for printable ASCII."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "  " in text or "\t" in text:
        text = _SPACES.sub(" ", text)
    return _fold_lines(text)


def _fold_lines(text: str) -> str:
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
        return _only_printable(text)
    return _PLAIN.fullmatch(text) is not None


def _only_printable(text: str) -> bool:
    """Whether ASCII holds no control characters but those of lines."""
    return text.replace("\n", " ").replace("\t", " ").replace("\r", " ").isprintable()
