"""The patient's sex: evidence that speaks of a woman, and an output that speaks of a man, or the other way round.

Evidence tells the sex where it gives an age with it (`a 45-year-old woman`), where the patient gives it (`I'm a white
female`) or is asked of a body part that only one sex has, where the doctor of a dialogue with no one but the patient
says sir or ma'am, or where all its pronouns and nouns are of one sex and it is not told by the patient (`my husband`).
An output that names both sexes (he or she, men and women) says nothing of the patient. A relative is of the other sex
where the output names one (`mother`) whom the evidence does not, while it does name the counterpart (`dad`).
"""

from __future__ import annotations

import re

_FEMALE = re.compile(r"\b(?:she|hers?|herself|wom[ae]n|females?|girls?|lady|ladies)\b", re.IGNORECASE)
_MALE = re.compile(r"\b(?:he|him|his|himself|m[ae]n|males?|boys?|gentlem[ae]n)\b", re.IGNORECASE)
_AGED = re.compile(r"\b(?:year|month|week|day)s?[- ]old,?(?: \w+(?:-\w+)?){0,3}? (?P<sex>wom[ae]n|female|girl|lady|"
                   r"m[ae]n|male|boy|"
                   r"gentleman)\b", re.IGNORECASE)
_ADDRESSED = re.compile(r"^Doctor:.*\b(?:(?P<male>sir|mister|young man)|ma'?am|miss|young lady)\b",
                        re.MULTILINE | re.IGNORECASE)
_FAMILY = re.compile(r"^Guest", re.MULTILINE)
_SELF = re.compile(r"\b(?:I am|I'm|I was born) (?:also |just )?(?:an? )?"
                   r"(?:(?!to |with |by |for |from |at )[\w-]+,? ){0,5}?(?P<sex>wom[ae]n|female|lady|man|male|guy|"
                   r"gentleman)\b"
                   r"(?! doctor| nurse)", re.IGNORECASE)
_KIN = tuple((re.compile(rf"\b(?:{first})s?\b", re.IGNORECASE), re.compile(rf"\b(?:{second})s?\b", re.IGNORECASE))
             for first, second in (("mother|mom|mum|mama|mommy", "father|dad|papa|daddy"), ("daughter", "son"),
                                   ("sister", "brother"), ("wife", "husband"), ("girl", "boy"), ("aunt", "uncle"),
                                   ("grandmother|grandma", "grandfather|grandpa")))
_BODY = {
    "female": re.compile(
        r"\b(?:I am|I'm|I was|I got) (?:\w+ ){0,3}?(?:pregnant|breast-?feeding)\b|\b(?:my|your) (?:last |first )?"
        r"(?:periods?|menstrua\w+|uterus|ovar(?:y|ies)|cervix|hysterectomy|pap smear|pregnanc\w+)\b", re.IGNORECASE),
    "male": re.compile(r"\b(?:my|your) (?:prostate|testicles?|scrotum|penis|vasectomy)\b", re.IGNORECASE),
}
_TOLD = re.compile(r"\b(?:I|I'm|[Mm]y|me|your?)\b")


def sex_of(text: str) -> str:
    """`female`, `male`, or empty where the text does not tell or speaks of both."""
    aged = {"female" if _FEMALE.match(match["sex"]) else "male" for match in _AGED.finditer(text)}
    aged |= {"female" if _FEMALE.match(match["sex"]) else "male" for match in _SELF.finditer(text)}
    if aged:
        return aged.pop() if len(aged) == 1 else ""
    addressed = {"male" if match["male"] else "female" for match in _ADDRESSED.finditer(text)}
    if len(addressed) == 1 and not _FAMILY.search(text):
        return addressed.pop()
    bodies = {sex for sex, pattern in _BODY.items() if pattern.search(text)}
    if len(bodies) == 1 and not _FAMILY.search(text):
        return bodies.pop()
    return "" if _TOLD.search(text) and not _FAMILY.search(text) else _spoken_of(text)


def _spoken_of(text: str) -> str:
    female, male = bool(_FEMALE.search(text)), bool(_MALE.search(text))
    return "" if female == male else "female" if female else "male"


def contradicted_sex(output: str, evidence: str) -> str:
    """The output's sex, or its relative, where the evidence has the other one; empty otherwise."""
    if relative := _exchanged_relative(output, evidence):
        return relative
    said = _spoken_of(output)
    if not said:
        return ""
    told = sex_of(evidence)
    return said if told and told != said else ""


def _exchanged_relative(output: str, evidence: str) -> str:
    """A relative of the output whom the evidence does not name, while it names the counterpart alone."""
    for pair in _KIN:
        for here, there in (pair, pair[::-1]):
            named = here.search(output)
            if named and not here.search(evidence) and there.search(evidence) and not there.search(output):
                return named[0].lower()
    return ""
