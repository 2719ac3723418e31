"""Doses: slips of ten and of a thousand against the doses that the record's evidence states for the same drug, and
doses that no drug has.

Decimal points and units are where dosing errors happen (ISMP; Lesar 2002, J Gen Intern Med 17:579-587: tenfold errors).
A dose is taken with the nearest drug before it in its sentence, or behind it. It is a slip where the evidence gives
doses of that drug and none of the same kind (per kg, plain) is within a factor of five, and one is ten, a hundred or a
thousand times as much or as little, within 25 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from itd_pipeline.signals.grounding.drugs import drugs_in
from itd_pipeline.signals.grounding.quantities import Amount, amounts_in
from itd_pipeline.signals.grounding.spelled import with_digits
from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule
from itd_pipeline.text.sentences import sentence_spans

_KINDS = ("mass", "units", "volume")
_MG, _G = 1.0, 1_000.0
_MOST = 50.0 * _G
_MOST_PER_KG = 0.01
_MOST_OF: tuple[tuple[re.Pattern[str], float], ...] = tuple((re.compile(rf"(?:{names})$"), most) for names, most in (
    ("levothyroxine|liothyronine|digoxin|clonidine|tamsulosin|salmeterol|formoterol|tiotropium|misoprostol|"
     "dexmedetomidine|remifentanil|sufentanil|fludrocortisone|desmopressin|cabergoline|teriparatide|"
     "adrenaline|epinephrine|noradrenaline|norepinephrine|c?holecalciferol", 5 * _MG),
    ("fentanyl", 20 * _MG),
    (r"\w+(?:olol|pril|sartan|vastatin|azepam|zolam|dipine|xaban|triptan|setron)|warfarin", 1 * _G),
    (r"\w*(?:orphine|orphone|codone)|codeine|methadone|tramadol", 5 * _G),
    ("macrogol|mannitol|glucose|dextrose|lactulose|charcoal|albumin|immunoglobulin|glycol", 500 * _G)))
"""Name, or stem of the WHO's list, -> most that one dose has in mg: several times the largest that is authorised.
Of the last group people take tens of grams; what is in none has `_MOST`."""
_DOSE = re.compile(r"\d[\s-]?(?:mg|mcg|[µμu]g|micro|milli|g\b|gram|units?\b|iu\b|ml\b)", re.IGNORECASE)
_NAKED = re.compile(r"(?<![\d.,\w])\.\d+\s?(?:mg|mcg|μg|g|ml|units|IU)\b")
_TRAILING = re.compile(r"(?<![\d.,\w])\d+\.0\s?(?:mg|mcg|μg|g|ml|units|IU)\b(?!\s?/\s?d?[lL]\b)")
"""Not the reading of a laboratory, 4.0 mg/dL: its zero tells how exact it is, and the lists allow it."""


_VITAMIN = re.compile(r"\bvitamin [a-k]\d{0,2}\b", re.IGNORECASE)
_OF = re.compile(r"[\w/]*\s?(?:\([^()]{0,20}\)\s?)?(?:of )?(?:oral |intravenous |iv |the )?$", re.IGNORECASE)
_WEEKLY = re.compile(r"\bmethotrexate\b[^.;]{0,40}?\b(?P<mg>\d+(?:\.\d+)?)\s?mg\b(?!/)[^.;]{0,30}?"
                     r"\b(?:daily|every day|each day|a day|per day|once a day|twice a day)\b", re.IGNORECASE)
_NOT_WEEKLY = re.compile(r"\b(?:week(?:ly|s)?|folic|folate|not|never|error|instead|mistake|accidental(?:ly)?|"
                         r"inadvertent(?:ly)?|overdos\w+|fatal|death|leuk\w+|lymph\w+|cancer|chemotherap\w+|"
                         r"ectopic|tumou?rs?)\b", re.IGNORECASE)
_MOST_WEEKLY = 30.0


def stated_doses(text: str) -> dict[str, dict[str, list[float]]]:
    """Drug -> dimension -> doses in the base unit, as a text states them; under the empty name those of sentences that
    name no drug (`The toxic dose is 10 g`)."""
    found: dict[str, dict[str, list[float]]] = {"": _of_no_drug(text)}
    for drug, dimension, value, _ in _doses(text):
        found.setdefault(drug, {}).setdefault(dimension, []).append(value)
    return found


def _doses(text: str) -> Iterator[tuple[str, str, float, str]]:
    """(drug, dimension, value, excerpt) of each dose that stands beside a drug."""
    if "gram" in text:  # only a unit that is written out stands behind a number that is
        text = with_digits(text)
    if not _DOSE.search(text):
        return
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if not _DOSE.search(sentence):
            continue
        drugs = sorted([*drugs_in(sentence), *((m.start(), m[0].lower()) for m in _VITAMIN.finditer(sentence))])
        if not drugs:
            continue
        for amount in amounts_in(sentence):
            kind = amount.dimension
            if not amount.value or amount.unit == "kg" or not kind.startswith(_KINDS) \
                    or kind.startswith("mass/volume"):
                continue  # kilograms weigh the patient
            before = [(at, name) for at, name in drugs if at < amount.start]
            after = next((drug for drug in drugs if drug[0] > amount.start), None)
            name = (after and _behind(sentence, amount, after, not before)) or (before[-1][1] if before else "")
            if name:
                yield name, amount.dimension, amount.value, f"{name} {amount.written} {amount.unit}"


def _of_no_drug(text: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if _DOSE.search(sentence) and not drugs_in(sentence):
            for amount in amounts_in(sentence):
                found.setdefault(amount.dimension, []).append(amount.value)
    return found


def _behind(sentence: str, amount: Amount, drug: tuple[int, str], first: bool) -> str:
    """The drug behind a dose that is its own: `30 mg of oral morphine`; without `of` only where no drug stands before.
    Not so in `60 g of protein with orlistat`."""
    at, name = drug
    between = f"{sentence[amount.start + len(amount.written):at].strip()} "
    return name if _OF.match(between) and (first or "of " in between) else ""


def _slips(record: LintRecord, factors: tuple[float, ...]) -> Iterator[str]:
    if not record.evidence or not any(c.isdigit() for c in record.output):
        return
    known: dict[str, dict[str, list[float]]] | None = None
    for drug, dimension, value, excerpt in _doses(record.output):
        known = stated_doses(record.evidence) if known is None else known
        stated = known.get(drug, {}).get(dimension, [])
        if not stated or value in known[""].get(dimension, ()) or any(0.2 <= value / other <= 5 for other in stated):
            continue
        ratios = [max(value / other, other / value) for other in stated]
        if any(0.75 * factor <= ratio <= 1.25 * factor for ratio in ratios for factor in factors):
            yield excerpt


def _tenfold(record: LintRecord) -> Iterator[str]:
    yield from _slips(record, (10.0, 100.0))


def _thousandfold(record: LintRecord) -> Iterator[str]:
    yield from _slips(record, (1_000.0, 1_000_000.0))


def _grams(record: LintRecord) -> Iterator[str]:
    """A dose above what any drug of its name or stem has; of others 50 g, and 10 g per kg."""
    if not any(c.isdigit() for c in record.output):
        return
    for drug, dimension, value, excerpt in _doses(record.output):
        limit = {"mass": _most(drug), "mass/mass": _MOST_PER_KG}.get(dimension)
        if limit is not None and value > limit and excerpt not in record.evidence:
            yield excerpt


def _most(drug: str) -> float:
    return next((most for pattern, most in _MOST_OF if pattern.match(drug)), _MOST)


def _daily_methotrexate(record: LintRecord) -> Iterator[str]:
    for sentence in record.sentences:
        match = _WEEKLY.search(sentence)
        if match and float(match["mg"]) <= _MOST_WEEKLY and not _NOT_WEEKLY.search(sentence) \
                and sentence not in record.evidence:
            yield match.group()


def _naked(record: LintRecord) -> Iterator[str]:
    yield from (m.group() for m in _NAKED.finditer(record.output) if m.group() not in record.evidence)


def _trailing(record: LintRecord) -> Iterator[str]:
    yield from (m.group() for m in _TRAILING.finditer(record.output) if m.group() not in record.evidence)


_ISMP = "ISMP, List of Error-Prone Abbreviations, Symbols, and Dose Designations (2024)"
RULES = (
    LintRule("dose.tenfold", "critical", "Lesar 2002, J Gen Intern Med 17:579-587",
             "A dose is ten or a hundred times as much or as little as every dose that the evidence states.", _tenfold),
    LintRule("dose.thousandfold", "critical", "ISMP, mix-ups of mg and mcg",
             "A dose is a thousand times as much or as little as every dose that the evidence states.", _thousandfold),
    LintRule("dose.beyond_any_drug", "critical", "Reasoned: no drug is given in such amounts",
             "A dose is larger than any drug of its kind has, such as milligrams of one that is given in micrograms.",
             _grams),
    LintRule("dose.daily_methotrexate", "critical", "ISMP, Targeted Medication Safety Best Practices: weekly oral "
             "methotrexate", "Low-dose methotrexate is taken once a week; daily doses have killed.",
             _daily_methotrexate, ("methotrexate",)),
    LintRule("dose.naked_decimal", "major", _ISMP, "A dose begins with the decimal point: .5 mg is read as 5 "
                                                   "mg.", _naked, (" .", "(.", "\n.")),
    LintRule("dose.trailing_zero", "major", _ISMP, "A whole dose ends in .0: 1.0 mg is read as 10 mg.", _trailing,
             (".0",)),
)
