"""Presidio's pattern recognisers, with their checksums and context words; no model, no network.

They are asked about what our own rules have left: words that hold at least six digits, or are long and mixed. Where we
have found an identifier already, another name for it adds nothing. Loading the package takes seconds, and most texts
leave it nothing to do, so it is loaded when the first such word stands in a text.

A hit counts as Presidio counts it: its checksum holds, or the pattern alone scores 0.4, or a word of its context stands
close before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gates import views
from itd_pipeline.text.identifiers.numbers import PUBLIC_BEFORE

_CANDIDATE = re.compile(
    r"(?<![\w.,/+-])(?=(?:[^\W_]*[ :.-]?){0,1})[A-Za-z]{0,6}-?\d[A-Za-z0-9]*(?:[ "
    r":.-]\d[A-Za-z0-9]*){0,6}(?![\w.,]*[\w])"
    r"|(?<![\w/+-])(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{20,62}(?!\w)")
_LONG = re.compile(r"[A-Za-z0-9]{20}")
_LEAST_DIGITS, _MOST_SIGNS = 6, 64
_BEFORE, _AFTER = 60, 10
_LEAST_SCORE, _CONTEXT_BOOST = 0.4, 0.35
_LANGUAGES = {"en": ("en",), "es": ("es", "en")}
# Ours are wider: dates, e-mail (theirs asks the network for a list of suffixes), web addresses, postcodes.
_OURS = frozenset({"DateRecognizer", "EmailRecognizer", "UrlRecognizer", "UkPostcodeRecognizer",
                   "CaPostalCodeRecognizer"})
_CLASSES = {
    "CREDIT_CARD": "account", "US_BANK_NUMBER": "account", "IBAN_CODE": "account", "ABA_ROUTING_NUMBER": "account",
    "CRYPTO": "account", "US_SSN": "ssn", "US_ITIN": "ssn", "UK_NINO": "ssn", "CA_SIN": "ssn", "AU_TFN": "ssn",
    "UK_NHS": "mrn", "AU_MEDICARE": "plan", "US_MBI": "plan", "US_HEALTH_INSURANCE_MEMBER_ID": "plan",
    "US_DRIVER_LICENSE": "licence", "US_PASSPORT": "licence", "MEDICAL_LICENSE": "licence", "US_NPI": "licence",
    "UK_DRIVING_LICENCE": "licence", "UK_PASSPORT": "licence", "IP_ADDRESS": "ip", "MAC_ADDRESS": "ip",
    "PHONE_NUMBER": "phone", "UK_VEHICLE_REGISTRATION": "vehicle", "IN_VEHICLE_REGISTRATION": "vehicle",
}


def find_in_rest(text: str, taken: Sequence[Finding], language: str = "en") -> list[Finding]:
    """What Presidio's patterns find outside of `taken`.

    Args:
        text: whole text.
        taken: findings in order without overlap.
        language: ISO 639-1 code; decides whose national numbers are known.
    """
    found: list[Finding] = []
    numerics = views(text).numerics
    if not numerics or (sum(map(numerics.count, "0123456789")) < _LEAST_DIGITS and not _LONG.search(text)):
        return found
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        if end - start > _MOST_SIGNS or (sum(map(str.isdigit, match.group())) < _LEAST_DIGITS and end - start < 20):
            continue
        if PUBLIC_BEFORE.search(text, max(0, start - 24), start):
            continue
        if any(finding.start < end and finding.end > start for finding in taken):
            continue
        kind = _judged(text, start, end, language)
        if kind is not None:
            found.append(Finding(start, end, kind[0], kind[1]))
    return found


def _judged(text: str, start: int, end: int, language: str) -> tuple[str, str] | None:
    """(class, rule) of a word that holds digits; None where Presidio knows nothing about it."""
    window_start = max(0, start - _BEFORE)
    window = text[window_start : end + _AFTER]
    before = text[window_start:start].lower()
    best: tuple[float, str] | None = None
    for recogniser in _recognisers(language):
        for result in recogniser.analyze(window, recogniser.supported_entities, None) or ():
            if result.start + window_start >= end or result.end + window_start <= start:
                continue
            boosted = any(re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", before)
                          for word in recogniser.context or ())
            score = result.score + (_CONTEXT_BOOST if boosted else 0)
            if score >= _LEAST_SCORE and (best is None or score > best[0]):
                best = (score, result.entity_type)
    if best is None:
        return None
    return _CLASSES.get(best[1], "id"), f"presidio_{best[1].lower()}"


@cache
def _recognisers(language: str) -> tuple[Any, ...]:
    """Presidio's pattern recognisers of a language, in order of their names."""
    import presidio_analyzer.predefined_recognizers as predefined
    from presidio_analyzer import PatternRecognizer

    wanted = _LANGUAGES.get(language, ("en",))
    made = []
    for name in sorted(dir(predefined)):
        kind: Any = getattr(predefined, name)
        if name in _OURS or not (isinstance(kind, type) and issubclass(kind, PatternRecognizer)) or (
                kind is PatternRecognizer):
            continue
        recogniser = kind()  # type: ignore[call-arg]  # each but the base class makes itself
        if recogniser.supported_language in wanted:
            made.append(recogniser)
    return (*made, predefined.PhoneRecognizer())
