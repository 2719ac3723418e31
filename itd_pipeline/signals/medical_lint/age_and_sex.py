"""Contradictions of age and sex: organs and conditions of the other sex, in one sentence about one person.

Only a sentence about a single patient counts (`a man`, `he`, `the 60-year-old woman`), because general text may speak
of both; and none that says so on purpose (transgender, intersex, `does not have`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_FEMALE_ONLY = (r"(?:is pregnant|was pregnant|pregnant|his pregnancy|"
                r"ovar(?:y|ies|ian (?:cancer|torsion|cysts?|tumou?r|failure))|uterus|cervical smear|"
                r"pap smear|"
                r"hysterectomy|menstru\w+|menopaus\w+|endometri\w+|his last period|vagina|gave birth|"
                r"breastfeeding his)")
_MALE_ONLY = (r"(?:prostat(?:e|ic|itis|ectomy)(?! tissue)|testic(?:le|les|ular)|scrot(?:um|al)|her penis|"
              r"erectile dysfunction|vasectomy|sperm count)")
_EXCEPT = re.compile(r"\b(?:not|no|never|without|trans\w*|intersex|partner|wife|husband|mother|father|spouse|son|"
                     r"daughter|sister|"
                     r"brother|donor|baby|foetus|fetus|women and men|men and women|or|unlike|syndrome|embry\w+|sex|"
                     r"whereas|"
                     r"while|both|gene|family|carrier|either|perform\w*|stud(?:y|ies|ied)|expert|speciali[sz]\w+|"
                     r"research\w*|teaches|taught|wrote|operat(?:es|ed|ing) on|deliver\w*|surgeon|urologist|"
                     r"someone|anyone|gyna?ecologist|obstetrician|doctor|nurse|midwife)\b", re.IGNORECASE)
_MAN_WITH = re.compile(rf"\b(?:(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+){{0,2}} (?:man|male|boy|"
                       rf"gentleman)|Mr\.? [A-Z]\w+)\b[^.;]{{0,80}}\b{_FEMALE_ONLY}|"
                       rf"\bpregnant (?:man|men|male|boy)\b|\b[Hh]e (?:is|was|became|has|had)\b[^.;,]{{0,30}}"
                       rf"\b(?:pregnant|ovar(?:y|ies)|uterus|hysterectomy|menopause)\b|\b[Hh]is (?:\w+ ){{0,2}}"
                       rf"(?:pregnancy|ovar(?:y|ies)|uterus|hysterectomy|menopause|menstru\w+|cervix|vagina)\b")
_WOMAN_WITH = re.compile(rf"\b(?:(?:[Aa]n?|[Tt]he|[Tt]his|\d+-year-old)(?: \w+){{0,2}} (?:woman|female|girl|"
                         rf"lady)|(?:Mrs|Ms)\.? [A-Z]\w+)\b[^.;]{{0,80}}\b{_MALE_ONLY}|"
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


_A_MAN = re.compile(r"\b(?:m[ae]n|males?|boys?|gentlem[ae]n|he|him|his|mr)\b", re.IGNORECASE)
_A_WOMAN = re.compile(r"\b(?:wom[ae]n|females?|girls?|lad(?:y|ies)|she|hers?|mrs|ms)\b", re.IGNORECASE)


def _in_sentences(
    pattern: re.Pattern[str], of_another: re.Pattern[str] | None = None,
) -> Callable[[LintRecord], Iterator[str]]:
    """Finds a pattern in sentences that are about one patient: `of_another` is who else may have the organ."""
    def find(record: LintRecord) -> Iterator[str]:
        if not pattern.search(record.output):
            return
        for sentence in record.sentences:
            match = pattern.search(sentence)
            if match and not _EXCEPT.search(sentence) and sentence not in record.evidence \
                    and not (of_another and of_another.search(sentence)):
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
             "A man with a condition or organ that only women have.", _in_sentences(_MAN_WITH, _A_WOMAN),
             ("pregnan", "ovar", "uter", "smear", "hyster", "menstr", "menop", "endomet", "vagin", "gave birth",
              "period")),
    LintRule("sex.woman_with_male_organ", "critical", "Reasoned: anatomy",
             "A woman with a condition or organ that only men have.", _in_sentences(_WOMAN_WITH, _A_MAN),
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
