"""What one kind of cell may hold: each function reads one value or says what is wrong with it.

Belongs here: kinds of cells. Does not belong here: which column is of which kind (`columns.py`), or rules that
look at two cells (`record.py`). What is wrong is said by class, size and what is allowed, never by the text.
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from itd_pipeline.seeds.item import Unusable

Reader = Callable[[Any], Any]


class WrongCell(ValueError):
    """What is wrong with a cell, in words free of its text."""


def text_cell(value: Any) -> str:
    """Text in NFC, with line feeds as line ends, without blanks around it. Numbers and truth values count as text."""
    if isinstance(value, Unusable):
        raise WrongCell(f"{value.kind}; type or paste the value itself")
    if isinstance(value, list | dict):
        raise WrongCell(f"a {'list' if isinstance(value, list) else 'mapping'} where text belongs")
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n").strip()
    for position, character in enumerate(text, start=1):
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in "\n\t"):
            raise WrongCell(f"character {position} is {'half a character' if category == 'Cs' else 'a control code'}")
    return text


def list_cell(value: Any) -> list[str]:
    """A list of texts, or one text with `|` between its entries."""
    entries = value if isinstance(value, list) else text_cell(value).split("|")
    texts = [text_cell("" if entry is None else entry) for entry in entries]
    for position, entry in enumerate(texts, start=1):
        if not entry:
            raise WrongCell(f"entry {position} of {len(texts)} is empty")
    return texts


def term_cell(vocabulary: tuple[str, ...]) -> Reader:
    """A word of a controlled vocabulary; capitals, blanks and hyphens do not matter."""

    def read(value: Any) -> str:
        text = text_cell(value)
        word = "_".join(text.lower().replace("-", " ").split())
        if word in vocabulary:
            return word
        near = difflib.get_close_matches(word, vocabulary, n=1)
        meant = f" (nearest: {near[0]})" if near else ""
        raise WrongCell(f"{_size(text)}, not in the vocabulary{meant}; allowed: {', '.join(vocabulary)}")

    return read


def integer_cell(least: int, most: int) -> Reader:
    """A whole number from `least` to `most`, also written as `3.0`."""

    def read(value: Any) -> int:
        text = text_cell(value)
        if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.0*)?", text):
            raise WrongCell(f"{_size(text)}, not a whole number; allowed: {least} to {most}")
        number = int(float(text))
        if not least <= number <= most:
            raise WrongCell(f"{number}; allowed: {least} to {most}")
        return number

    return read


def flag_cell(value: Any) -> bool:
    """true or false, also written yes, no, 1, 0."""
    text = text_cell(value).lower()
    if text in {"true", "yes", "1"}:
        return True
    if text in {"false", "no", "0"}:
        return False
    raise WrongCell(f"{_size(text)}; allowed: true, false")


def pattern_cell(pattern: str, allowed: str) -> Reader:
    """Text of a given form; `allowed` says the form in words."""
    form = re.compile(pattern)

    def read(value: Any) -> str:
        text = text_cell(value)
        if not form.fullmatch(text):
            raise WrongCell(f"{_size(text)}; allowed: {allowed}")
        return text

    return read


def date_cell(allow_part: bool) -> Reader:
    """An ISO date, `2027-01-31`; with `allow_part` a year or a year and month alone as well."""
    allowed = "a date such as 2027-01-31" + (", or a year such as 2027" if allow_part else "")

    def read(value: Any) -> str:
        text = text_cell(value)
        whole = text
        if allow_part and re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", text):
            whole = f"{text}-01-01" if len(text) == 4 else f"{text}-01"
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", whole):
                raise ValueError
            datetime.date.fromisoformat(whole)
        except ValueError:
            raise WrongCell(f"{_size(text)}, not a date; allowed: {allowed}") from None
        return text

    return read


def codes_cell(value: Any) -> list[str]:
    """Codes as `SYSTEM:code`. The form of ICD-10-CM and HPO codes is checked, not whether they exist."""
    codes = list_cell(value)
    for position, code in enumerate(codes, start=1):
        system, _, rest = code.partition(":")
        form = _CODE_FORMS.get(system, r"[A-Za-z0-9][A-Za-z0-9./_+-]*")
        if not re.fullmatch(r"[A-Z][A-Za-z0-9-]{0,30}", system) or not re.fullmatch(form, rest):
            raise WrongCell(f"entry {position} of {len(codes)}; allowed: SYSTEM:code, such as ICD-10-CM:E11.9 or "
                            "HP:0001250")
    return codes


_CODE_FORMS = {"ICD-10-CM": r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", "HP": r"[0-9]{7}"}


def _size(text: str) -> str:
    return f"text of {len(text)} characters"
