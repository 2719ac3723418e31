"""Tests and diagnoses that the output names and its evidence does not.

Diagnoses are one-word names and synonyms of HPO and one-word names of ICD-10-CM, and words with an ending that only
diseases have (-itis, -oma, -pathy). A diagnosis counts as held where a word with the same first six letters stands in
the evidence (hypertensive holds hypertension), or where HPO gives it a synonym that does. Tests are words with an
ending of tests (-scopy, -graphy, -gram), the usual abbreviations, and biopsy, culture, X-ray, ultrasound; a test and
its abbreviation are one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from itd_pipeline.text.identifiers.eponymous_phrases import disease_terms
from itd_pipeline.text.medical_terms import medical_words

_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)?")
_DISEASE = re.compile(r"[a-z]{4,}(?:itis|omas?|pathy|emia|aemia|penia|plegia|paresis|iasis|cele|ectasis|malacia|"
                      r"sclerosis|"
                      r"fibrosis|stenosis|thrombosis|necrosis|embolism|sepsis)$")
_TEST = re.compile(r"[a-z]{3,}(?:scopy|graphy|graphies|grams?|metry|centesis|opsy|opsies)$")
_NO_TEST = re.compile(r"(?:program|kilogram|milligram|microgram|diagram|telegram|anagram|photograph|geograph|"
                      r"biograph|demograph|"
                      r"monogram|hologram|nanogram|bibliograph|symmetry|geometry|asymmetry|typograph|autopsy|epigram)")
_ABBREVIATED = {
    "mri": "magnetic resonance", "ct": "computed tomography", "ecg": "electrocardiogram", "ekg": "electrocardiogram",
    "eeg": "electroencephalogram", "emg": "electromyography", "pet": "positron", "cbc": "blood count", "fbc": "blood "
                                                                                                              "count",
    "hba1c": "a1c", "psa": "prostate-specific", "tsh": "thyroid-stimulating", "crp": "c-reactive",
    "esr": "sedimentation",
    "bnp": "natriuretic", "inr": "international normalised", "abg": "blood gas", "lfts": "liver function",
}
_COMMON = frozenset(["ultrasound", "x-ray", "x-rays", "urinalysis", "colposcopy", "tomography", "echocardiogram",
                     "mammogram"])
_FIRST = 6


@cache
def _diseases() -> frozenset[str]:
    """One-word names of diseases and findings, lower case, of at least six letters."""
    return frozenset(term.lower() for term in disease_terms() if term.isalpha() and len(term) >= _FIRST)


@cache
def _is_diagnosis(word: str) -> bool:
    return bool(_DISEASE.match(word)) or (word in _diseases() and word in medical_words())


def unsupported_diagnoses(output: str, held: Collection[str]) -> list[str]:
    """Diagnoses of `output` that are not among the lower-case words `held`, in order."""
    stems = {word[:_FIRST] for word in held}
    found = dict.fromkeys(word for match in _WORD.finditer(output) if len(word := match.group().lower()) >= _FIRST
                          and word not in held and _is_diagnosis(word))
    return [word for word in found if word[:_FIRST] not in stems]


def unsupported_tests(output: str, held: Collection[str]) -> list[str]:
    """Tests of `output` that are not among the lower-case words `held`, in order."""
    stems = {word[:_FIRST] for word in held}
    found: dict[str, None] = {}
    for match in _WORD.finditer(output):
        written, word = match.group(), match.group().lower()
        if word in held or word in found:
            continue
        if word in _ABBREVIATED:
            whole = _ABBREVIATED[word].split()
            if written.isupper() and whole[0] not in held and whole[-1] not in held:
                found[word] = None
        elif (word in _COMMON or (_TEST.match(word) and not _NO_TEST.match(word))) and word[:_FIRST] not in stems:
            found[word] = None
    return list(found)
