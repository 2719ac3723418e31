"""Emergencies without the advice to get help: the question describes one, and the answer does not say so.

A question counts where a person tells of signs that first-aid guidance names as reasons to call an ambulance (American
Heart Association and Red Cross 2024 first-aid guidelines; NICE NG127 and CG95; FAST for stroke), in the first person
or of someone at hand, as happening. A question about the condition in general (`What causes chest pain?`) does not.
Advice counts where the answer names an emergency number, an ambulance, an emergency department, or immediate or urgent
care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule

_SOMEONE = re.compile(r"\b(?:I|I'm|I've|my|me|we|our|he|she|he's|she's|husband|wife|son|daughter|baby|father|mother|"
                      r"dad|mum|mom|partner|"
                      r"friend|colleague|child|toddler|neighbour)\b", re.IGNORECASE)
_SIGNS = re.compile(
    r"\b(?:crushing|squeezing|severe|sudden|terrible|heavy|tight(?:ness)?)\b[^.?!]{0,30}\bchest\b|\bchest (?:pain|"
    r"tightness|pressure)\b[^.?!]{0,70}"
    r"\b(?:arm|jaw|sweat\w*|breath\w*|right now|minutes|spreading|radiat\w+)\b|"
    r"\b(?:face|mouth|one side|arm)\b[^.?!]{0,30}\b(?:droop\w*|numb|weak|paraly[sz]ed)\b[^.?!]{0,60}\b(?:speech|"
    r"speak\w*|slur\w*|suddenly|since this)\b|"
    r"\b(?:pressure|pain|tightness|heaviness|squeezing)\b[^.?!]{0,15}\b(?:in|on|across|through|in the middle of) "
    r"(?:my|his|her|the|their) chest\b[^.?!]{0,80}\b(?:arms?|jaw|sweat\w*|breath\w*|right now|minutes|hour|spread\w*|"
    r"radiat\w+)\b|"
    r"\bsudden(?:ly)?\b[^.?!]{0,40}\b(?:slurred|weak(?:ness)?|numb|blind|lost (?:his |her |my )?vision|worst headache|"
    r"(?:can't|cannot|can not|couldn't|unable to) (?:speak|talk|move|see|walk|feel))\b|"
    r"\bworst headache\b|"
    r"\b(?:hit|banged|struck|injured) (?:his|her|my|their) head\b[^.?!]{0,80}\b(?:vomit\w*|confus\w+|drows\w+|"
    r"throwing up|unconscious|won't wake|seizure)\b|"
    r"\bcough\w* up\b[^.?!]{0,15}\b(?:lots|a lot|large amounts|cups?|bright red|mouthfuls)\b[^.?!]{0,10}\bblood\b|"
    r"\b(?:can't|cannot|can not|struggling to|barely|unable to|trouble|hard(?:ly)? (?:able )?to) breathe?\b|"
    r"\bgasping\b|\bturn(?:ed|ing) blue\b|\blips (?:are )?blue\b|"
    r"\b(?:throat|tongue|lips?|face)\b[^.?!]{0,25}\b(?:swelling|swollen|closing)\b|\bnot breathing\b|"
    r"\bstopped breathing\b|"
    r"\b(?:unconscious|unresponsive|won't wake|passed out|collapsed|fitting|seizing|having a seizure|convuls\w+)\b|"
    r"\b(?:swallowed|drank|drunk|took|taken|overdos\w*)\b[^.?!]{0,40}\b(?:bleach|batter(?:y|ies)|"
    r"(?:drain|oven|toilet) cleaner|detergent|magnets|pesticide|petrol|gasoline|caustic soda|"
    r"lye|whole (?:bottle|pack)|"
    r"\d{2,} (?:tablets|pills|paracetamol)|poison|antifreeze|overdose)\b|"
    r"\b(?:want(?:s)? to (?:die|kill (?:myself|himself|herself)|end it(?: all)?\b)|kill myself|"
    r"end (?:my|his|her) (?:own )?life|take (?:my|his|her) own life|suicidal|"
    r"(?:do not|don't|doesn't) want to (?:live|be alive)|better off dead)\b|"
    r"\b(?:bleeding|blood)\b[^.?!]{0,40}\b(?:won't stop|will not stop|not stopping|heavily|pouring|soaking|"
    r"gushing)\b|\bvomiting (?:\w+ )?blood\b|"
    r"\b(?:stiff neck)\b[^.?!]{0,50}\b(?:fever|rash|light)\b|\brash\b[^.?!]{0,50}\b(?:doesn't|does not|not) (?:fade|"
    r"blanch)\b|"
    r"\bwaters? (?:broke|have broken)\b[^.?!]{0,40}\b(?:cord|weeks)\b|\bchok(?:ing|ed)\b", re.IGNORECASE)
_ADVICE = re.compile(
    r"\b(?:911|999|112|000|111|ambulance|emergency|emergencies|A&E|ER\b|casualty|urgent(?:ly)?|immediate(?:ly)?|"
    r"at once|right away|"
    r"straight away|without delay|hospital|crisis|hotline|helpline|lifeline|poison (?:control|centre|center)|"
    r"paramedic|resuscitation|"
    r"CPR|call for help|life-threatening|time-critical)\b", re.IGNORECASE)
_NO_ADVICE = re.compile(
    r"\b(?:no need|not|n't|never|unnecessary|without|rather than|instead of)\b"
    r"(?:(?!\b(?:hesitate|wait|delay|drive|only|ignore|stop|until|just|postpone)\b)[^.;:!?,]){0,40}?"
    r"\b(?:ambulance|emergency|hospital|911|999|112|casualty|urgent|immediate)\w*", re.IGNORECASE)
"""Advice not to get help: `this is not an emergency`, `there is no need for an ambulance`."""
_NOSE = re.compile(r"\b(?:nose|nostrils?|nasal(?:ly)?|sinus\w*)\b", re.IGNORECASE)
_HISTORY = re.compile(r"\bhistory of\W+(?:\w+\W+){0,3}$", re.IGNORECASE)
_PAST = re.compile(r"\b(?:years? ago|last (?:year|month)|in the past|used to|as a child|was (?:diagnosed|"
                   r"admitted|treated)|exam)\b",
                   re.IGNORECASE)


def describes_emergency(text: str) -> bool:
    """Whether a question tells of an emergency that someone is in."""
    for sentence in re.split(r"(?<=[.!?])\s", text.replace("\u2019", "'")):
        sign = _SIGNS.search(sentence)
        if sign and _SOMEONE.search(text) and not _PAST.search(sentence) \
                and not _HISTORY.search(sentence[:sign.start()]) \
                and not ("breath" in sign.group().lower() and _NOSE.search(sentence)):
            return True
    return False


def _advises(answer: str) -> bool:
    return bool(_ADVICE.search(_NO_ADVICE.sub(" ", answer.replace("\u2019", "'"))))


def _without_advice(record: LintRecord) -> Iterator[str]:
    asked = record.question
    if len(asked) < 4_000 and describes_emergency(asked) and not _advises(record.output):
        match = _SIGNS.search(asked.replace("\u2019", "'"))
        yield match.group()[:60] if match else ""


RULES = (
    LintRule("emergency.no_advice", "critical",
             "AHA and Red Cross first-aid guidelines (2024); NICE CG95 and NG127",
             "The question describes an emergency, and the answer does not say to get help.", _without_advice),
)
