"""Contradictions of age and sex: organs and conditions of the other sex, in one sentence about one person.

Only a sentence about a single patient counts (`a man`, `he`, `the 60-year-old woman`), because general text may speak
of both; and none that says so on purpose (transgender, intersex, `does not have`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_FEMALE_ONLY = (r"(?:is pregnant|was pregnant|pregnant|his pregnancy|ovar(?:y|ies|ian cancer)|uterus|cervical smear|"
                r"pap smear|"
                r"hysterectomy|menstruat\w+|menopaus\w+|endometri\w+|his last period|vagina|gave birth|"
                r"breastfeeding his)")
_MALE_ONLY = (r"(?:prostat(?:e|ic|itis|ectomy)(?! tissue)|testic(?:le|les|ular)|scrot(?:um|al)|her penis|"
              r"erectile dysfunction|vasectomy|sperm count)")
_EXCEPT = re.compile(r"\b(?:not|no|never|without|trans\w*|intersex|partner|wife|husband|mother|father|spouse|son|"
                     r"daughter|sister|"
                     r"brother|donor|baby|foetus|fetus|women and men|men and women|or|unlike|syndrome|embry\w+|sex|"
                     r"whereas|"
                     r"while|both|gene|family|carrier|either)\b", re.IGNORECASE)
_MAN_WITH = re.compile(rf"\b(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+){{0,2}} (?:man|male patient|boy|"
                       rf"gentleman)\b[^.;]{{0,80}}\b{_FEMALE_ONLY}|"
                       rf"\bpregnant (?:man|men|male|boy)\b|\b[Hh](?:e|is)\b[^.;,]{{0,40}}\b(?:is pregnant|pregnancy|"
                       rf"ovar(?:y|ies)|uterus|"
                       r"hysterectomy|menopause|menstrual)\b")
_WOMAN_WITH = re.compile(rf"\b(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+){{0,2}} (?:woman|female patient|girl|"
                         rf"lady)\b[^.;]{{0,80}}\b{_MALE_ONLY}|"
                         r"\b(?:[Ss]he|[Hh]er)\b[^.;,]{0,40}\b(?:prostate|prostatitis|prostatectomy|testic(?:le|les|ular)|scrotum|"
                         r"vasectomy)\b")
_AGED_PREGNANT = re.compile(r"\b(?P<age>\d{1,3})-year-old(?: \w+){0,2} pregnant|"
                            r"\bpregnant (?P<other>\d{1,3})-year-old", re.IGNORECASE)
_OLD_INFANT = re.compile(r"\b(?P<age>[3-9]|\d{2,3})-year-old(?: \w+)? (?:infant|neonate|newborn)\b|"
                         r"\b(?P<other>[1-9]\d)-year-old "
                         r"(?:toddler|baby)\b", re.IGNORECASE)
_YOUNG_ADULT = re.compile(r"\b(?P<age>[1-9]|1[0-2])-year-old(?: \w+)? (?:man|woman|gentleman|lady|retired|"
                          r"pensioner)\b", re.IGNORECASE)

_SHE = re.compile(r"\b(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+)? (?:woman|female patient|girl|lady)\b|"
                  r"\b(?:[Ss]he|woman|female)\b")
_HE = re.compile(r"\b(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+)? (?:man|male patient|boy|gentleman)\b|\b(?:[Hh]e|"
                 r"man|male)\b")

def _in_sentences(pattern: re.Pattern[str]) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        if not pattern.search(record.output):
            return
        for sentence in record.sentences:
            match = pattern.search(sentence)
            if match and not _EXCEPT.search(sentence) and sentence not in record.evidence:
                yield match.group()

    return find


def _pregnant_age(record: LintRecord) -> Iterator[str]:
    for match in _AGED_PREGNANT.finditer(record.output):
        if not 8 <= int(match["age"] or match["other"]) <= 75:
            yield match.group()


def _declared(record: LintRecord) -> Iterator[str]:
    """The record says whom it is about, and its text speaks of one patient of the other sex."""
    other = {"female": _HE, "male": _SHE}.get(record.sex)
    mine = {"female": _SHE, "male": _HE}.get(record.sex)
    if other and mine and (match := other.search(record.output)) and not mine.search(record.output):
        yield match.group()


RULES = (
    LintRule("sex.man_with_female_organ", "critical", "Reasoned: anatomy",
             "A man with a condition or organ that only women have.", _in_sentences(_MAN_WITH),
             ("pregnan", "ovar", "uter", "smear", "hyster", "menstr", "menop", "endomet", "vagin", "gave birth",
              "period")),
    LintRule("sex.woman_with_male_organ", "critical", "Reasoned: anatomy",
             "A woman with a condition or organ that only men have.", _in_sentences(_WOMAN_WITH),
             ("prostat", "testic", "scrot", "penis", "erectile", "vasect", "sperm")),
    LintRule("sex.against_the_record", "major", "The record's own column `sex`",
             "The text speaks of a patient of the other sex than the record names.", _declared),
    LintRule("age.pregnant", "major", "Youngest and oldest pregnancies on record: 5 and 74 years",
             "A pregnancy at an age without one.", _pregnant_age, ("year-old",)),
    LintRule("age.infant", "major", "Reasoned: an infant is under one year, a toddler under four",
             "An infant, newborn or toddler of an age that none has.", _in_sentences(_OLD_INFANT), ("year-old",)),
    LintRule("age.adult", "major", "Reasoned", "A child called a man, woman or pensioner.", _in_sentences(_YOUNG_ADULT),
             ("year-old",)),
)
