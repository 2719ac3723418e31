"""Headings of markdown documents and of clinical notes, as clinicians write them.

Belongs here: what counts as a heading and where its body begins. Does not belong here: how sections are packed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLINICAL = (
    r"chief complaint|presenting complaint|reason for (?:visit|consultation|referral|admission|encounter|study|exam"
    r"(?:ination)?)|cc|c/c|p/?c|"
    r"history of (?:the )?present(?:ing)? (?:illness|complaint)|hpi|hpc|history|clinical history|interval history|"
    r"brief history|"
    r"past (?:medical|surgical|psychiatric|obstetric|ocular|family|social)(?: and (?:surgical|medical|family|"
    r"social))? history|past history|"
    r"(?:medical|surgical|family|social|psychiatric|birth|developmental|obstetric(?:al)?|gyn(?:a)?ecologic(?:al)?|"
    r"sexual|drug|smoking|travel|occupational|immunization) history|"
    r"pmhx?|pshx?|psurghx|fhx?|shx?|family and social history|social and family history|review of systems|ros|"
    r"systems review|"
    r"(?:current |home |discharge |admission |outpatient |inpatient |regular |preadmission )?(?:medications?|meds|"
    r"drugs)(?: (?:on|at|prior to) (?:admission|discharge|home|transfer|arrival))?|"
    r"(?:drug |medication |known )?allerg(?:y|ies)(?: and (?:adverse reactions|intolerances|sensitivities))?|"
    r"adverse reactions|immuni[sz]ations?|vaccinations?|"
    r"(?:physical |general |mental status |neurologic(?:al)? |initial |focused )?exam(?:ination)?(?: findings)?|"
    r"physical|on examination|o/e|p/?e|mse|vital signs|vitals|observations|obs|"
    r"subjective|objective|s/o|assessment|plan|a/p|a&p|assessment (?:and|&|/) plan|assessment ?/ ?plan|impression"
    r"(?: and plan| / plan|/plan)?|diagnos[ie]s|"
    r"(?:admission|admitting|discharge|principal|primary|secondary|final|working|differential|preoperative|"
    r"pre-operative|postoperative|post-operative|provisional|additional|associated) diagnos[ie]s|"
    r"differential|problem list|problems|active problems|issues|(?:brief )?hospital course(?: by (?:problem|"
    r"system))?|course in hospital|clinical course|emergency department course|ed course|"
    r"(?:laborator(?:y|ies)|lab)(?: (?:data|results|values|studies|findings|tests))?|labs|bloods|pertinent results|"
    r"results|investigations|diagnostic (?:studies|data|tests|results)|"
    r"imaging(?: studies| results)?|radiology|studies|x-?rays?|ecg|ekg|echocardiogram|findings|technique|comparison|"
    r"indications?|conclusions?|recommendations?|"
    r"procedures?(?: performed| in detail| details)?|operations?(?: performed)?|(?:name of |title of )?(?:operation|"
    r"procedure)|description of (?:the )?(?:procedure|operation)|details of (?:the )?procedure|"
    r"an(?:a)?esthesia|estimated blood loss|complications|specimens?|drains|implants|indications for (?:the )?"
    r"(?:procedure|operation|surgery)|operative findings|gross description|microscopic description|"
    r"disposition|discharge (?:instructions|condition|disposition|plan|summary|status)|condition(?: (?:on|"
    r"at) discharge)?|follow[- ]?up(?: plan| instructions| appointments?)?|instructions|consultations?|consults|"
    r"patient (?:education|instructions)|education|counselling|counseling|diet|activity|code status|prognosis|goals"
    r"(?: of care)?|nutrition|functional status|mental status|"
    r"summary|background|situation|recommendation|progress|actions?|management|treatment(?: plan)?|therapy|"
    r"interventions?|evaluation|"
    r"general|heent|head|eyes|ears|nose|throat|neck|chest|lungs?|respiratory|heart|cardiovascular|cardiac|cvs?|"
    r"abdomen|gastrointestinal|gi|genitourinary|gu|"
    r"extremities|musculoskeletal|msk|neurologic(?:al)?|neuro|psychiatric|psych|skin|integumentary|endocrine|"
    r"constitutional|back|breasts?|pelvic|rectal|lymphatics?"
)
_MARKDOWN = r"#{1,6}[ \t]+(?P<markdown>[^\n]*?)[ \t]*#*[ \t]*(?=\r?\n|$)"
_SETEXT = r"(?P<setext>[^\s\n#>|*-][^\n]{0,100}?)[ \t]*\r?\n(?:={3,}|-{3,})[ \t]*(?=\r?\n|$)"
_MARKS = r"(?:[*_]{1,3}|\d{1,2}[.)][ \t]+|[-•][ \t]+)?"
_AFTER_NAME = (
    r"(?:[ \t]*\([^)\n]{1,30}\))?[*_]{0,3}(?:[ \t]*:[*_]{0,3}|[ \t]+[-\u2013](?=[ \t])|"
    r"[*_]{0,3}[ \t]*(?=\r?\n|$))"
)
_NAMED = rf"{_MARKS}(?P<named>(?i:{_CLINICAL})){_AFTER_NAME}"
_CAPITALS = r"(?P<capitals>[A-Z][A-Z0-9 /&,'()-]{2,58}[A-Z)])[ \t]*(?::|(?=\r?\n|$))"
_AT_LINE_START = re.compile(rf"[ \t]{{0,3}}(?:{_MARKDOWN}|{_NAMED}|{_SETEXT}|{_CAPITALS})")
_WITHOUT_SETEXT = re.compile(rf"[ \t]{{0,3}}(?:{_MARKDOWN}|{_NAMED}|{_CAPITALS})")
# What opens a line that one of these patterns matches, in ASCII: in lower case, where the names can be told by their
# first letters without trying each, and as written. The line feed is what makes the search fast.
_LOWER_CASE = re.compile(rf"\n[ \t]{{0,3}}(?:#|{_MARKS}(?:{_CLINICAL}){_AFTER_NAME})")
_UPPER_CASE = re.compile(r"\n[ \t]{0,3}[A-Z][A-Z0-9 /&,'()-]{2}")
_UNDERLINES = ("===", "---")
_CAPITAL_BEFORE_COLON = re.compile(r":(?<=[A-Z) \t]:)")
_IN_LINE = re.compile(r"(?P<inline>[A-Z][A-Z /&,()-]{3,60}[A-Z)])[ \t]*:,?")
_ENDS_OF_CLAUSES = (".", ",", ";", ":", "!", "?")
_CLINICAL_ONLY = re.compile(rf"(?i:{_CLINICAL})")
_IDENTITY = re.compile(
    r"(?i)(?:patient|name|pt|dob|d\.?o\.?b|date|mrn|address|phone|tel|fax|gp|consultant|ward|hospital|nhs|ssn|sex|"
    r"age|gender|re|cc|dear|from|to|"
    r"dictated|signed|electronically|account|provider|physician|surgeon|attending)\b"
)


@dataclass(frozen=True)
class Heading:
    """A heading in a text.

    Args:
        title: its words, without marks.
        start: first character of the heading.
        body: where the text below it begins: the heading itself where text follows on the same line, because
            "Allergies: none" loses its sense without its first word.
    """

    title: str
    start: int
    body: int


def headings(text: str, clinical: bool = True) -> list[Heading]:
    """Headings of `text` in order. With `clinical` False only markdown headings count."""
    found: dict[int, Heading] = {}
    for match in _at_line_starts(text):
        kind = match.lastgroup or "markdown"
        title = match[kind].strip().strip("*_#: \t")
        if not title or (kind != "markdown" and kind != "setext" and not clinical):
            continue
        if kind == "capitals" and not _opens_a_section(title, text, match):
            continue
        if kind == "setext" and text[match.start() - 2 : match.start()].strip():
            continue
        found[match.start()] = Heading(title, match.start(), _body(text, match))
    if clinical and _CAPITAL_BEFORE_COLON.search(text):
        for match in _IN_LINE.finditer(text):
            before = text[max(0, match.start() - 8) : match.start()].rstrip(" \t")
            if not before.endswith(_ENDS_OF_CLAUSES):
                continue
            title = match["inline"].strip()
            if _CLINICAL_ONLY.fullmatch(title.lower()):
                start = match.start("inline")
                found.setdefault(start, Heading(title, start, start))
    return [found[start] for start in sorted(found)]


def _at_line_starts(text: str) -> Iterator[re.Match[str]]:
    """Matches at the beginnings of lines, many times faster than looking for `^` at every character."""
    underlined = "\n" in text and any(line in text for line in _UNDERLINES)
    if not underlined and text.isascii():
        led = "\n" + text
        starts = {match.start() for match in _LOWER_CASE.finditer(led.lower())}
        starts.update(match.start() for match in _UPPER_CASE.finditer(led))
        yield from filter(None, (_WITHOUT_SETEXT.match(text, start) for start in sorted(starts)))
        return
    pattern = _AT_LINE_START if underlined else _WITHOUT_SETEXT
    at = 0
    while True:
        match = pattern.match(text, at)
        if match is not None:
            yield match
            at = max(at, match.end())
        at = text.find("\n", at) + 1
        if at == 0:
            return


def _opens_a_section(title: str, text: str, match: re.Match[str]) -> bool:
    """Whether a line in capitals is a heading, and neither a header field (PATIENT: ...) nor a shouted sentence."""
    if _IDENTITY.match(title) or sum(character.isalpha() for character in title) < 4 or len(title.split()) > 7:
        return False
    return match.group().rstrip().endswith(":") or text[match.start() - 2 : match.start()].strip() == ""


def _body(text: str, match: re.Match[str]) -> int:
    line_end = text.find("\n", match.end())
    rest = text[match.end() : line_end if line_end >= 0 else len(text)]
    return match.end() if not rest.strip(" \t\r,") else match.start()
