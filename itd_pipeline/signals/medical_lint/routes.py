"""Routes: a form that cannot be given by the route named, and drugs that kill by the wrong route.

Intrathecal vincristine is fatal (WHO Information Exchange System, Alert 115, 2007); concentrated potassium chloride as
a bolus stops the heart (WHO, Patient Safety Solutions 5, 2007). Benzathine penicillin into a vein
does the same (FDA boxed warning). Insulin by mouth does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_NEGATED = re.compile(r"\b(?:not|never|no|must not|avoid|fatal|death|cannot|contraindicated|instead of|rather than|"
                      r"do not|don't|"
                      r"accidental(?:ly)?|inadvertent(?:ly)?|ineffective)\b", re.IGNORECASE)
_FORMS = re.compile(
    r"\b(?:tablets?|capsules?|pills?|lozenges?|suppositor(?:y|ies)|ointments?|creams?|syrup)\b[^.;]{0,25}\b"
    r"(?:intravenous(?:ly)?|intramuscular(?:ly)?|intrathecal(?:ly)?|subcutaneous(?:ly)?|iv|i\.v\.)\b"
    r"(?! (?:or|and|therapy|treatment|fluids?|infusion|antibiotics?|form))|"
    r"\bswallow\w*\b[^.;]{0,20}\b(?:suppositor(?:y|ies)|pessar(?:y|ies)|patch(?:es)?|ointments?|creams?|"
    r"(?:eye|ear) drops)\b|"
    r"\b(?:suppositor(?:y|ies)|pessar(?:y|ies)|patch(?:es)?|ointments?|creams?|(?:eye|ear) drops)\b[^.;,]{0,15}\b"
    r"(?:is|are|be) (?:swallowed|chewed|taken by mouth|taken orally|drunk)\b", re.IGNORECASE)
_CHANGED = re.compile(r"\b(?:unable|switch\w*|chang\w+|convert\w*|replac\w+|than|or|compared|versus|after|before|until|"
                      r"then|followed by|followed|both)\b", re.IGNORECASE)
"""A sentence that speaks of two forms, one for each route."""
_VINCAS = r"\b(?:vincristine|vinblastine|vinorelbine|vindesine)\b"
_SPINAL = (r"\b(?:intrathecal\w*|intraventricular\w*|epidural\w*|spinal (?:canal|fluid|injection|tap)|into the spine|"
           r"cerebrospinal|lumbar puncture)")
_VINCA = re.compile(rf"{_VINCAS}[^.;]{{0,60}}{_SPINAL}|{_SPINAL}[^.;]{{0,40}}{_VINCAS}", re.IGNORECASE)
_SALT = r"\b(?:potassium chloride|kcl)\b"
_FAST = r"\b(?:bolus|iv push|intravenous push|rapid(?:ly)? (?:inject|iv|intraven)\w*|undiluted)"
_POTASSIUM = re.compile(rf"{_SALT}[^.;]{{0,60}}{_FAST}|{_FAST}[^.;]{{0,40}}{_SALT}", re.IGNORECASE)
_BENZATHINE = re.compile(r"\bbenzathine (?:benzyl)?penicillin\b[^.;]{0,40}\b(?:intravenous(?:ly)?|iv|i\.v\.)(?!\w)|"
                         r"\b(?:intravenous|iv)\b[^.;]{0,20}\bbenzathine\b|\bpenicillin g benzathine\b[^.;]{0,40}"
                         r"\b(?:intravenous(?:ly)?|iv)\b", re.IGNORECASE)
_INSULIN = re.compile(r"\binsulin (?:tablets?|capsules?|pills?|by mouth|orally)\b|\b(?:oral|swallow\w*) insulin\b|"
                      r"\binsulin\b[^.;]{0,20}\b(?:taken|given) (?:by mouth|orally)\b", re.IGNORECASE)


def _unless_negated(
    pattern: re.Pattern[str], excepted: re.Pattern[str] | None = None,
) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        if not pattern.search(record.output):
            return
        for sentence in record.sentences:
            match = pattern.search(sentence)
            if match and not _NEGATED.search(sentence) and sentence not in record.evidence \
                    and not (excepted and excepted.search(sentence)):
                yield match.group()

    return find


RULES = (
    LintRule("route.vinca_intrathecal", "critical", "WHO Alert 115 (2007)",
             "A vinca alkaloid into the spinal canal is fatal.", _unless_negated(_VINCA),
             ("vincri", "vinbla", "vinorel", "vindes")),
    LintRule("route.potassium_bolus", "critical", "WHO Patient Safety Solutions 5 (2007)",
             "Concentrated potassium chloride is never a bolus.", _unless_negated(_POTASSIUM),
             ("potassium chloride", "kcl")),
    LintRule("route.benzathine_intravenous", "critical", "FDA, boxed warning of penicillin G benzathine",
             "Benzathine benzylpenicillin into a vein stops heart and breathing; it is for deep intramuscular use.",
             _unless_negated(_BENZATHINE), ("benzathine",)),
    LintRule("route.form", "critical", "Reasoned: the form does not fit the route",
             "A tablet cannot be injected; a suppository or an ointment is not swallowed.",
             _unless_negated(_FORMS, _CHANGED),
             ("intraven", "intramus", "intrathec", "subcut", "iv", "i.v", "swallow", "by mouth", "orally", "chewed",
              "drunk")),
    LintRule("route.oral_insulin", "major", "Reasoned: insulin is digested",
             "Insulin is not taken by mouth.", _unless_negated(_INSULIN), ("insulin",)),
)
