"""Numbers written as words, signs of fractions and doses in Latin, rewritten as digits.

Rules: cardinals to 999 with hundred, thousand and million; `zero point five`; years (nineteen seventy nine); `half a
tablet`; ½ ¼ ¾; once, twice, thrice; b.i.d., t.i.d., q.i.d.; `1.5 million`; letters of a unit as a transcript of speech
has them (M G). Ordinals are no numbers here: the third day is not three days.
"""

from __future__ import annotations

import re

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUE = {word: i for i, word in enumerate(_ONES)} | {word: 10 * i for i, word in enumerate(_TENS, start=2)}
_SCALE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_SMALL = "|".join(sorted(_VALUE, key=len, reverse=True))
_SMALL_BUT_ONE = "|".join(word for word in _SMALL.split("|") if word != "one")
_CARDINAL = re.compile(
    rf"\b(?:(?:{_SMALL}|(?<=\ba )hundred|(?<=\ba )thousand)(?:(?:[\s-]|\sand\s)(?:{_SMALL}|hundred|thousand|"
    rf"million))*)\b"
    r"(?!-(?:fold|way|sided|dimensional))", re.IGNORECASE)
_DIGITS_AND_SCALE = re.compile(r"\b(\d+(?:\.\d+)?) (hundred|thousand|million|billion)\b", re.IGNORECASE)
_SIGNS = {"½": ".5", "¼": ".25", "¾": ".75", "⅓": ".33", "⅔": ".67"}
_SIGN = re.compile(r"(\d*) ?([½¼¾⅓⅔])")
_WORDS = (
    (re.compile(r"\btwice\b", re.I), "2 times"), (re.compile(r"\bthrice\b", re.I), "3 times"),
    (re.compile(r"\bonce (?=daily|a |per |every|each|weekly|monthly)", re.I), "1 times "),
    (re.compile(r"\b(?:b\.i\.d\.|bid)(?!\w)", re.I), "2 times daily"),
    (re.compile(r"\b(?:t\.i\.d\.|tid|tds)(?!\w)", re.I), "3 times daily"),
    (re.compile(r"\b(?:q\.i\.d\.|qid|qds)(?!\w)", re.I), "4 times daily"),
    (re.compile(r"\bq(\d{1,2})h\b", re.I), r"every \1 h"),
    (re.compile(r"\bhalf an? hour\b", re.I), "30 min"),
    (re.compile(r"\bhalf an? (?=tablet|dose|cup|teaspoon|pill)", re.I), "0.5 "),
    (re.compile(r"\ban hour\b", re.I), "1 h"), (re.compile(r"\bper cent\b", re.I), "percent"),
    (re.compile(r"\ba dozen\b", re.I), "12"),
    (re.compile(r"(?<=\s)M G\b"), "mg"), (re.compile(r"(?<=\s)M L\b"), "ml"), (re.compile(r"(?<=\s)M C G\b"), "mcg"),
)
_POINT = re.compile(rf"\b({_SMALL}|\d+) point ({_SMALL}|\d+)((?: (?:{'|'.join(_ONES[:10])}))*)\b", re.IGNORECASE)
_YEAR = re.compile(rf"\b(nineteen|eighteen) (?:hundred(?: and)? )?({'|'.join(_TENS)}|ten|eleven|twelve|"
                   rf"{'|'.join(_ONES[13:])})"
                   rf"(?:[ -]({'|'.join(_ONES[1:10])}))?\b", re.IGNORECASE)
_HINT = re.compile(rf"\b(?:{_SMALL_BUT_ONE}|"
                   rf"hundred|thousand|million|billion|twice|thrice|once|half|bid|tid|tds|qid|qds|"
                   rf"an hour|"
                   r"per cent|dozen|q\d+h)|[btq]\.i\.d|[½¼¾⅓⅔]", re.IGNORECASE)


def with_digits(text: str) -> str:
    """`text` with its numbers in digits; offsets move."""
    if not _HINT.search(text):
        return text
    for pattern, instead in _WORDS:
        text = pattern.sub(instead, text)
    text = _SIGN.sub(lambda m: f"{m[1] or '0'}{_SIGNS[m[2]]}", text)
    text = _POINT.sub(_decimal, text)
    text = _YEAR.sub(lambda m: str(_VALUE[m[1].lower()] * 100 + _VALUE[m[2].lower()]
                                   + _VALUE.get((m[3] or "zero").lower(), 0)), text)
    text = _CARDINAL.sub(_as_digits, text)
    return _DIGITS_AND_SCALE.sub(_scaled, text)


def _as_digits(match: re.Match[str]) -> str:
    """Digits of a run of number words; words that make no one number, such as `two three`, stay apart."""
    words = [word for word in re.split(r"[\s-]+", match.group().lower()) if word != "and"]
    if words == ["one"]:
        return match.group()  # mostly a pronoun; `numbers` looks at what follows
    numbers: list[int] = []
    total, group, least = 0, -1, 1_000  # least: what the next word must be smaller than to join the group
    for word in words:
        value = _SCALE.get(word) or _VALUE[word]
        if word == "hundred":
            group, least = max(group, 1) * 100, 100
        elif word in _SCALE:
            total, group, least = total + max(group, 1) * value, 0, 1_000
        elif group >= 0 and value < least and (value or group == 0):
            group, least = group + value, 10 if value >= 20 else 0
        elif group < 0:
            group, least = value, 10 if value >= 20 else 0
        else:
            numbers.append(total + group)
            total, group, least = 0, value, 10 if value >= 20 else 0
    return " ".join(map(str, [*numbers, total + max(group, 0)]))


def _decimal(match: re.Match[str]) -> str:
    digits = [part.lower() for part in (match[2], *match[3].split())]
    whole = match[1].lower()
    return f"{_VALUE.get(whole, whole)}." + "".join(str(_VALUE.get(digit, digit)) for digit in digits)


def _scaled(match: re.Match[str]) -> str:
    scale = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}[match[2].lower()]
    return f"{float(match[1]) * scale:.15g}"
