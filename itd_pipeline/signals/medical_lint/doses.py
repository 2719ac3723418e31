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
from itd_pipeline.signals.grounding.quantities import amounts_in
from itd_pipeline.signals.grounding.spelled import with_digits
from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule
from itd_pipeline.text.sentences import sentence_spans

_KINDS = ("mass", "units", "volume")
_POTENT = ("levothyroxine", "digoxin", "fentanyl", "liothyronine", "clonidine", "tamsulosin", "salmeterol",
           "formoterol",
           "tiotropium", "misoprostol", "oxytocin", "colecalciferol", "dexmedetomidine", "remifentanil", "sufentanil",
           "budesonide", "fludrocortisone", "desmopressin", "teriparatide", "octreotide", "cabergoline")
_DOSE = re.compile(r"\d[\s-]?(?:mg|mcg|[µμu]g|micro|milli|g\b|gram|units?\b|iu\b|ml\b)", re.IGNORECASE)
_NAKED = re.compile(r"(?<![\d.,\w])\.\d+\s?(?:mg|mcg|μg|g|ml|units|IU)\b")
_TRAILING = re.compile(r"(?<![\d.,\w])\d+\.0\s?(?:mg|mcg|μg|g|ml|units|IU)\b")


def stated_doses(text: str) -> dict[str, dict[str, list[float]]]:
    """Drug -> dimension -> doses in the base unit, as a text states them."""
    found: dict[str, dict[str, list[float]]] = {}
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
        drugs = drugs_in(sentence)
        if not drugs:
            continue
        for amount in amounts_in(sentence):
            kind = amount.dimension
            if not amount.value or not kind.startswith(_KINDS) or kind.startswith("mass/volume"):
                continue
            before = [(at, name) for at, name in drugs if at < amount.start]
            name = before[-1][1] if before else drugs[0][1]
            yield name, amount.dimension, amount.value, f"{name} {amount.written} {amount.unit}"


def _slips(record: LintRecord, factors: tuple[float, ...]) -> Iterator[str]:
    if not record.evidence or not any(c.isdigit() for c in record.output):
        return
    known: dict[str, dict[str, list[float]]] | None = None
    for drug, dimension, value, excerpt in _doses(record.output):
        known = stated_doses(record.evidence) if known is None else known
        stated = known.get(drug, {}).get(dimension, [])
        if not stated or any(0.2 <= value / other <= 5 for other in stated):
            continue
        ratios = [max(value / other, other / value) for other in stated]
        if any(0.75 * factor <= ratio <= 1.25 * factor for ratio in ratios for factor in factors):
            yield excerpt


def _tenfold(record: LintRecord) -> Iterator[str]:
    yield from _slips(record, (10.0, 100.0))


def _thousandfold(record: LintRecord) -> Iterator[str]:
    yield from _slips(record, (1_000.0, 1_000_000.0))


def _grams(record: LintRecord) -> Iterator[str]:
    """A plain dose above 50 g, or per kg above 10 g, which no drug has; or above 5 mg of one that is given in "
    "micrograms."""
    if not any(c.isdigit() for c in record.output):
        return
    for drug, dimension, value, excerpt in _doses(record.output):
        limit = {"mass": 5.0 if drug in _POTENT else 50_000.0, "mass/mass": 0.01}.get(dimension)
        if limit is not None and value > limit and excerpt not in record.evidence:
            yield excerpt


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
             "A dose is larger than any drug has, or in milligrams for a drug that is given in micrograms.", _grams),
    LintRule("dose.naked_decimal", "major", _ISMP, "A dose begins with the decimal point: .5 mg is read as 5 "
                                                   "mg.", _naked, (" .", "(.", "\n.")),
    LintRule("dose.trailing_zero", "major", _ISMP, "A whole dose ends in .0: 1.0 mg is read as 10 mg.", _trailing,
             (".0",)),
)
