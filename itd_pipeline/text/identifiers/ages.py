"""Ages over 89 (45 CFR 164.514(b)(2)(i)(C)): they become `90+`; younger ages stay."""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped

_OLD = r"(?P<it>9\d|1[0-2]\d)"
_OLD_WORDS = (
    r"(?P<it>ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one)[- ]hundred(?:[- ]and)?"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
)
_NOT_AN_AGE = (
    r"(?!\s*[-\u2013]?\s*(?:days?|weeks?|wks?|months?|mos?|hours?|hrs?|minutes?|mins?|%)\b)(?!\s*(?:to|and|"
    r"[-\u2013])\s*\d)(?![\d.,/]*\d)"
)

AGES = gated((
    Rule("age_years_old", "age", re.compile(
        rf"(?<![\d.,/-]){_OLD}(?=[\s-]*(?:years?|yrs?|y)[\s./-]*(?:old|o\b|of age)|\s?(?:yo|y/o)\b|"
        rf"[\s-]*year[\s-]old)", re.I)),
    Rule("age_label", "age", re.compile(rf"\bage[ds]?(?:\s+of|\s+is)?\s*[:=]?\s*{_OLD}\b{_NOT_AN_AGE}", re.I)),
    Rule("age_sex", "age", re.compile(rf"(?<![\d.,/-]){_OLD}(?=\s?[MF]\b|\s+(?:male|female|man|woman|lady|"
        rf"gentleman)\b)")),
    Rule("age_birthday", "age", re.compile(r"\b(?P<it>9\d|1[0-2]\d)(?:st|nd|rd|th)(?=\s+birthday)", re.I)),
    Rule("age_in_words", "age", re.compile(rf"\b{_OLD_WORDS}(?=[\s-]+years?[\s-]+(?:old|of age))", re.I)),
    Rule("age_label_in_words", "age", re.compile(rf"\baged?\s+{_OLD_WORDS}\b", re.I)),
), {
    "age_years_old": shaped(r"9\d|1[0-2]\d"),
    "age_label": shaped(r"9\d|1[0-2]\d"),
    "age_sex": shaped(r"9\d|1[0-2]\d"),
    "age_birthday": has("birthday"),
    "age_in_words": has("ninety", "hundred"),
    "age_label_in_words": has("ninety", "hundred"),
})
