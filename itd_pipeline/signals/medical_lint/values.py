"""Vital signs and laboratory values that no living patient has, or that cannot be.

Limits lie outside of every value that case reports of survivors give, so that a true extreme passes; they tell a slip
of the decimal point or of the unit, not an ill patient. Accidental hypothermia with survival: 13.7 °C (Gilbert 2000,
Lancet 355:375); 11.8 °C in a child. Highest sodium survived: about 195 mmol/l; highest temperature: 46.5 °C (Slovis
1982).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_IS = (r"(?:\s(?:is|was|were|of|at|a|an|as|high|low|up|level|levels|score|reading|around|about|above|over|below|under|"
       r"normal|approximately|to|rose|fell|reach(?:ed|es)|peak(?:ed|s)|hit|measured|recorded|has been)|"
       r"\s?[:=(<>≤≥~])*\s?")
_N = r"(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"

_LIMITS: tuple[tuple[str, str, float, float, str], ...] = (
    # what precedes the number, what follows it, least, most, a part of every match
    (r"(?:heart rate|hr|pulse(?: rate)?)", r"\s?(?:beats|bpm|/\s?min|per min)", 5, 400, "heart rate pulse hr"),
    (r"(?:respiratory rate|rr|respirations)", r"\s?(?:breaths|/\s?min|per min)", 1, 150, "respirat rr"),
    (r"(?:oxygen saturation|spo2|sao2|o2 sat(?:uration)?s?|saturation)", r"\s?%", 10, 100, "sat spo2 sao2"),
    (r"(?:temperature|temp)", r"\s?°?\s?C\b", 11, 47, "temp"),
    (r"(?:temperature|temp)", r"\s?°?\s?F\b", 52, 117, "temp"),
    (r"(?:sodium|na\+?)", r"\s?(?:mmol|mEq)/L", 80, 220, "mmol/l meq/l"),
    (r"(?:potassium|k\+?)", r"\s?(?:mmol|mEq)/L", 0.8, 15, "mmol/l meq/l"),
    (r"(?:blood |arterial )?ph", r"(?!\.?\d|\s?(?:%|mg|ml|mmol|units|of))", 0, 14, "ph"),
    (r"arterial ph", r"(?!\.?\d)", 6.2, 8.0, "arterial ph"),
    (r"h(?:a?emoglobin|b)", r"\s?g/dL", 0.5, 30, "globin hb"),
    (r"h(?:a?emoglobin|b)", r"\s?g/L", 5, 300, "globin hb"),
    (r"hba1c|a1c", r"\s?%", 2, 30, "a1c"),
    (r"h(?:a?ematocrit|ct)", r"\s?%", 2, 90, "crit hct"),
    (r"(?:blood )?(?:glucose|sugar)", r"\s?mmol/L", 0.1, 200, "glucose sugar"),
    (r"(?:blood )?(?:glucose|sugar)", r"\s?mg/dL", 1, 3_600, "glucose sugar"),
    (r"creatinine", r"\s?mg/dL", 0.01, 80, "creatinine"),
    (r"(?:gcs|glasgow coma (?:scale|score))", r"(?:\s?/\s?15)?(?!\.?\d)", 3, 15, "gcs glasgow"),
    (r"apgar(?: score)?", r"(?!\.?\d)", 0, 10, "apgar"),
    (r"(?:bmi|body mass index)", r"\s?kg", 0, 250, "bmi body mass"),
    (r"inr", r"(?!\.?\d)", 0.3, 60, "inr"),
    (r"ejection fraction", r"\s?%", 1, 100, "ejection"),
)
_PATTERNS = tuple((re.compile(rf"\b(?:{before}){_IS}{_N}{after}", re.IGNORECASE), low, high, tuple(hints.split()))
                  for before, after, low, high, hints in _LIMITS)
_THINGS = re.compile(r"\b(?:autoclav|sterili|incubat|stor(?:e|ed|age)|oven|furnace|freez|frozen|heated|boil|ablat|"
                     r"bak(?:e|ing)|laser|cook|melt|anneal|pcr|water|laborator|wash|pasteuri|ambient|room temp)",
                     re.IGNORECASE)
_NO_BLOOD = (r"(?:urin|sweat|stool|faec|fec|saline|solution|fluid with|infusi\w+ (?:fluid|bag)|bag|dialysa|dextrose|"
             r"ringer|rehydrat|diet|intake|supplement)")
_BEFORE = re.compile(rf"\b{_NO_BLOOD}", re.IGNORECASE)
_BEHIND = re.compile(rf"\s(?:in|of|per) (?:\w+ ){{0,2}}{_NO_BLOOD}", re.IGNORECASE)
"""Words beside a value that is no patient's body or blood: an autoclave has 121 °C, urine any sodium."""
_AROUND, _AHEAD = 60, 40
_PRESSURE = re.compile(
    r"(?<![\d/])(?P<systolic>\d{2,4})(?:\s?/\s?|\sover\s)(?P<diastolic>\d{2,3})\s?mm\s?Hg|"
    r"\b(?:bp|blood pressure)(?: reading)?(?:\s(?:is|was|of|at)|:)?\s(?P<upper>\d{2,3})(?:\s?/\s?|\sover\s)"
    r"(?P<lower>\d{2,3})(?![\d/])", re.IGNORECASE)
_PERCENT = re.compile(r"(?<![\d.,])(?P<value>\d+(?:\.\d+)?)\s?(?:%|percent)\s(?:of (?:all |the )?(?:patients|people|"
                      r"cases|women|men|children|"
                      r"adults|infants|tumou?rs|individuals))", re.IGNORECASE)
_AGE = re.compile(r"\b(?P<value>\d{3,4})[- ]years?[- ]old\b|\baged? (?P<other>\d{3,4})(?! days| months| weeks|"
                  r"[\d,.])\b", re.IGNORECASE)


def _impossible(record: LintRecord) -> Iterator[str]:
    if not any(c.isdigit() for c in record.output):
        return
    for pattern, low, high, hints in _PATTERNS:
        if not record.holds(hints):
            continue
        for match in pattern.finditer(record.output):
            if not low <= float(match["value"].replace(",", "")) <= high and not _of_a_thing(record.output, match):
                yield match.group()


def _of_a_thing(text: str, match: re.Match[str]) -> bool:
    if match.group().lower().startswith("temp"):
        return bool(_THINGS.search(text, max(0, match.start() - _AROUND), match.end() + _AROUND))
    return bool(_BEFORE.search(text, max(0, match.start() - _AHEAD), match.start()) or _BEHIND.match(text, match.end()))


def _pressures(record: LintRecord) -> Iterator[str]:
    for match in _PRESSURE.finditer(record.output):
        systolic, diastolic = int(match["systolic"] or match["upper"]), int(match["diastolic"] or match["lower"])
        if diastolic >= systolic or systolic > 370 or systolic < 30:
            yield match.group()


def _over(pattern: re.Pattern[str], most: float) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        for match in pattern.finditer(record.output):
            value = next(float(group) for group in match.groups() if group)
            if value > most:
                yield match.group()

    return find


RULES = (
    LintRule("value.impossible", "critical", "Case reports of survivors, see the module",
             "A vital sign or laboratory value is outside of what a living patient has had.", _impossible),
    LintRule("value.blood_pressure", "major", "Reasoned: the diastolic pressure is the lower one",
             "The diastolic pressure is not below the systolic, or the systolic is impossible.", _pressures,
             ("mmhg", "mm hg", "bp", "blood pressure")),
    LintRule("value.share_above_all", "major", "Reasoned", "More than 100 % of patients.", _over(_PERCENT, 100),
             ("%", "percent")),
    LintRule("value.age", "major", "Longest human life verified: 122 years", "An age above 125 years.",
             _over(_AGE, 125),
             ("old", "age")),
)
