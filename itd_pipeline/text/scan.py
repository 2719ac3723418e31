"""The residual-identifier scan: is anything left that points at a person?

It reads cleaned text, prompts and generated text, most of which is published medicine, so it holds only rules that
such text hardly ever trips: e-mail and telephone, labelled record numbers, dates with a day, titled names, street
addresses. Surrogates that de-identification has put in are no hits (`stand_ins`). One cheap pass decides whether any
rule can match at all.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.contacts import CONTACTS
from itd_pipeline.text.identifiers.dates import FULL_DATES
from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finding import Finding, Rule, RuleRecogniser, merge
from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES
from itd_pipeline.text.identifiers.lexicon import is_word
from itd_pipeline.text.identifiers.names import PERSON, TOKEN
from itd_pipeline.text.identifiers.numbers import NUMBERS, LabelledNumberRecogniser
from itd_pipeline.text.identifiers.places import ADDRESSES, STREET
from itd_pipeline.text.stand_ins import is_stand_in


def _no_eponym(match: re.Match[str]) -> bool:
    return not is_eponym(match.string, *match.span("it"))


def _a_person(match: re.Match[str]) -> bool:
    """Whether what follows a label is a name: in a dialogue each turn begins with `Patient:`, and then speaks."""
    first, *more = match["it"].removesuffix(" I").split()
    if len(first.strip(".")) == 1:
        return first != "I" and first != "A" and _no_eponym(match)  # an initial
    if first.lower() in GIVEN_NAMES and more and not is_everyday(more[0]):
        return _no_eponym(match)
    if is_everyday(first) or (is_word(first) and first.lower() not in GIVEN_NAMES and not more):
        return False
    return _no_eponym(match)


_TITLED = (
    Rule("titled_name", "name", re.compile(
        rf"(?<![\w.])(?:Mrs?|Ms|Mx|Dr|Prof)\.?[ \t]+(?P<it>(?:[A-Z]\.[ \t]?){{0,2}}{TOKEN}"
        rf"(?:[ \t]{TOKEN})?)"), _no_eponym, overlapping=True),
    Rule("labelled_name", "name", re.compile(
        rf"(?m)(?:^|[\n|;])[ \t*_]*(?:Patient(?:'s)?(?: [Nn]ame)?|PATIENT(?: NAME)?|Next of kin|Dictated by|"
        rf"Electronically signed by)"
        rf"[*_]*:[*_]*[ \t]*(?:(?:Mrs?|Ms|Miss|Dr|Prof)\b\.?[ \t]*)?(?P<it>(?!(?:Mrs?|Ms|Miss|Dr|Prof)\b)"
        rf"(?=[^ \n]+[ ,]){PERSON})"), _a_person, overlapping=True),
)
_NUMERIC = RuleRecogniser(FULL_DATES + CONTACTS + NUMBERS + ADDRESSES)
_NAMES = RuleRecogniser(_TITLED)
_LABELLED = LabelledNumberRecogniser()

# No numeric rule can match where this does not. It opens with a digit in every branch, which makes the pass fast.
_NUMERIC_GATE = re.compile(
    r"[0-9](?:"
    r"[0-9]{0,3}[-./ ][0-9]{1,3}[-./ ][0-9]{2}"  # dates, telephone and social security numbers, network addresses
    r"|[0-9]{2}[-. )]{1,2}[0-9]{3}"
    r"|[0-9]{4}"
    r"|[0-9]{2}\)?[-. ]\(?[0-9A-Z]{3}"
    r"|[0-9]?(?:st|nd|rd|th)?(?: of)?,?[ ./-]{0,2}(?:[JFMASONDjfasond][a-zA-Z]{2,8}\.?,?[ ./-]{0,2})?(?:19|20)[0-9]{2}"
    rf"|[0-9]{{0,4}}[A-Za-z]?,?\s+(?:[A-Z0-9][\w.'\u2019-]*\s+){{1,5}}{STREET}"
    r")"
)
_TITLES = ("Mr ", "Mr.", "Mrs", "Ms ", "Ms.", "Mx ", "Dr ", "Dr.", "Prof ", "Prof.", "Patient", "PATIENT",
           "Next of kin",
           "Dictated by", "Electronically signed by")
_MOVED_DATE = re.compile(r"\[DATE [^\]\n]{3,40}\]")
_OTHER_MARKS = ("@", "SSN", "ssn", "ocial sec", "ocial Sec", "ational Insurance", "PO Box", "P.O.", "P.O Box")


def scan_identifiers(text: str) -> list[Finding]:
    """Residual identifiers in `text`, in order, without overlap; empty where nothing points at a person."""
    if "[DATE " in text:
        # Dates that de-identification has moved and marked. Blanks of the same length keep the offsets.
        text = _MOVED_DATE.sub(lambda match: " " * len(match.group()), text)
    found: list[Finding] = _LABELLED.find(text)
    if any(mark in text for mark in _OTHER_MARKS) or _NUMERIC_GATE.search(text):
        found += _NUMERIC.find(text)
    if any(title in text for title in _TITLES):
        found += _NAMES.find(text)
    return [finding for finding in merge(found)
            if not is_stand_in(finding.identifier_class, text[finding.start : finding.end])]
