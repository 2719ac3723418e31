"""Numbers that identify: social security, record, account, plan, licence, device (45 CFR 164.514(b)(2)(i)(G) to (M)).

Nearly all need their label: a bare number in medicine is mostly a measurement.
"""

from __future__ import annotations

import re

from dataclasses import dataclass

from itd_pipeline.text.identifiers.finding import Finding, Rule

_LABELS: dict[str, str] = {
    "mrn": r"mrn|mr ?#|med(?:ical)?\.? rec(?:ord)?s?\.?|(?:hospital|hosp\.?|unit|case|record|specimen|patient|pt\.?) (?:no|number|#)|"
           r"chart(?: (?:no|number)|\s?#)|nhs(?: (?:no|number))?|(?:patient|pt\.?|case|record|visit|specimen|study|subject) id(?:entifier)?|"
           r"(?:encounter|visit)(?: (?:no|number)|\s?#)|csn|chi (?:no|number)|accession(?: (?:no|number))?|\(id",
    "account": r"acc(?:oun)?t\.?(?: (?:no|number))?|billing (?:no|number|id)|invoice|iban|card (?:no|number)",
    "plan": r"(?:health )?plan (?:no|number|id)|policy(?: (?:no|number|id))?|insurance(?: (?:no|number|id))|member(?: ?id| (?:no|number))|"
            r"(?:subscriber|beneficiary|medicare|medicaid|claim|group) (?:id|no|number)",
    "licence": r"licen[cs]e(?: (?:no|number|plate))?|dea(?: (?:no|number|#))?|npi|gmc(?: (?:no|number))?|nmc pin|passport(?: (?:no|number))?|"
               r"certificate (?:no|number)|vin|registration (?:no|number|plate)",
    "device": r"serial(?: (?:no|number))?|s/n|device (?:id|identifier|serial)|implant id|lot (?:no|number)|udi|imei",
    "phone": r"pager|bleep|beeper|ext\.|extension",
}
_LABEL = re.compile(
    r"(?i:(?<![\w])(?:" + "|".join(f"(?P<{kind}>{labels})" for kind, labels in _LABELS.items())
    + r")(?:\s*(?:no\b\.?|number\b|num\b\.?|id\b|#|№))*[*_]*\s*(?:[:#=]|\bis\b)?[*_]*\s*#?\s*)$"
)
_FIRST_DIGIT = re.compile(r"[0-9][A-Za-z0-9/-]*(?:(?<=[0-9])[ ][0-9]{2,5}(?![\w.,/%]))*")
_BEFORE_DIGIT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z/-]{0,7}$")
_LABEL_REACH = 40
_LEAST_LENGTH = 4


@dataclass(frozen=True)
class LabelledNumberRecogniser:
    """Numbers whose label stands right before them. It looks at numbers first and then back for a label, because
    numbers of that length are rarer than words that could be labels."""

    least_length: int = _LEAST_LENGTH

    def find(self, text: str) -> list[Finding]:
        found = []
        position = 0
        for match in _FIRST_DIGIT.finditer(text):
            if match.start() < position:
                continue
            start, end = match.start(), match.end()
            if start and (text[start - 1].isalpha() or text[start - 1] in "-/"):
                letters = _BEFORE_DIGIT.search(text, max(0, start - 9), start)
                if letters is None:
                    continue
                start = letters.start()
            while end > start and text[end - 1] in "-/":
                end -= 1
            if end - start < self.least_length:
                continue
            label = _LABEL.search(text, max(0, start - _LABEL_REACH), start)
            if label is not None:
                kind = next(name for name in _LABELS if label[name] is not None)
                found.append(Finding(start, end, kind, "labelled_number"))
                position = end
        return found


_DRUG_CODES = frozenset("bms gsk ly pf azd mk sch amg ro sb nsc tak abt bay cp jnj ono sar ucb cc srt icd cpt hp nct".split())


def _nhs_checksum(match: re.Match[str]) -> bool:
    """NHS number: the tenth digit checks the first nine, modulo 11."""
    digits = [int(character) for character in match.group() if character.isdigit()]
    rest = 11 - sum(digit * (10 - i) for i, digit in enumerate(digits[:9])) % 11
    return rest != 10 and rest % 11 == digits[9]


def _not_round(match: re.Match[str]) -> bool:
    return not match.group().endswith("0000") and len(set(match.group())) > 2


def _not_drug_code(match: re.Match[str]) -> bool:
    return match["prefix"].lower() not in _DRUG_CODES


NUMBERS = (
    Rule("ssn", "ssn", re.compile(r"(?<![\w-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")),
    Rule("ssn_label", "ssn", re.compile(
        r"(?i:\b(?:ssn|ss#|soc(?:ial)?\.? sec(?:urity)?(?: (?:number|no\.?))?|national insurance(?: (?:number|no\.?))?|nino))"
        r"\s*[:#]?\s*(?P<it>(?:[\dXx*]{3}[- ]?[\dXx*]{2}[- ]?\d{4})|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])")),
    Rule("ssn_last_four", "ssn", re.compile(r"(?i:\b(?:ssn|social)\b[^.\n]{0,20}?(?:last four|last 4|ending(?: in)?)\D{0,12})(?P<it>\d{4})\b")),
    Rule("nhs_number", "mrn", re.compile(r"(?<![\w-])\d{3}[ -]\d{3}[ -]\d{4}(?![\w-])"), _nhs_checksum),
    Rule("long_number", "id", re.compile(r"(?<![\w.,/:+-])\d{10,19}(?![\w/-]|[.,]\d)"), _not_round),
)

LOOSE_NUMBERS = (
    Rule("ssn_unspaced", "ssn", re.compile(r"(?<![\w.-])\d{3} \d{2} \d{4}(?![\w-])")),
    Rule("prefixed_number", "id", re.compile(r"(?<![\w./-])(?P<prefix>[A-Z]{1,4})-?\d{5,12}(?![\w-]|\.\d)"), _not_drug_code),
    Rule("seven_to_nine_digits", "id", re.compile(r"(?<![\w.,/:+#-])\d{7,9}(?![\w/%-]|[.,]\d)"), _not_round),
    Rule("card_number", "account", re.compile(r"(?<![\w-])\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}(?![\w-])")),
    Rule("licence_plate", "licence", re.compile(r"(?i:\b(?:plate|registration)\s*[:#]?\s*)(?P<it>[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})\b")),
)
