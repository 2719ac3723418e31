"""Telephone, fax, e-mail, web and network addresses (45 CFR 164.514(b)(2)(i)(D) to (F), (N), (O)).

`CONTACTS` is precise enough for the scan of published text. `LOOSE_CONTACTS` (numbers without separators that only
telephones have, bare web addresses) needs the context of a patient's record.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped

_EXTENSION = r"(?:[\s,]*(?:x|ext\.?|extension)\s?\d{1,6})?"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"


def _telephone_length(match: re.Match[str]) -> bool:
    number: str = match["it"] if "it" in match.re.groupindex else match.group()
    return 8 <= sum(character.isdigit() for character in number) <= 19


def _no_range(match: re.Match[str]) -> bool:
    # 100-1000 is a range; a seven-digit telephone number does not rise like that with round figures.
    first, second = match["first"], match["second"]
    return not (first.endswith("0") and second.endswith("00"))


CONTACTS = gated((
    Rule("email", "email", re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+%-]*@[A-Za-z0-9-]+"
        r"(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")),
    Rule("phone_north_american", "phone", re.compile(
        r"(?<![\w.-])(?:\+?1[-. ]?)?(?:\(\d{3}\)[-. ]?|\d{3}[-.])\d{3}[-. ]\d{4}" + _EXTENSION + r"(?![\w-])")),
    Rule("phone_toll_free", "phone", re.compile(
        r"(?<![\w.-])(?:1[-. ]\(?|\()8(?:00|33|44|55|66|77|88)\)?[-. ](?=[\dA-Z-]*[\dA-Z])[\dA-Z]{2,}(?:-[\dA-Z]+)*"
        r"(?![\w-])")),
    Rule("phone_british", "phone", re.compile(
        r"(?<![\w.+-])\(?0(?:\d{4}\)?\s\d{6}|\d{3}\)?\s\d{3}\s\d{4}|\d{2}\)?\s\d{4}\s\d{4}|\d{4}\)?\s\d{3}\s\d{3}|"
        r"7\d{9})"
        + _EXTENSION + r"(?![\w-])")),
    Rule("phone_international", "phone", re.compile(
        r"(?<![\w.+])\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5}" + _EXTENSION + r"(?![\w-])"), _telephone_length),
    Rule("phone_label", "phone", re.compile(
        r"(?i:\b(?:phone|telephone|tel|mobile|cell|pager|bleep|beeper)\b\.?(?:\s*(?:no|number)\b\.?|\s*#)?)\s*[:#]?\s*"
        r"(?P<it>[+(]?\d[\d ().-]{2,18}\d)")),
    Rule("phone_call", "phone", re.compile(
        r"(?i:\b(?:call|contact|reached at|reach (?:him|her|them) at|at)\b)\s*:?\s*(?P<it>\d{3}[-. ]\d{4})(?![\w-])")),
    Rule("fax", "fax", re.compile(
        r"(?i:\bfax\b\.?(?:\s*(?:no|number)\b\.?)?)\s*[:#]?\s*(?P<it>[+(]?\d[\d ().-]{5,18}\d)")),
    Rule("ip", "ip", re.compile(
        rf"(?<![\w.])(?<!EC )(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d)\.(?:{_OCTET}\.){{2}}{_OCTET}(?![\w]|\.\d)")),
    Rule("ip_six", "ip", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}(?![\w:])")),
), {
    "email": has("@"),
    "phone_north_american": shaped(r"\d{3}\)?[-. ]?\d{3}[-. ]\d{4}"),
    "phone_toll_free": shaped(r"8\d\d"),
    "phone_british": shaped(r"0\d{2}"),
    "phone_international": has("+"),
    "phone_label": has("phone", "tel", "mobile", "cell", "pager", "bleep", "beeper"),
    "phone_call": shaped(r"\d{3}[-. ]\d{4}"),
    "fax": has("fax"),
    "ip": shaped(r"\d\.\d{1,3}\.\d"),
    "ip_six": lambda seen: seen.lowered.count(":") > 4,
})

LOOSE_CONTACTS = gated((
    Rule("phone_spoken_of", "phone", re.compile(
        r"\b(?:[Cc]all(?:ed)?|[Pp]hone|[Rr]each(?:ed)?|[Cc]ontact|[Aa]nswering|[Tt]ext|[Mm]essages?|[Rr]ing|[Dd]ial|"
        r"[Rr]egistered|[Nn]umber)\b"
        r"[^.\n\d]{0,30}?(?<![\w./-])(?P<it>[+(]?\d[\d ().-]{6,18}\d)(?!\s?(?:mg|mcg|ml|mL|g|kg|%))(?![\w-])"),
        _telephone_length),
    Rule("phone_by_what_follows", "phone", re.compile(
        r"(?<![\w./-])(?P<it>[+(]?\d[\d ().-]{6,18}\d)(?=[ -]{1,2}(?i:office|fax|home|cell|mobile|work)\b)"),
        _telephone_length),
    Rule("phone_seven_digits", "phone", re.compile(
        r"(?<![\w.,/-])(?P<first>\d{3})-(?P<second>\d{4})(?![\w-]|\.\d|\s*(?:mg|mcg|ml|mL|g|kcal|cal|units|IU|cm|"
        r"steps)\b)"),
        _no_range),
    Rule("phone_spaced", "phone", re.compile(r"(?<![\w.,/-])\d{3}[ ]\d{3}[ -]\d{4}" + _EXTENSION + r"(?![\w-])")),
    Rule("phone_extension", "phone", re.compile(r"(?i:\b(?:ext|extension|bleep|pager|beeper)\b\.?)\s*[:#]?\s*"
        r"(?P<it>\d{3,6})\b")),
    Rule("url", "url", re.compile(r"\b(?:https?://|www\.)[^\s<>()\[\]\"']+[^\s<>()\[\]\"'.,;:]", re.I)),
    Rule("social_handle", "url", re.compile(r"(?<![\w@.])@[A-Za-z_]\w{3,}")),
), {
    "phone_spoken_of": shaped(r"\d[\d ().-]{6,18}\d"),
    "phone_by_what_follows": shaped(r"\d[\d ().-]{6,18}\d"),
    "phone_seven_digits": shaped(r"\d{3}-\d{4}"),
    "phone_spaced": shaped(r"\d{3} \d{3}"),
    "phone_extension": has("ext", "bleep", "pager", "beeper"),
    "url": has("http", "www"),
    "social_handle": has("@"),
})
