"""The one tokeniser, and what is counted with it: words, shingles, numbers with their units, sentences.

Every room that counts or compares words uses these functions, so that a share computed in one place can be
recomputed in another. They depend on nothing but `re` and stay stable: ids do not hang on them, thresholds do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from itd_pipeline.text.sentences import sentence_spans

_UNITS = (
    "mcg|ug|μg|µg|ng|pg|kg|mg|g|mL|ml|dL|dl|cL|cl|μL|µL|uL|l|L|mmol|μmol|µmol|umol|nmol|pmol|mol|mEq|meq|mIU|IU|iu|"
    "units?|mmHg|cmH2O|kPa|Pa|cm|mm|μm|µm|nm|m2|km|m|kcal|kJ|Hz|bpm|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s|"
    "days?|d|weeks?|wks?|months?|mos?|years?|yrs?|y|milligrams?|micrograms?|grams?|kilograms?|millilitres?|"
    "milliliters?|litres?|liters?|tablets?|capsules?|drops?|puffs?|doses?|times|percent|per cent"
)
_PER = r"d?[lL]|[mμµu][lL]|kg|g|mg|m2|min|minute|hr?|hour|d|day|wk|week|mo|month|y|yr|year|dose|mmol|mol|cm|mm3|mm"
_WORD = re.compile(
    r"\d+(?:[.,]\d+)*(?=(?:mcg|[uμ]g|ng|mg|kg|g|ml|dl|mmol|meq|iu|mmhg|cm|mm|hrs?|mins?)(?![^\W_]))"
    r"|[^\W_]+(?:(?<=\d)[.,]\d+)*(?:[-'][^\W_]+(?:(?<=\d)[.,]\d+)*)*"
    rf"(?:(?<=[^\W\d_])/(?:{_PER.lower()})(?![^\W_]))?"
)
_FOLD = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "µ": "μ"})
_MOST_PIECES, _LONGEST_PIECE = 200_000, 40
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(
    r"(?<![\w.,])(?:(?<=\d)-)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])"
    rf"(?:\s?(%|°\s?[CF]\b|‰)|[\s-]?((?:{_UNITS})(?:\s?/\s?(?:{_PER})){{0,2}})(?![^\W_]))?"
)
_CANONICAL_UNIT = {
    "ug": "μg", "µg": "μg", "mcg": "μg", "microgram": "μg", "micrograms": "μg", "milligram": "mg", "milligrams": "mg",
    "gram": "g", "grams": "g", "kilogram": "kg", "kilograms": "kg", "millilitre": "ml", "millilitres": "ml",
    "milliliter": "ml", "milliliters": "ml", "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "hour": "h", "hours": "h", "hr": "h", "hrs": "h", "minute": "min", "minutes": "min", "mins": "min",
    "second": "s", "seconds": "s", "sec": "s", "secs": "s", "day": "d", "days": "d", "week": "wk", "weeks": "wk",
    "wks": "wk", "month": "mo", "months": "mo", "mos": "mo", "year": "y", "years": "y", "yr": "y", "yrs": "y",
    "percent": "%", "per cent": "%", "unit": "units", "umol": "μmol", "µmol": "μmol", "ul": "μl", "µl": "μl",
    "tablets": "tablet", "capsules": "capsule", "drops": "drop", "puffs": "puff", "doses": "dose", "µm": "μm",
}


@dataclass(frozen=True)
class Quantity:
    """A number as written in a text.

    Args:
        value: canonical decimal without thousands separators or trailing zeros, such as `2.5` or `1000`.
        unit: canonical lower-case unit (`mg`, `μg`, `mg/dl`, `%`, `d`), empty where none follows.
        start: first character in the text.
        end: one past the last character, unit included.
    """

    value: str
    unit: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """Lower-cased words and numbers, in order.

    Letters and digits of any script; decimals (2.5) and thousands (1,000) stay whole, hyphenated words
    (beta-blocker, covid-19) and possessives (crohn's) too. A unit parts from the number glued to it (5mg -> 5, mg)
    and keeps its denominator (mg/dl).
    """
    return list(chain.from_iterable(map(_PIECES.__getitem__, _pieces(text))))


def _pieces(text: str) -> list[str]:
    lowered = text.lower()
    return (lowered if lowered.isascii() else lowered.translate(_FOLD)).split()


class _Pieces(dict[str, tuple[str, ...]]):
    """What stands between white space -> its words. No word goes beyond white space, and few pieces make up most of a
    text (Zipf), so looking them up is several times faster than matching."""

    def __missing__(self, piece: str) -> tuple[str, ...]:
        found = tuple(_WORD.findall(piece))
        if len(self) >= _MOST_PIECES:
            self.clear()
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = found
        return found


_PIECES = _Pieces()


def shingles(tokens: Sequence[str], n: int) -> set[tuple[str, ...]]:
    """Distinct runs of `n` tokens; one run of all of them where there are fewer, none where there are none."""
    if not tokens:
        return set()
    if len(tokens) <= n:
        return {tuple(tokens)}
    return set(zip(*(tokens[i:] for i in range(n)), strict=False))


def fold_space(text: str) -> str:
    """Every run of white space as one space; none at the ends."""
    return _SPACE.sub(" ", text).strip()


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order. See `sentences.sentence_spans` for their offsets."""
    return [text[start:end] for start, end in sentence_spans(text)]


def numbers_with_units(text: str) -> list[Quantity]:
    """Every number in `text` with the unit that follows it. Numbers inside words (b12, hba1c) do not count."""
    found = []
    for match in _NUMBER.finditer(text):
        unit = (match[2] or match[3] or "").lower().replace(" ", "" if match[2] or "/" in (match[3] or "") else " ")
        numerator, slash, rest = unit.partition("/")
        unit = _CANONICAL_UNIT.get(numerator, numerator) + slash + "/".join(
            _CANONICAL_UNIT.get(part, part) for part in rest.split("/"))
        found.append(Quantity(_canonical(match[1]), unit, match.start(1), match.end()))
    return found


def _canonical(number: str) -> str:
    plain = number.replace(",", "")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    stripped = plain.lstrip("0")
    return stripped if stripped and not stripped.startswith(".") else "0" + stripped
