"""Questions of a source, tidied, and the source's own kinds of question in our vocabulary.

Belongs here: rules that change wording only where the result is certain. Rule of this file: MedQuAD writes its
questions from patterns ("What is (are) X ?"); the pattern's remains go, the words of the subject stay.

    white space before ? . , ! goes                  `Is X inherited ?`         -> `Is X inherited?`
    repeated question marks become one               `Who is at risk for X? ?`  -> `Who is at risk for X?`
    `is (are)` becomes `is`; `are` only where the subject is plural beyond doubt: it ends in a plural that the
    source's own topics use (tumors, disorders, diseases ...)                   `What are Brain Tumors?`
    `what research (or clinical trials) is being done` -> `What research is being done`
    a bare imperative `How to diagnose X` -> `How is X diagnosed?`; `How to prevent X` -> `How can X be prevented?`;
    `What to do for X` -> `What should be done for X?`
    the first letter is a capital; a question word without a question mark gets one

A question whose subject is missing (`What is (are) ?`) cannot be mended and is told apart by `lacks_subject`.
"""

from __future__ import annotations

import re

_BEFORE_MARK = re.compile(r"\s+([?.,!;:])")
_MARKS = re.compile(r"\?(?:\s*\?)+")
_SPACE = re.compile(r"\s+")
_IS_ARE = re.compile(r"^(what|who|where|which) is \(are\) (.+?)\?*$", re.IGNORECASE)
_RESEARCH = re.compile(r"^what research \(or clinical trials\) is being done", re.IGNORECASE)
_DIAGNOSE = re.compile(r"^how to diagnose (.+?)\?*$", re.IGNORECASE)
_PREVENT = re.compile(r"^how to prevent (.+?)\?*$", re.IGNORECASE)
_DO = re.compile(r"^what to do for (.+?)\?*$", re.IGNORECASE)
_ASKS = re.compile(r"^(what|why|how|which|when|who|where|is|are|can|do|does|should)\b", re.IGNORECASE)
_EMPTY = re.compile(
    r"^(?:(?:what|who|where) is \(are\)|what are the [a-z ]+ (?:of|for|related to)|what causes|how to [a-z]+|"
    r"what to do for|who is at risk for|how many people are affected by|is inherited|"
    r"what research (?:\(or clinical trials\) )?is being done for|what is the outlook for|"
    r"do you have information about)\s*\?*$|^\W*$", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:tumors|tumours|cancers|disorders|diseases|syndromes|infections|injuries|problems|stones|conditions|"
    r"defects|allergies|headaches|warts|cysts|polyps|hemorrhoids|haemorrhoids|gallstones|seizures|cataracts|"
    r"adhesions|malformations|complications|anomalies|aneurysms|lymphomas|sarcomas|myopathies|neuropathies)"
    r"(?:\s*\([^)]*\))?$", re.IGNORECASE)

_KINDS = {
    "information": "definition", "definition": "definition", "symptoms": "symptom", "symptom": "symptom",
    "treatment": "treatment", "treatments": "treatment", "causes": "cause", "cause": "cause",
    "genetic changes": "cause", "prevention": "prevention", "inheritance": "inheritance",
    "frequency": "epidemiology", "susceptibility": "epidemiology", "outlook": "prognosis", "prognosis": "prognosis",
    "stages": "classification", "exams and tests": "diagnosis", "diagnosis": "diagnosis", "tests": "diagnosis",
    "complications": "prognosis", "considerations": "management", "management": "management",
    "research": "other", "support groups": "support", "support": "support", "dose": "dosage", "dosage": "dosage",
    "usage": "dosage", "how does it work": "other", "side effects": "side_effect", "side effect": "side_effect",
    "severe reaction": "side_effect", "emergency or overdose": "management", "forget a dose": "dosage",
    "storage and disposal": "other", "brand names": "synonym", "brand names of combination products": "synonym",
    "interaction": "interaction", "interactions": "interaction", "interactions with medications": "interaction",
    "contraindication": "contraindication", "contraindications": "contraindication",
    "precautions": "contraindication", "important warning": "contraindication", "dietary": "management",
    "why get vaccinated": "prevention", "indication": "treatment", "ingredient": "other", "procedure": "procedure",
    "when to contact a medical professional": "management", "epidemiology": "epidemiology",
}


def question_kind(source_kind: str | None) -> str:
    """Value of the vocabulary for a source's own word; `other` for a word not known, `unspecified` for none."""
    word = _SPACE.sub(" ", (source_kind or "").replace("_", " ")).strip().lower()
    return _KINDS.get(word, "other") if word else "unspecified"


def lacks_subject(question: str) -> bool:
    """Whether a pattern's question came without the thing it asks about."""
    return bool(_EMPTY.match(_MARKS.sub("?", _BEFORE_MARK.sub(r"\1", _SPACE.sub(" ", question).strip()))))


def tidy_question(question: str) -> str:
    """The question, grammatical where that follows safely from its pattern. See the module for the rules."""
    plain = _MARKS.sub("?", _BEFORE_MARK.sub(r"\1", _SPACE.sub(" ", question).strip()))
    plain = _RESEARCH.sub("What research is being done", plain)
    if match := _IS_ARE.match(plain):
        subject = match[2].strip()
        plain = f"{match[1]} {'are' if _PLURAL.search(subject) else 'is'} {subject}?"
    elif match := _DIAGNOSE.match(plain):
        plain = f"How {_be(match[1])} {match[1].strip()} diagnosed?"
    elif match := _PREVENT.match(plain):
        plain = f"How can {match[1].strip()} be prevented?"
    elif match := _DO.match(plain):
        plain = f"What should be done for {match[1].strip()}?"
    if _ASKS.match(plain) and plain[-1] not in "?.!":
        plain += "?"
    return plain[:1].upper() + plain[1:]


def _be(subject: str) -> str:
    return "are" if _PLURAL.search(subject.strip()) else "is"
