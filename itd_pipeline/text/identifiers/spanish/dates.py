"""Spanish dates more precise than a year, and ages over 89 (45 CFR 164.514(b)(2)(i)(C)). A year alone stays."""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped

_MONTH = (r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|setiembre|octubre|noviembre|diciembre)")
_SHORT = r"(?:ene|feb|mar|abr|may|jun|jul|ago|sept?|set|oct|nov|dic)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_OF = r"(?:\s{1,3}del?(?:\s{1,3}año)?)?"
_SAYS = r"(?:de|en|desde|hasta|a|entre|durante|y|pasado|mes de|hacia|finales de|principios de|mediados de|próximo)"
_OLD = r"(?P<it>9\d|1[0-2]\d)"
_MONTHS = has("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "tiembre", "octubre",
              "noviembre", "diciembre")


def _possible(match: re.Match[str]) -> bool:
    first, second = int(match["a"]), int(match["b"])
    return 1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12


DATES = gated((
    Rule("es_numeric_date", "date", re.compile(
        rf"(?<![\d./-])(?P<a>\d{{1,2}})(?P<sep>[/.-]) ?(?P<b>\d{{1,2}})(?P=sep) ?{_YEAR}(?![\d/-]|\.\d)"), _possible),
    Rule("es_numeric_date_short_year", "date", re.compile(
        r"(?<![\d.,/-])(?P<a>\d{1,2})(?P<sep>[/-])(?P<b>\d{1,2})(?P=sep)\d\d(?![\d/-]|[.,]\d)"), _possible),
    Rule("es_dotted_date_short_year", "date", re.compile(
        r"(?<![\d.,/-])(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.\d\d(?![\d/-]|[.,]\d)"), _possible),
    Rule("es_iso_date", "date", re.compile(
        rf"(?<![\d./-]){_YEAR}(?P<sep>[-/.])(?P<a>\d{{1,2}})(?P=sep)(?P<b>\d{{1,2}})(?![\d/-]|\.\d)"), _possible),
    Rule("es_month_slash_year", "date", re.compile(rf"(?<![\d./-])(?:0?[1-9]|1[0-2])[/-]{_YEAR}(?![\d/-])")),
    Rule("es_days_month", "date", re.compile(
        rf"(?<![\w./-])(?:{_DAY}(?:\s{{0,3}}(?:-|,|y|al|a)\s{{0,3}})){{0,3}}{_DAY}(?:º|"
        rf"°)?(?:\s{{1,3}}del?(?:\s{{1,3}}mes\s{{1,3}}de)?)?[\s./-]{{0,4}}"
        rf"{_MONTH}(?:[\s./,-]{{0,4}}(?:del?\s{{1,3}})?(?:año\s{{1,3}})?{_YEAR})?(?!\w)", re.I)),
    Rule("es_first_of_month", "date", re.compile(
        rf"\b(?:uno|primero|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|quince|veinte|"
        rf"treinta)\s{{1,3}}de\s{{1,3}}"
        rf"{_MONTH}(?:{_OF}\s{{1,3}}{_YEAR})?\b", re.I)),
    Rule("es_month_year", "date", re.compile(
        rf"\b(?:{_MONTH}\s?(?:-|/|y|"
        rf"a)\s?)?{_MONTH}(?:\s{{1,3}}del?)?(?:\s{{1,3}}año)?[\s/,.'\u2019-]{{0,4}}{_YEAR}\b", re.I)),
    Rule("es_month_short_year", "date",
    re.compile(rf"\b{_MONTH}(?:\s{{1,3}}del?)?[\s/-]{{0,3}}['\u2019]?\d\d(?![\w%]|\s%|[.,]\d)", re.I)),
    Rule("es_short_month", "date", re.compile(
        rf"(?<![\w./-])(?:{_DAY}[\s./-]{{1,2}})?{_SHORT}\.?[\s./'\u2019-]{{1,2}}(?:{_YEAR}|\d\d)(?![\w]|"
        rf"[.,/]\d)", re.I)),
    Rule("es_month_alone", "date", re.compile(
        rf"\b{_SAYS}\s{{1,3}}(?P<it>{_MONTH}(?:\s{{0,3}}(?:-|/|y|a)\s{{0,3}}{_MONTH})?)\b", re.I)),
    Rule("es_birth_label", "date", re.compile(
        r"\b(?:fecha de nac(?:imiento)?|f\.? ?nac(?:imiento)?|fecha de (?:ingreso|alta|informe))\.?\s{0,3}:\s{0,3}"
        r"(?P<it>\d[\d./ -]{2,12}\d)", re.I)),
    Rule("es_day_slash_month", "date", re.compile(
        r"\b(?:día|el|desde el|hasta el|del|fecha:?)\s{1,3}(?P<it>(?P<a>\d{1,2})/(?P<b>0?[1-9]|"
        r"1[0-2]))(?![\d/]|[.,]\d)",
        re.I), _possible),
), {
    "es_numeric_date": shaped(r"\d[./-]\d?"),
    "es_numeric_date_short_year": shaped(r"\d[/-]\d"),
    "es_dotted_date_short_year": shaped(r"\d\.\d"),
    "es_iso_date": shaped(r"(?:19|20)\d\d[./-]\d"),
    "es_month_slash_year": shaped(r"\d[/-](?:19|20)"),
    "es_days_month": _MONTHS,
    "es_first_of_month": _MONTHS,
    "es_month_year": _MONTHS,
    "es_month_short_year": _MONTHS,
    "es_month_alone": _MONTHS,
})

AGES = gated((
    Rule("es_age_years", "age", re.compile(rf"(?<![\d.,/-]){_OLD}(?=\s{{0,3}}(?:años|a\.|ª))", re.I)),
    Rule("es_age_label", "age", re.compile(rf"\bedad\s{{0,3}}(?:de|:)?\s{{0,3}}{_OLD}\b"
        r"(?!\s{0,3}(?:mes|día|sem|h\b)|[.,/]\d)", re.I)),
    Rule("es_age_words", "age", re.compile(
        r"\b(?P<it>noventa(?:\s{1,3}y\s{1,3}(?:un|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?|cien|"
        r"ciento\s{1,3}(?:un|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez))(?=\s{1,3}años)", re.I)),
    Rule("es_age_group", "age", re.compile(r"\b(?P<it>nonagenari[oa]|centenari[oa])\b", re.I)),
), {
    "es_age_years": shaped(r"9\d|1[0-2]\d"),
    "es_age_label": shaped(r"9\d|1[0-2]\d"),
    "es_age_words": has("noventa", "cien"),
    "es_age_group": has("enari"),
})
