"""Dates more precise than a year (45 CFR 164.514(b)(2)(i)(C)). A year alone is no identifier and stays.

Full dates with a day stand in `FULL_DATES`: precise enough for the scan of published medical text. Month and year,
month alone and day/month without a year need the context of a patient's record and stand in `PARTIAL_DATES`.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, months, numbered_months, shaped, shows

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?|JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|"
    r"SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)"
)
_ANY_CASE_MONTH = (
    rf"(?:{_MONTH}|january|february|april|june|july|august|september|october|november|december|jan|feb|apr|aug|sept|"
    r"sep|oct|nov|dec)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_TIME = (r"(?:(?:,? (?:at )?|T)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\b)?"
         r"(?:Z|[+-]\d\d:?\d\d)?)?")
_NO_UNIT = (
    r"(?!\s*(?:mg|mcg|g|kg|ml|mL|cc|cm|mm|units?|tablets?|tabs?|puffs?|pain|strength|scale|murmur|points?|%|percent|"
    r"days?|weeks?|months?|years?|hours?|hrs?|times|patients?|visits?|vision|gallop)\b)(?!\s*%)(?![\d/.]*\d)"
)


_AT_NAMED = re.compile(r"\b(?:at|in|to|from|by) (?:the |our )?[A-Z][^.;:!?\n]{2,70}$")


def _at_a_named_place(match: re.Match[str]) -> bool:
    """Weeks and months counted from the note are no dates, unless they tell when somebody was at a named place."""
    return _AT_NAMED.search(match.string, max(0, match.start() - 80), match.start()) is not None


def _possible(match: re.Match[str]) -> bool:
    first, second = int(match["a"]), int(match["b"])
    return 1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12


_PLACE_RIGHT_BEFORE = re.compile(r"\b(?:at|in|to|from) (?:the |our )?(?:[A-Z][\w'\u2019&.-]+,? (?:[a-z]{2,3} )?){1,5}$")


def _at_a_named_place_then(match: re.Match[str]) -> bool:
    place = _PLACE_RIGHT_BEFORE.search(match.string, max(0, match.start() - 80), match.start())
    # Short capitals are a kind of ward: pain 7/10 in the ED 8/10.
    return place is not None and _possible(match) and any(
        len(word) > 3 and word[0].isupper() for word in re.findall(r"\w+", place.group()))


FULL_DATES = gated((
    Rule("numeric_date", "date", re.compile(
        rf"(?<![\d./-])(?P<a>\d{{1,2}})(?P<sep>[/.-])(?P<b>\d{{1,2}})(?P=sep){_YEAR}{_TIME}(?![\d/-]|\.\d)"),
        _possible),
    Rule("slashed_date_short_year", "date", re.compile(
        rf"(?<![\d./-])(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/\d\d{_TIME}(?![\d/-]|\.\d)"), _possible),
    Rule("iso_date", "date", re.compile(
        rf"(?<![\d./-]){_YEAR}(?P<sep>[-/.])(?P<a>\d{{1,2}})(?P=sep)(?P<b>\d{{1,2}})"
        rf"{_TIME}(?![\d/-]|\.\d)"), _possible),
    Rule("day_month_year", "date", re.compile(
        rf"(?<![\w./-]){_DAY}(?:\s+of)?[\s./-]*{_ANY_CASE_MONTH}\.?,?[\s./-]*{_YEAR}\b{_TIME}")),
    Rule("month_day_year", "date", re.compile(
        rf"(?<!\w){_ANY_CASE_MONTH}\.?[\s-]*{_DAY}(?:\s*,\s*|[\s-]+){_YEAR}\b{_TIME}")),
), {
    "numeric_date": shaped(r"\d[./-]\d"),
    "slashed_date_short_year": shaped(r"\d/\d"),
    "iso_date": shaped(r"(?:19|20)\d\d[./-]\d"),
    "day_month_year": numbered_months,
    "month_day_year": numbered_months,
})

PARTIAL_DATES = gated((
    Rule("dotted_date_short_year", "date", re.compile(
        r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[.-])(?P<b>\d{1,2})(?P=sep)\d\d(?![\d/-]|\.\d)"), _possible),
    Rule("day_month", "date", re.compile(
        rf"(?<![\w./-]){_DAY}(?:\s+of\s+|[\s-]*){_ANY_CASE_MONTH}\b(?:[\s-]*'?\d\d(?!\d|:))?")),
    Rule("month_day", "date", re.compile(
        rf"(?<!\w)(?:{_MONTH}|january|february|april|june|july|august|september|october|november|december)\.?\s+{_DAY}"
        rf"(?![\d:]|\s*[-\u2013/]\d){_NO_UNIT}")),
    Rule("month_day_range", "date", re.compile(rf"(?<!\w){_MONTH}\.?\s+{_DAY}\s*(?:[-\u2013/]|to|and|"
        rf"through)\s*{_DAY}\b"
                                               rf"(?:,?\s+{_YEAR})?{_NO_UNIT}")),
    Rule("month_year", "date", re.compile(rf"(?<!\w){_ANY_CASE_MONTH}\.?(?:\s+of)?[\s,/'\u2019-]*{_YEAR}\b")),
    Rule("day_month_short_year", "date", re.compile(
        rf"(?<!\w){_ANY_CASE_MONTH}\.?[\s-]*{_DAY},?\s*['\u2019]\d\d(?!\d)")),
    Rule("weekday_and_date", "date", re.compile(
        rf"\b(?:Mon|Tues?|Wed(?:nes)?|Thur?s?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+(?:the "
        rf")?(?:{_ANY_CASE_MONTH}\.?\s+{_DAY}"
        rf"(?:,?\s+{_YEAR}{_TIME})?|{_DAY}(?:\s+of)?\s+{_ANY_CASE_MONTH}(?:,?\s+{_YEAR}{_TIME})?|"
        r"\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d\d){1,2})?)(?![\w/])")),
    Rule("last_week_at_a_place", "date", re.compile(
        r"(?<=[\w.)'\u2019,] )(?:last|this past) (?:week|month)\b"), _at_a_named_place),
    Rule("holiday", "date", re.compile(
        rf"(?:(?<=[Oo]n )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Bb]efore )|(?<=[Aa]fter )|(?<=[Aa]round )|(?<=[Ll]ast )|"
        rf"(?<=[Tt]his )|"
        rf"(?<=[Oo]ver )|(?=[^,\n]{{5,30}}\b{_YEAR}))(?:Christmas(?: Eve| Day)?|New Year['\u2019]?s?(?: Eve| Day)?|"
        rf"Thanksgiving"
        r"(?: Day)?|Easter(?: Sunday| Monday)?|Good Friday|Halloween|Memorial Day|Labor Day|Independence Day|"
        r"(?:Fourth|4th) of July|"
        r"Valentine['\u2019]?s Day|St\.? Patrick['\u2019]?s Day|Boxing Day|Mother['\u2019]?s Day|Father['\u2019]?s "
        r"Day|Veterans Day|"
        rf"Presidents['\u2019]? Day|Columbus Day|Juneteenth|Yom Kippur|Rosh Hashanah|Diwali|Hanukkah)(?:,? (?:of "
        rf")?{_YEAR})?(?!\w)")),
    Rule("day_slash_month_at_a_place", "date", re.compile(
        rf"(?<![\d./-])(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})(?![\d/]){_NO_UNIT}"), _at_a_named_place_then),
    Rule("last_weekday", "date", re.compile(
        rf"\b(?:last|this past|next) (?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{_MONTH})\b")),
    Rule("month_alone", "date", re.compile(
        rf"\b(?:in|since|last|next|this|until|by|during|early|late|mid|from|of|to|end of)[ -](?P<it>{_MONTH})\b"
        rf"(?!\s+\d)")),
    Rule("month_slash_year", "date", re.compile(rf"(?<![\d./-])(?:0?[1-9]|1[0-2])[/-]{_YEAR}(?![\d/-])")),
    Rule("day_slash_month", "date", re.compile(
        r"(?i:\b(?:on|since|from|until|till|dated?|seen|through|thru|by|due|admitted|discharged|d/c|adm|visit|labs|"
        r"started|began|begun|commenced|stopped|given|last|surgery|and|to|between|as of|performed|done|scheduled|"
        r"follow[- ]up|appt))\s*:?\s+"
        rf"(?P<it>(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}}))(?![\d/]){_NO_UNIT}"), _possible, overlapping=True),
    Rule("padded_day_month", "date", re.compile(
        rf"(?<![\d./-])(?:(?P<a>\d\d)/(?P<b>0[1-9]))(?![\d/]){_NO_UNIT}"), _possible),
    Rule("padded_month_day", "date", re.compile(
        rf"(?<![\d./-])(?:(?P<a>0[1-9])/(?P<b>\d\d))(?![\d/]){_NO_UNIT}"), _possible),
    Rule("birth_label", "date", re.compile(
        r"(?i:\b(?:d\.?o\.?b\.?|date of birth|birth ?date|born(?: on)?)(?: (?:is|was|of|on))?)\s*[:=]?\s*"
        r"(?P<it>\d[\d./ -]{2,12}\d|(?:19|20)\d\d)")),
    Rule("compact_date_label", "date", re.compile(r"(?i:\bdate|\bdob|\bd\.o\.b\.?)[^:\n]{0,20}:\s*(?P<it>(?:19|"
        r"20)\d{6})\b")),
    Rule("day_of_this_month", "date", re.compile(r"(?i:\bon the)\s+(?P<it>(?:[12]?\d|3[01])(?:st|nd|rd|th))\b(?!\s+"
        r"(?:day|week|"
                                                 r"month|hospital|post|percentile|centile|rib|floor|attempt|digit|"
                                                 r"toe|finger))")),
), {
    "day_month": numbered_months,
    "month_day": numbered_months,
    "month_day_range": numbered_months,
    "month_year": numbered_months,
    "month_alone": months,
    "day_month_short_year": numbered_months,
    "dotted_date_short_year": shaped(r"\d[./-]\d"),
    "weekday_and_date": shows(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\s(?:the )?[\dJFMASONDjfasond]"),
    "last_week_at_a_place": has("last week", "last month", "past week", "past month"),
    "holiday": has("christmas", "new year", "thanksgiving", "easter", "good friday", "halloween", "memorial",
                   "labor day",
                   "independence", "of july", "valentine", "patrick", "boxing", "mother", "father", "veterans",
                   "presid", "columbus",
                   "juneteenth", "yom kippur", "rosh", "diwali", "hanukkah"),
    "day_slash_month_at_a_place": shaped(r"\d/\d"),
    "last_weekday": has("last", "past", "next"),
    "month_slash_year": shaped(r"\d[/-](?:19|20)"),
    "day_slash_month": shaped(r"\d/\d"),
    "padded_day_month": shaped(r"\d\d/0"),
    "padded_month_day": shaped(r"0\d/\d\d"),
    "birth_label": has("dob", "d.o", "do.b", "birth", "born"),
    "compact_date_label": shaped(r"\d{8}"),
    "day_of_this_month": has("on the"),
})
