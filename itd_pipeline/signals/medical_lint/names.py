"""Names of conditions that medicine has given up, because they are wrong or degrade people.

Sources: WHO changed Down syndrome's name in 1965 and `mental retardation` in ICD-11 (2018); DSM-5 (2013) gave up gender
identity disorder, hypochondriasis and mental retardation; DSM-III (1980) manic-depressive illness and hysteria; the
rest as the specialty societies say. An output that names the old word as old (`formerly called`) is right to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule, Severity

_FORMERLY = re.compile(r"\b(?:former(?:ly)?|previous(?:ly)?|once (?:called|known)|older? (?:name|term)|outdated|"
                       r"obsolete|historical(?:ly)?|"
                       r"used to be|also (?:called|known)|no longer|offensive|deprecated|archaic|in the past|"
                       r"now (?:called|known)|"
                       r"synonyms?|other names?|a\.?k\.?a|renamed)\b", re.IGNORECASE)
_NAMES: tuple[tuple[str, str, str, Severity], ...] = (
    ("mongolism", r"\bmongol(?:ism|oid idiocy)\b|\bmongoloids?\b(?! (?:race|spot))", "Down syndrome", "major"),
    ("mental_retardation", r"\bmental(?:ly)? retard(?:ation|ed)\b|\bretarded (?:child|children|person|people|"
                           r"patients?)\b",
     "intellectual disability", "major"),
    ("manic_depression", r"\bmanic[- ]depressi(?:on|ve)\b", "bipolar disorder", "minor"),
    ("hysteria", r"\bhysteri(?:a|cal (?:neurosis|paralysis|blindness))\b", "functional neurological disorder", "minor"),
    ("senility", r"\bsenility\b|\bsenile dementia\b", "dementia, by its cause", "minor"),
    ("juvenile_diabetes", r"\bjuvenile(?:-onset)? diabetes\b(?! mellitus type)", "type 1 diabetes", "minor"),
    ("adult_onset_diabetes", r"\badult[- ]onset diabetes\b|\bnon-?insulin[- ]dependent diabetes\b|\bNIDDM\b|\bIDDM\b",
     "type 2 or type 1 diabetes", "minor"),
    ("multiple_personality", r"\bmultiple personality disorder\b|\bsplit personality\b", "dissociative identity "
                                                                                         "disorder", "minor"),
    ("gender_identity_disorder", r"\bgender identity disorder\b|\btranssexualism\b|\bhermaphrodit(?:e|ism)\b",
     "gender dysphoria or incongruence; differences of sex development", "minor"),
    ("cretinism", r"\bcretin(?:ism|s)?\b", "congenital hypothyroidism", "minor"),
    ("idiot", r"\b(?:idiocy|imbecil(?:e|ity)|moron(?:s|ic)?|feeble-?minded(?:ness)?)\b", "intellectual "
                                                                                         "disability", "major"),
    ("crippled", r"\bcrippled (?:child|children|patients?|people|person)\b|\b(?:the|a) cripples?\b|"
                 r"\binvalids\b", "disabled", "minor"),
    ("dropsy", r"\bdropsy\b", "oedema", "minor"), ("consumption", r"\bgalloping consumption\b|"
                                                                  r"\bpulmonary consumption\b",
                                                    "tuberculosis", "minor"),
    ("wegener", r"\bWegener'?s granulomatosis\b", "granulomatosis with polyangiitis", "minor"),
    ("reiter", r"\bReiter'?s (?:syndrome|disease)\b", "reactive arthritis", "minor"),
    ("pcp", r"\bPneumocystis carinii\b", "Pneumocystis jirovecii", "minor"),
    ("nash", r"\bnon-?alcoholic (?:fatty liver disease|steatohepatitis)\b", "metabolic dysfunction-associated "
                                                                            "steatotic liver "
     "disease", "minor"),
    ("monkeypox", r"\bmonkeypox\b(?! virus)", "mpox", "minor"),
    ("addict", r"\b(?:drug|heroin|opioid) (?:addicts?|abusers?)\b|\balcoholics\b", "person with a substance use "
                                                                                   "disorder", "minor"),
    ("committed_suicide", r"\bcommit(?:s|ted|ting)? suicide\b", "died by suicide", "minor"),
    ("asperger", r"\bAsperger'?s? (?:syndrome|disorder|disease)\b", "autism spectrum disorder", "minor"),
    ("venereal", r"\bvenereal diseases?\b", "sexually transmitted infection", "minor"),
    ("wheelchair_bound", r"\b(?:wheelchair[- ]bound|confined to a wheelchair)\b", "wheelchair user", "minor"),
    ("handicapped", r"\bmentally handicapped\b", "intellectual disability", "minor"),
    ("harelip", r"\bhare-?lip\b", "cleft lip", "major"),
)

_HINTS = {
    "mental_retardation": ("retard",), "manic_depression": ("manic",), "juvenile_diabetes": ("juvenile",),
    "adult_onset_diabetes": ("diabetes", "iddm"), "multiple_personality": ("personality",),
    "gender_identity_disorder": ("gender", "transsex", "hermaphr"), "idiot": ("idioc", "imbecil", "moron", "feeble"),
    "crippled": ("crippl", "invalids"), "consumption": ("consumption",), "pcp": ("carinii",), "nash": ("alcoholic",),
    "addict": ("addict", "abuser", "alcoholics"), "committed_suicide": ("suicide",), "harelip": ("hare",),
    "senility": ("senil",), "mongolism": ("mongol",), "cretinism": ("cretin",),
    "wheelchair_bound": ("wheelchair",), "handicapped": ("handicap",),
}


def _finder(pattern: re.Pattern[str]) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        for match in pattern.finditer(record.output):
            around = record.output[max(0, match.start() - 80):match.end() + 60]
            if not _FORMERLY.search(around):
                yield match.group()

    return find


RULES = tuple(LintRule(f"name.{name}", severity, "WHO, APA and specialty societies, see the module", f"Write {today}.",
                       _finder(re.compile(pattern, re.IGNORECASE)), _HINTS.get(name, (name[:6],))) for name, pattern,
                       today, severity in _NAMES)
