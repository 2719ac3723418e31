"""Numbers that the output states and nothing supports.

An invented dose or percentage is the most dangerous thing a model adds to a true passage. A number with its unit is
supported where evidence, input or question holds the same amount, or where one of these rules derives it:

1. unit: 0.5 g is 500 mg; 2 weeks are 14 days; 1 g/l is 100 mg/dl (`quantities`).
2. writing: twelve is 12, twice is 2 times, b.i.d. is 2 times daily (`spelled`).
3. frequency: every 8 hours is 3 times a day.
4. rounding: 33 % from 33.3 %; to one digit only after a word such as `about`.
5. share: 40 % from 40 of 100, 8 in 20 or 8/20; 1 in 4 from 25 %; half is 50 %.
6. rest: 60 % from 40 % beside `remaining`, `other`, `rest`, `not`.
7. sum, beside `total`, `altogether`, `combined`: of two or three amounts of one dimension.
8. day's dose, beside `daily`, `a day`, `total`: a dose times its times a day.
9. scale: °C and °F, within rounding.

A bare number in the evidence supports a count or a time of any unit; a mass, volume or concentration only where the
evidence writes that unit apart from numbers, as a table does (`dose (mg)`). Codes such as B12 or E11.9 are claims as
whole words. Numbers of list items at the start of a line are no claims, nor is the word `one` without a unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from itd_pipeline.signals.grounding.quantities import COUNTS, Amount, amounts_in, dimension_of, significant
from itd_pipeline.text.words import words

_NUMBERING = re.compile(r"^[ \t]*\(?\d{1,2}[.)](?=\s)|\[\d{1,3}(?:[-,–]\s?\d{1,3})*\]", re.MULTILINE)
_HAS_DIGIT = re.compile(r"\d")
_CODE = re.compile(r"[^\W\d_]+\d[\w.,]*")
_ONE_WITH_UNIT = re.compile(r"\bone (?=(?:tablet|capsule|hour|day|week|month|year|drop|puff|dose|milligram|gram|"
                            r"litre|liter)"
                            r"s?\b|in \d|of \d)", re.IGNORECASE)
_ONE_IN = re.compile(r"1 (?:in|of|out of)(?: every)? \d")  # the second number is judged
_ONE = re.compile(r"\bone\b", re.IGNORECASE)
_SHARE = re.compile(r"(?<![\w.,/])(\d+(?:,\d{3})*(?:\.\d+)?)\s?(?:/|of(?: the| every| all)?|out of(?: every)?|"
                    r"in(?: every)?)"
                    r"\s?(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w/]|[.,]\d)")
_FRACTION = {"half": 50.0, "third": 100 / 3, "thirds": 200 / 3, "quarter": 25.0, "quarters": 75.0, "fifth": 20.0,
             "tenth": 10.0}
_EVERY = re.compile(r"\bevery (\d{1,2})(?: to \d+)? ?-?(?:h|hours?|hrs?)\b", re.IGNORECASE)
_HEADED = re.compile(r"(?<![\d\s])\s?\(?(mg|mcg|g|kg|ml|l|iu|units|mmol/l|mg/dl|mmhg|%|percent)\)?(?=[\s).,:|]|$)",
                     re.IGNORECASE)
_REST = re.compile(r"\b(?:remain(?:ing|der)|others?|rest|not|without|no)\b")
_SUM = re.compile(r"\b(?:totals?|altogether|combined|in all|sum|overall|together)\b")
_DAILY = re.compile(r"\b(?:daily|a day|per day|each day|total|24 h)\b")
_HEDGE = re.compile(r"\b(?:about|around|approximately|roughly|nearly|almost|some|over|more than|less than|under|"
                    r"up to)\W+"
                    r"(?:\w+\W+)?$")
_SCALES: dict[tuple[str, str], tuple[float, float]] = {
    # claim's dimension, evidence's dimension: claim = evidence * factor + offset
    ("°f", "°c"): (1.8, 32.0), ("°c", "°f"): (1 / 1.8, -32 / 1.8),
}


@dataclass(frozen=True)
class Numbers:
    """What a text holds, in the widest sense."""

    amounts: tuple[Amount, ...]
    keys: frozenset[tuple[str, float]]
    bare: frozenset[str]
    written: frozenset[str]
    shares: frozenset[float]
    headed: frozenset[str]
    codes: frozenset[str]


def numbers_in(text: str) -> Numbers:
    """Everything that a text with its numbers in digits may support: amounts, shares, units without a number, codes."""
    digits = _ONE.sub("1", text)
    amounts = tuple(amounts_in(digits))
    keys = {amount.key for amount in amounts}
    for match in _EVERY.finditer(digits):
        if int(match[1]) and 24 % int(match[1]) == 0:
            keys.add(("times", float(24 // int(match[1]))))
    keys |= {("time", significant(1_440 / value)) for dimension, value in tuple(keys) if dimension == "times"
             and value > 1}
    shares = set()
    for match in _SHARE.finditer(digits):
        part, whole = (float(group.replace(",", "")) for group in match.groups())
        if 0 < part <= whole:
            shares.add(100 * part / whole)
    lowered = text.lower()
    shares |= {share for word, share in _FRACTION.items() if word in lowered}
    shares |= {amount.value for amount in amounts if amount.dimension == "%"}
    headed = frozenset(dimension_of(_unit(match[1]))[0] for match in _HEADED.finditer(lowered))
    codes = frozenset(w.replace("-", "") for w in words(text) if _CODE.fullmatch(w.replace("-", "")))
    return Numbers(amounts, frozenset(keys), frozenset(a.written for a in amounts if not a.unit),
                   frozenset(a.written for a in amounts), frozenset(shares), headed, codes)


def _unit(written: str) -> str:
    return {"mcg": "μg", "percent": "%"}.get(written, written)


def unsupported_numbers(output: str, support: Iterable[Numbers]) -> list[str]:
    """Distinct numbers and codes of `output` that no text of `support` holds and no rule derives, in order.

    Args:
        output: text with its numbers in digits (`spelled.with_digits`), or a part of it.
        support: what evidence, input and question hold.
    """
    held = list(support)
    missing: dict[str, None] = {}
    if _HAS_DIGIT.search(output):
        codes = frozenset[str]().union(*(numbers.codes for numbers in held))
        missing |= dict.fromkeys(w for w in words(output) if _CODE.fullmatch(w) and w not in codes)
    text = _ONE_WITH_UNIT.sub("1 ", _NUMBERING.sub(" ", output))
    if not _HAS_DIGIT.search(text):
        return list(missing)
    keys = frozenset[tuple[str, float]]().union(*(numbers.keys for numbers in held))
    for amount in amounts_in(text):
        if amount.key in keys or _ONE_IN.match(text, amount.start) or _derived(amount, text, held):
            continue
        missing[f"{amount.written} {amount.unit}".strip()] = None
    return list(missing)


def _derived(claim: Amount, text: str, held: list[Numbers]) -> bool:
    if not claim.unit:
        if any(claim.written in numbers.written for numbers in held):
            return True
    elif any(claim.written in numbers.bare and (claim.dimension in COUNTS or claim.dimension in numbers.headed)
             for numbers in held):
        return True
    same = [a for numbers in held for a in numbers.amounts if a.dimension == claim.dimension]
    before = text[max(0, claim.start - 30):claim.start].lower()
    if _rounded(claim, [a.value for a in same], bool(_HEDGE.search(before))):
        return True
    around = text[max(0, claim.start - 90):claim.start + 60].lower()
    return _share(claim, text, around, held) or _summed(claim, around, same, held) or _scaled(claim, held)


def _rounded(claim: Amount, values: list[float], hedged: bool) -> bool:
    digits = claim.written.replace(".", "").lstrip("0")
    precise = len(digits.rstrip("0")) if "." not in claim.written else len(digits)
    if precise < 2 and not hedged:
        return False
    return any(value != claim.value and value and float(f"{value:.{max(precise, 1)}g}") == significant(claim.value)
               for value in values)


def _share(claim: Amount, text: str, around: str, held: list[Numbers]) -> bool:
    shares = [share for numbers in held for share in numbers.shares]
    if claim.dimension == "%":
        decimals = len(claim.written.partition(".")[2])
        near = 0.5 * 10**-decimals + 1e-9
        if any(abs(share - claim.value) <= near for share in shares):
            return True
        return bool(_REST.search(around)) and any(abs(100 - share - claim.value) <= near for share in shares)
    stated = re.compile(rf"\b1 (?:in|of|out of)(?: every)? {re.escape(claim.written)}\b")
    if claim.value > 1 and stated.search(text):
        return any(share and abs(100 / share - claim.value) < 0.5 for share in shares)
    return False


def _summed(claim: Amount, around: str, same: list[Amount], held: list[Numbers]) -> bool:
    values = sorted({a.value for a in same})[:40]
    if _SUM.search(around):
        sums = {significant(a + b) for a in values for b in values}
        if significant(claim.value) in sums:
            return True
        if len(values) <= 15 and any(significant(claim.value - c) in sums for c in values):
            return True
    if claim.unit and _DAILY.search(around):
        times = {a.value for numbers in held for a in numbers.amounts if a.dimension in ("times", "")
                 and 1 < a.value <= 12}
        times |= {value for numbers in held for dimension, value in numbers.keys if dimension == "times"}
        return any(significant(a * n) == significant(claim.value) for a in values for n in times)
    return False


def _scaled(claim: Amount, held: list[Numbers]) -> bool:
    for numbers in held:
        for amount in numbers.amounts:
            scale = _SCALES.get((claim.dimension, amount.dimension))
            if scale and abs(amount.value * scale[0] + scale[1] - claim.value) <= 0.56:
                return True
    return False
