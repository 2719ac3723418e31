"""Dates moved by a number of days and written as they were: 3/2/2019, 12 March 2024, Mar. 12th, March 2024.

Belongs here: reading and writing a date in one form. Does not belong here: how far a patient's dates are moved.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_NUMBER_OF = {name[:3].lower(): number for number, name in enumerate(_MONTHS, start=1)}
_WORD = r"(?P<month>[A-Za-z]{3,9})(?P<dot>\.?)"
_DAY = r"(?P<day>\d{1,2})(?P<ordinal>st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|['\u2019]?\d{2})"
_NUMERIC = re.compile(r"(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?:(?P=s)(?P<year>\d{4}|\d\d))?")
_ISO = re.compile(r"(?P<year>\d{4})(?P<s>[-/.])(?P<a>\d{1,2})(?P=s)(?P<b>\d{1,2})(?P<rest>T.*)?")
_DAY_FIRST = re.compile(rf"{_DAY}(?P<of>\s+of)?(?P<s1>[\s./-]*){_WORD}(?:(?P<s2>,?[\s./-]*){_YEAR})?")
_MONTH_FIRST = re.compile(rf"{_WORD}(?P<s1>[\s-]*){_DAY}(?:(?P<s2>\s*,\s*|[\s-]+){_YEAR})?")
_MONTH_YEAR = re.compile(rf"{_WORD}(?P<s1>(?:\s+of)?[\s,/'\u2019-]*)(?P<year>\d{{4}})")
_MONTH_SLASH_YEAR = re.compile(r"(?P<a>\d{1,2})(?P<s>[/-])(?P<year>\d{4})")
_MONTH_ALONE = re.compile(r"(?P<month>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})(?P<dot>\.?)")
_AROUND = re.compile(
    r"(?P<before>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\s+(?:the )?)?(?P<date>.+?)"
    r"(?P<after>(?:,? (?:at )?|T)\d?\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.DOTALL)
_COMMON_YEAR = 2001  # any year without a leap day
_MIDDLE = 15
_PIVOT = 30  # a year of two digits above it belongs to the last century
_LEAST, _MOST = datetime.date.min + datetime.timedelta(days=400), datetime.date.max - datetime.timedelta(days=400)


@dataclass(frozen=True)
class _Style:
    """How a date is read and written: see `shift`."""

    day_first: bool
    full_years: bool
    common_year: int


def reads_day_first(surface: str) -> bool | None:
    """What a numeric date tells about the order: True where only day first makes a date, None where both do."""
    match = _NUMERIC.fullmatch(surface.strip())
    if match is None or int(match["a"]) == int(match["b"]):
        return None
    first, second = int(match["a"]) > 12, int(match["b"]) > 12
    return None if first == second else first


def shift(
    surface: str, days: int, day_first: bool = False, full_years: bool = False, common_year: int = _COMMON_YEAR
) -> str | None:
    """The date `days` later in the same form; None where it cannot be read.

    A date without a year is moved from `common_year`, a month is moved by its middle. A weekday before it and a time
    of day after it stay, so `days` must be whole weeks for the weekday to be right.

    Args:
        day_first: how 3/2/2019 is to be read.
        full_years: write years of two digits with four.
        common_year: of dates that tell none.
    """
    style = _Style(day_first, full_years, common_year)
    around = _AROUND.fullmatch(surface.strip())
    if around is None:
        return None
    for pattern, read in _FORMS:
        match = pattern.fullmatch(around["date"])
        if match is not None:
            try:
                moved = read(match, days, style)
            except (ValueError, OverflowError, KeyError):
                continue
            return f"{around['before'] or ''}{moved}{around['after'] or ''}"
    return None


def _moved(year: int, month: int, day: int, days: int) -> datetime.date:
    date = datetime.date(year, month, day)
    if not _LEAST < date < _MOST:
        raise ValueError(year)
    return date + datetime.timedelta(days=days)


def _numeric(match: re.Match[str], days: int, style: _Style) -> str:
    first, second = int(match["a"]), int(match["b"])
    day_first = style.day_first
    if first > 12:
        day_first = True
    elif second > 12:
        day_first = False
    day, month = (first, second) if day_first else (second, first)
    date = _moved(_year(match["year"], style.common_year), month, day, days)
    a, b = (date.day, date.month) if day_first else (date.month, date.day)
    width = 2 if len(match["a"]) == 2 and len(match["b"]) == 2 else 1
    year = "" if match["year"] is None else match["s"] + _written_year(date.year, match["year"], style.full_years)
    return f"{a:0{width}d}{match['s']}{b:0{width}d}{year}"


def _iso(match: re.Match[str], days: int, style: _Style) -> str:
    date = _moved(int(match["year"]), int(match["a"]), int(match["b"]), days)
    s, width = match["s"], max(len(match["a"]), len(match["b"]))
    return f"{date.year}{s}{date.month:0{width}d}{s}{date.day:0{width}d}{match['rest'] or ''}"


def _with_day(match: re.Match[str], days: int, style: _Style) -> str:
    date = _moved(_year(match["year"], style.common_year), _NUMBER_OF[match["month"][:3].lower()], int(match["day"]),
                  days)
    day = f"{date.day:0{len(match['day'])}d}" if match["day"].startswith("0") else str(date.day)
    day += _ordinal(date.day) if match["ordinal"] else ""
    month = _written_month(date.month, match["month"]) + match["dot"]
    year = "" if match["year"] is None else match["s2"] + _written_year(date.year, match["year"], style.full_years)
    if match.re is _DAY_FIRST:
        return f"{day}{match['of'] or ''}{match['s1']}{month}{year}"
    return f"{month}{match['s1']}{day}{year}"


def _month_year(match: re.Match[str], days: int, style: _Style) -> str:
    date = _moved(int(match["year"]), _NUMBER_OF[match["month"][:3].lower()], _MIDDLE, days)
    return f"{_written_month(date.month, match['month'])}{match['dot']}{match['s1']}{date.year}"


def _month_alone(match: re.Match[str], days: int, style: _Style) -> str:
    date = _moved(style.common_year, _NUMBER_OF[match["month"][:3].lower()], _MIDDLE, days)
    return _written_month(date.month, match["month"]) + match["dot"]


def _month_slash_year(match: re.Match[str], days: int, style: _Style) -> str:
    date = _moved(int(match["year"]), int(match["a"]), _MIDDLE, days)
    return f"{date.month:0{len(match['a'])}d}{match['s']}{date.year}"


def _year(written: str | None, common_year: int) -> int:
    if written is None:
        return common_year
    digits = written.strip("'\u2019")
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= _PIVOT else 1900)


def _written_year(year: int, like: str, full: bool) -> str:
    digits = like.strip("'\u2019")
    mark = like[: len(like) - len(digits)]
    if full and len(digits) == 2:
        return str(year)
    return mark + (str(year) if len(digits) == 4 else f"{year % 100:02d}")


def _written_month(month: int, like: str) -> str:
    name = _MONTHS[month - 1] if len(like) > 4 or like.lower() in {"may", "june", "july"} else _MONTHS[month - 1][:3]
    return name.upper() if like.isupper() else name.lower() if like.islower() else name


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int, _Style], str]], ...] = (
    (_ISO, _iso), (_NUMERIC, _numeric), (_DAY_FIRST, _with_day), (_MONTH_FIRST, _with_day),
    (_MONTH_YEAR, _month_year), (_MONTH_SLASH_YEAR, _month_slash_year), (_MONTH_ALONE, _month_alone),
)
