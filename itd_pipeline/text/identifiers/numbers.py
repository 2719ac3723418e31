"""Numbers that identify: social security, record, account, plan, licence, device (45 CFR 164.514(b)(2)(i)(G) to (M)).

Nearly all need their label: a bare number in medicine is mostly a measurement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from itd_pipeline.text.identifiers.finding import Finding, Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped

_LABELS: dict[str, str] = {
    "mrn": r"mrn|mr ?#|med(?:ical)?\.? rec(?:ord)?s?\.?|(?:hospital|hosp\.?|unit|case|baby|record|specimen|patient|"
           r"pt\.?) (?:no|number|#)|"
           r"chart(?: (?:no|number)|\s?#)|nhs(?: (?:no|number))?|(?:patient|pt\.?|case|record|visit|specimen|study|"
           r"subject|site) id(?:entifier)?|"
           r"empi|urn|crn|unit record|(?:encounter|visit)(?: (?:no|number)|\s?#)|csn|chi (?:no|number)|emis|rio|"
           r"systmone|cerner|accession(?: "
           r"(?:no|number))?|\(id",
    "account": r"routing(?: (?:no|number))?|acc(?:oun)?t\.?(?: (?:no|number))?|billing (?:no|number|id)|invoice|iban|"
               r"card (?:no|number)",
    "plan": r"health plan|(?:health )?plan (?:no|number|id)|"
            r"policy(?: (?:no|number|id))?|insurance(?: (?:no|number|id))|member"
            r"(?: ?id| (?:no|number))|"
            r"(?:subscriber|beneficiary|medicare|medicaid|claim|group) (?:id|no|number)",
    "licence": r"lic(?:en[cs]e)?\.?(?: (?:no|number|plate))?|dea(?: (?:no|number|#))?|npi|gmc(?: (?:no|number))?|"
               r"nmc pin|dl|cdl|passport(?: (?:no|number))?|"
               r"certificate (?:no|number)|registration (?:no|number)",
    "device": r"serial(?: (?:no|number))?|s/n|device (?:id|identifier|serial)|implant id|lot (?:no|number)|udi|imei",
    "phone": r"pager|bleep|beeper|ext\.|extension",
}
_LOOSE_LABELS: dict[str, str] = {
    "vehicle": r"plate|reg|registration|vehicle",
    "device": r"implant|asset|transmitter|sensor|serial|device|pump|lot|model no|infuser",
    "id": r"(?:[a-z]{2,12}\.? )?(?:ref|reference|no|number|id|uid|#)|lab|report|claim|session|histology|pathology|"
          r"incident|badge|staff|user|"
          r"login|job|order|receipt|pass|pin|csn",
}
_BETWEEN = (
    r")\.?(?:\s*(?:no\b\.?|number\b|num\b\.?|id\b|#|№))*[*_]*\s*(?:[:#=]|\bis\b)?[*_]*\s*#?\s*)$"
)


def _label_pattern(labels: dict[str, str]) -> re.Pattern[str]:
    """Any of the labels right before a number, with what may stand between them."""
    return re.compile(
        r"(?i:(?<![\w])(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in labels.items()) + _BETWEEN)


_STRICT = _label_pattern(_LABELS)
_LOOSE = _label_pattern(_LOOSE_LABELS)
_FIRST_DIGIT = re.compile(r"[0-9][A-Za-z0-9/-]*(?:[ ](?=[A-Z]{0,4}[0-9])[A-Z0-9]{2,6}(?![\w.,/%]))*")
_BEFORE_DIGIT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z/-]{0,9}$")
_SPACED_PREFIX = re.compile(r"(?<![\w-])[A-Z]{1,6} $")
_ID_LABEL = re.compile(r"(?i)(?<!\w)(?:patient|site|study|subject) ids?\b(?: (?:no|number))?[ :#=]{1,3}$")
LABEL_AT_START = re.compile(r"(?i)(?:patient|site|study|subject) ids?\b(?: (?:no|number))?[ :#=]{1,3}(?=\S)")
"""The words before a code that belong to what identifies; they stay in the text."""
_LABEL_REACH = 40
_LEAST_LENGTH = 4


_LAST_WORDS = frozenset(re.findall(r"\S+", """
    mrn mr rec recs record records no number num id identifier chart nhs encounter visit csn chi emis rio systmone
    cerner accession acct acc account invoice iban policy memberid licence license lic plate dea npi gmc pin passport
    empi urn crn routing dl cdl serial s/n udi imei pager bleep beeper ext extension is
"""))


def _may_be_label(before: str) -> bool:
    """A cheap test ahead of the pattern: does a label's last word stand right before the number?"""
    bare = before.rstrip(" .:=*_#\u2116\t\n")
    if "#" in before[len(bare):] or "\u2116" in before[len(bare):]:
        return True
    last = bare.rsplit(None, 1)
    return bool(last) and last[-1].lower().rstrip(".").lstrip("(*_[|;,\"'") in _LAST_WORDS


@dataclass(frozen=True)
class LabelledNumberRecogniser:
    """Numbers whose label stands right before them. It looks at numbers first and then back for a label, because
    numbers of that length are rarer than words that could be labels."""

    loose: bool = False
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
            prefix = _SPACED_PREFIX.search(text, max(0, start - 7), start)
            for begin in (prefix.start(), start) if prefix is not None else (start,):
                kind = self._label_before(text, begin)
                if kind is not None:
                    named = _ID_LABEL.search(text, max(0, begin - _LABEL_REACH), begin) if self.loose else None
                    found.append(Finding(named.start() if named else begin, end, kind, "labelled_number"))
                    position = end
                    break
        return found

    def _label_before(self, text: str, start: int) -> str | None:
        reach = max(0, start - _LABEL_REACH)
        if not self.loose and not _may_be_label(text[reach:start]):
            return None
        for labels, pattern in ((_LABELS, _STRICT), (_LOOSE_LABELS, _LOOSE)) if self.loose else ((_LABELS, _STRICT),):
            label = pattern.search(text, reach, start)
            if label is not None:
                return next(name for name in labels if label[name] is not None)
        return None


_DRUG_CODES = frozenset(re.findall(r"\S+", """
    bms gsk ly pf azd mk sch amg ro sb nsc tak abt bay cp jnj ono sar ucb cc srt icd cpt hp nct
"""))


def _nhs_checksum(match: re.Match[str]) -> bool:
    """NHS number: the tenth digit checks the first nine, modulo 11."""
    digits = [int(character) for character in match.group() if character.isdigit()]
    rest = 11 - sum(digit * (10 - i) for i, digit in enumerate(digits[:9])) % 11
    return rest != 10 and rest % 11 == digits[9]


def _iban(match: re.Match[str]) -> bool:
    """ISO 13616: the letters as numbers, country and check digits last, modulo 97 is 1."""
    bare = match.group().replace(" ", "")
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1


PUBLIC_BEFORE = re.compile(r"(?i)(?:PMID|PMCID|PMC|rs|OMIM|MIM|ORPHA|HP|MONDO|SNOMED(?:[ -]CT)?|LOINC|RxNorm|RxCUI|"
                           r"CUI|CAS|"
                     r"DOI|ISSN|"
                     r"ISBN|NDC|GTIN|NCT|ClinVar|Entrez|UniProt|PubChem|ChEMBL)(?: (?:no\.?|code|id|ID))?[\s:#.]{0,3}$")


def _not_round(match: re.Match[str]) -> bool:
    if PUBLIC_BEFORE.search(match.string, max(0, match.start() - 24), match.start()):
        return False  # the number of a paper, a gene or a code: it points at no person
    return not match.group().endswith("0000") and len(set(match.group())) > 2


def _not_drug_code(match: re.Match[str]) -> bool:
    return match["prefix"].lower() not in _DRUG_CODES


NUMBERS = gated((
    Rule("iban", "account", re.compile(
        r"(?<![\w-])[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])"), _iban),
    Rule("ssn", "ssn", re.compile(r"(?<![\w-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")),
    Rule("ssn_label", "ssn", re.compile(
        r"(?i:\b(?:ssn|ss#|soc(?:ial)?\.? sec(?:urity)?(?: (?:number|no\.?))?|national insurance(?: (?:number|"
        r"no\.?))?|nino))"
        r"\s*[:#]?\s*(?P<it>(?:[\dXx*]{3}[- ]?[\dXx*]{2}[- ]?\d{4})|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])")),
    Rule("ssn_last_four", "ssn", re.compile(r"(?i:\b(?:ssn|social)\b[^.\n]{0,20}?(?:last four|last 4|ending"
        r"(?: in)?)\D{0,12})(?P<it>\d{4})\b")),
    Rule("nhs_number", "mrn", re.compile(r"(?<![\w-])\d{3}[ -]\d{3}[ -]\d{4}(?![\w-])"), _nhs_checksum),
    Rule("long_number", "id", re.compile(r"(?<![\w.,/:+-])\d{10,19}(?![\w/-]|[.,]\d)"), _not_round),
), {
    "iban": shaped(r"[A-Z]{2}\d\d ?[A-Z0-9]{4}"),
    "ssn": shaped(r"\d{3}-\d\d-"),
    "ssn_label": has("ssn", "ss#", "soc", "national ins", "nino"),
    "ssn_last_four": has("ssn", "social"),
    "nhs_number": shaped(r"\d{3}[ -]\d{3}[ -]\d{4}"),
    "long_number": shaped(r"\d{10}"),
})

LOOSE_NUMBERS = gated((
    Rule("ssn_unspaced", "ssn", re.compile(r"(?<![\w.-])\d{3} \d{2} \d{4}(?![\w-])")),
    Rule("prefixed_number", "id", re.compile(r"(?<![\w./-])(?P<prefix>[A-Z]{1,4})-?\d{5,12}(?![\w-]|"
        r"\.\d)"), _not_drug_code),
    Rule("hyphenated_code", "id", re.compile(r"(?<![\w./-])[A-Z]{1,4}\d{0,3}[-/]\d{3,8}(?:[-/][A-Z0-9]{1,6})+"
        r"(?![\w-])")),
    Rule("object_identifier", "id", re.compile(r"(?<![\w.])\d(?:\.\d{1,12}){5,}(?![\w.]*\w)")),
    Rule("nursing_pin", "licence", re.compile(r"(?<!\w)\d{2}[A-L]\d{4}[A-Z](?!\w)")),
    Rule("british_plate", "vehicle", re.compile(r"(?<![\w-])[A-Z]{2}\d{2} ?[A-Z]{3}(?![\w-])")),
    Rule("seven_to_nine_digits", "id", re.compile(r"(?<![\w.,/:+#-])\d{7,9}(?![\w/%-]|[.,]\d)"), _not_round),
    Rule("card_number", "account", re.compile(r"(?<![\w-])\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}(?![\w-])")),
    Rule("licence_plate", "vehicle", re.compile(r"(?i:\b(?:plate|registration)\s*[:#]?\s*)"
        r"(?P<it>[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})\b")),
), {
    "ssn_unspaced": shaped(r"\d{3} \d\d \d{4}"),
    "prefixed_number": shaped(r"[A-Z]-?\d{5}"),
    "hyphenated_code": shaped(r"[A-Z]\d{0,3}[-/]\d{3}"),
    "object_identifier": shaped(r"\d\.\d{1,12}\.\d"),
    "nursing_pin": shaped(r"\d\d[A-L]\d{4}"),
    "british_plate": shaped(r"[A-Z]{2}\d\d"),
    "seven_to_nine_digits": shaped(r"\d{7}"),
    "card_number": shaped(r"\d{4}[ -]\d{4}"),
    "licence_plate": has("plate", "registration"),
})
