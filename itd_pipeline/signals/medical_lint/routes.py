"""Routes: a form that cannot be given by the route named, and drugs that kill by the wrong route.

Intrathecal vincristine is fatal (WHO Information Exchange System, Alert 115, 2007); concentrated potassium chloride as
a bolus stops the heart (WHO, Patient Safety Solutions 5, 2007). Insulin by mouth does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_NEGATED = re.compile(r"\b(?:not|never|no|must not|avoid|fatal|death|cannot|contraindicated|instead of|rather than|"
                      r"do not|don't|"
                      r"accidental(?:ly)?|inadvertent(?:ly)?|ineffective)\b", re.IGNORECASE)
_FORMS = re.compile(
    r"\b(?:tablets?|capsules?|pills?|lozenges?|suppositor(?:y|ies)|ointments?|creams?|syrup)\b[^.;]{0,25}\b(?:intravenous(?:ly)?|"
    r"intramuscular(?:ly)?|intrathecal(?:ly)?|subcutaneous(?:ly)?|iv|i\.v\.)\b(?! (?:or|and|therapy|treatment|"
    r"fluids?|infusion|"
    r"antibiotics?|form))|\bswallow\w*\b[^.;]{0,20}\b(?:suppositor(?:y|ies)|pessar(?:y|ies)|patch(?:es)?|ointments?|"
    r"creams?|eye drops)\b",
    re.IGNORECASE)
_VINCA = re.compile(r"\b(?:vincristine|vinblastine|vinorelbine|vindesine)\b[^.;]{0,60}\bintrathecal|"
                    r"\bintrathecal\w*\b[^.;]{0,40}"
                    r"\b(?:vincristine|vinblastine|vinorelbine|vindesine)\b", re.IGNORECASE)
_POTASSIUM = re.compile(r"\bpotassium chloride\b[^.;]{0,60}\b(?:bolus|iv push|intravenous push|rapid(?:ly)? inject|"
                        r"undiluted)|"
                        r"\b(?:bolus|iv push|undiluted)\b[^.;]{0,40}\bpotassium chloride\b", re.IGNORECASE)
_INSULIN = re.compile(r"\binsulin (?:tablets?|capsules?|pills?|by mouth|orally)\b|\b(?:oral|swallow\w*) insulin\b|"
                      r"\binsulin\b[^.;]{0,20}\b(?:taken|given) (?:by mouth|orally)\b", re.IGNORECASE)


def _unless_negated(pattern: re.Pattern[str]) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        if not pattern.search(record.output):
            return
        for sentence in record.sentences:
            match = pattern.search(sentence)
            if match and not _NEGATED.search(sentence) and sentence not in record.evidence:
                yield match.group()

    return find


RULES = (
    LintRule("route.vinca_intrathecal", "critical", "WHO Alert 115 (2007)",
             "A vinca alkaloid into the spinal canal is fatal.", _unless_negated(_VINCA), ("intrathecal",)),
    LintRule("route.potassium_bolus", "critical", "WHO Patient Safety Solutions 5 (2007)",
             "Concentrated potassium chloride is never a bolus.", _unless_negated(_POTASSIUM), ("potassium chloride",)),
    LintRule("route.form", "critical", "Reasoned: the form does not fit the route",
             "A tablet cannot be injected; a suppository or an ointment is not swallowed.", _unless_negated(_FORMS),
             ("intraven", "intramus", "intrathec", "subcut", "iv", "i.v", "swallow")),
    LintRule("route.oral_insulin", "major", "Reasoned: insulin is digested",
             "Insulin is not taken by mouth.", _unless_negated(_INSULIN), ("insulin",)),
)
