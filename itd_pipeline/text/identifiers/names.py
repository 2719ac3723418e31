"""Names of patients, relatives and clinicians (45 CFR 164.514(b)(2)(i)(A)).

Evidence is always the context: a label (Patient:, Dictated by), a title (Dr, Mrs), a credential (MD, RN), a relative
(his daughter ...), a letter's opening or close, or a common given name before a capitalised word. What else the
same people are called is searched for by `deidentify`, which knows the whole group of documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from itd_pipeline.text.identifiers.eponyms import EPONYMS, is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday, is_surname_after
from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gates import Gate, has, shows, views
from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES
from itd_pipeline.text.identifiers.lexicon import is_word
from itd_pipeline.text.identifiers.packs import ENGLISH
from itd_pipeline.text.identifiers.prefilter import Sieve
from itd_pipeline.text.identifiers.traits import Trait

_UP = "A-ZÀ-ÖØ-ÞĆČĎĐĘĚĞĪŁŃŇŌŐŘŚŞŠŤŪŮŰŹŻŽ"
_LO = "a-zß-öø-ÿāăąćčďđēęěğīıłńňōőřśşšťūůűźżž"
TOKEN = (
    rf"(?:[{_UP}]['\u2019][{_UP}][{_LO}]+(?:-[{_UP}][{_LO}]+){{0,3}}|[{_UP}][{_LO}]+(?:[-'\u2019]?[{_UP}][{_LO}]+|"
    rf"-[{_LO}]{{2,4}}"
    rf"(?= [{_UP}])){{0,3}}|[{_UP}]{{2,}}(?:[-'\u2019][{_UP}]{{2,}}){{0,3}})(?![\w])"
)
INITIAL = rf"(?:[{_UP}]\.(?:-?[{_UP}]\.){{0,3}}|[{_UP}](?=[\s,]|['\u2019]s\b|[?;:)](?!\w)|$))"
_PARTICLE = r"(?:van|von|de|der|den|da|dos|di|del|della|la|le|bin|ibn|al|el|ter|ten|du|af|y|st\.?|O'|Mc|Mac)"
_PART = rf"(?:{TOKEN}|{INITIAL})"
_NEXT = rf"(?:[ \t]{{1,2}}|[ \t]?\n(?=[{_UP}][{_LO}]+\b))"
# Given names first, surname last; initials and particles between.
PERSON = rf"(?:{_PART}(?:[ \t]{{1,2}}(?:{_PARTICLE}[ \t])*{_PART}){{0,4}})"
_REVERSED = rf"(?:{TOKEN}(?:[ -]{TOKEN})?,[ \t]?{_PART}(?:[ \t]{_PART}){{0,2}})"
_ANY_CASE = r"(?:[^\W\d_][\w'\u2019.-]*(?:,?[ \t]{1,2}[^\W\d_][\w'\u2019.-]*){0,3})"

TITLE = r"(?:Mrs?|Ms|Miss|Mx|Drs?|Doctor|Professor|Prof|Sir|Dame|Reverend|Rev|MRS?|MS|MISS|DR|PROF)"
_CREDENTIAL = (
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|L?MSW|LCSW|LPN|CRNA|DNP|APRN|ARNP|FNP(?:-BC|-C)?|MBBS|MBChB|"
    r"MB ?BS|MRCP|FRCP|FRCS|MRCGP|FACS|FACC|"
    r"FACP|Pharm\.?D|DPT|PT|OT|OTR(?:/L)?|SLP|RD|RDN|DDS|DMD|DPM|Psy\.?D|MPH|MSN|BSN|CNM|CNS|EMT(?:-P)?|MA|CMA|RPh)\b"
)
_PATIENT_LABEL = (
    r"(?:patient(?:'?s)? ?names?|pt\.? names?|names?(?: of patient)?|full names?|legal name|sur ?name|last name|"
    r"family name|first name|"
    r"given names?|fore ?names?|middle name|maiden name|aliases|alias|a\.?k\.?a\.?|preferred name|known as|goes by|"
    r"client name|client)"
)
_ROLE_LABEL = (
    r"(?:patient|pt|re|regarding|next of kin(?: name)?|n\.?o\.?k\.?|emergency contact|contact(?: person| name)?|"
    r"dictated by|dictator|"
    r"(?:electronically )?signed(?: electronically)?(?: by)?|signature|e-?signed by|transcribed by|transcriptionist|"
    r"typed by|reported by|"
    r"verified by|authori[sz]ed by|approved by|prepared by|completed by|entered by|recorded by|documented by|"
    r"written by|reviewed by|seen by|"
    r"referred by|accompanied by|interpreter|author|attending(?: physician| surgeon| md)?|"
    r"consultants?|consulting physician|referring(?: physician| provider| doctor| gp| md)?|referrer|g\.?p\.?|family "
    r"(?:doctor|physician)|usual gp|p\.?c\.?p\.?|"
    r"primary care(?: physician| provider| doctor)?|primary (?:surgeon|physician|provider)|surgeons?|assistants?"
    r"(?: surgeon)?|first assistant|"
    r"an(?:a)?esthesiologist|an(?:a)?esthetist|physician|doctor|provider|nurse|midwife|therapist|radiologist|"
    r"pathologist|cardiologist|resident|"
    r"registrar|social worker|case manager|care coordinator|pharmacist|key worker|mother|father|spouse|wife|husband|"
    r"son|daughter|brother|sister|partner|"
    r"carer|caregiver|guardian|parent|informant|historian|insured|subscriber|policy ?holder|health care proxy|hcp|poa|"
    r"power of attorney|from|to|dear|cc|bcc|copy(?: to)?|copies to|distribution|sincerely|regards|witness(?:ed by)?|"
    r"operator|technician|employer contact)"
)
_LABEL_START = r"(?:^|[\n|;\t]|\.\s|,\s|  )[\W_]{0,4}"
_SEPARATOR = r"[*_]{0,2}[ \t]*(?:\([^)\n]{1,20}\)[ \t]*)?(?::[*_]{0,2}|[ \t]-(?=[ \t])|=)[ \t]*[*_]{0,2}(?:\n[ \t]*)?"

_RELATIVE = (
    r"(?:daughter|son|wife|husband|mother|father|mom|mum|dad|brother|sister|partner|spouse|niece|nephew|aunt|uncle|"
    r"cousin|"
    r"grand(?:son|daughter|mother|father|child)|granddaughter|stepson|stepdaughter|stepmother|stepfather|fianc[eé]e?|"
    r"girlfriend|boyfriend|"
    r"neighbou?r|friend|flat-?mate|house-?mate|parents?|carer|caregiver|roommate|guardian|caretaker|twin|child|baby|"
    r"(?:son|daughter|mother|father|brother|sister)-in-law|landlord|employer|boss|coworker|colleague|teacher|"
    r"social worker|case manager|key worker|"
    r"nurse|midwife|physiotherapist|therapist|counsell?or|dietitian|pharmacist|interpreter|paramedic|health visitor|"
    r"cardiologist|oncologist|neurologist|"
    r"surgeon|physio|porter|healthcare assistant|student nurse|staff nurse|ward clerk|nephrologist|psychiatrist|"
    r"dermatologist|consultant|registrar|GP|PCP)"
)


@dataclass(frozen=True)
class _NameRule:
    """A pattern with the group `it`; `weak` ones need that the words are not used in lower case elsewhere."""

    name: str
    pattern: re.Pattern[str]
    weak: bool = False
    any_case: bool = False
    tokens: int = 1
    gate: Gate | None = None  # closed where the pattern cannot match
    overlapping: bool = False  # the name stands at the end of a match, whose words may begin another


@cache
def _rules() -> tuple[_NameRule, ...]:
    """The rules with their gates."""
    unknown = set(_GATES) - {rule.name for rule in _ungated()}
    if unknown:
        raise KeyError(f"gates of no rule: {sorted(unknown)}")
    return tuple(replace(rule, gate=_GATES.get(rule.name)) for rule in _ungated())


def _ungated() -> tuple[_NameRule, ...]:
    """The rules; compiling them takes 0.4 s, which only those pay who read patients' text."""
    return (
        _NameRule("label_patient", re.compile(
            rf"(?m){_LABEL_START}(?i:{_PATIENT_LABEL}){_SEPARATOR}(?:{TITLE}\.?[ \t]+)?"
            rf"(?P<it>{_REVERSED}|{PERSON})")),
        _NameRule("label_patient_any_case", re.compile(
            rf"(?m)(?:^|[\n|;\t])[\W_]{{0,4}}(?i:{_PATIENT_LABEL}){_SEPARATOR}"
            rf"(?P<it>{_ANY_CASE})(?=[ \t]*(?:$|\n|[|;,(]|  ))"), any_case=True),
        _NameRule("label_role", re.compile(
            rf"(?m){_LABEL_START}(?i:{_ROLE_LABEL}){_SEPARATOR}(?:(?:{TITLE})\.?[ \t]+)*(?P<it>{_REVERSED}|"
            rf"{PERSON})"), weak=True),
        _NameRule("signed_by", re.compile(
            rf"(?i:\b(?:signed|dictated|transcribed|reported|verified|reviewed|seen|referred|written|performed|prepared|"
            rf"typed|approved|authenticated|examined|accompanied|supervised|"
            rf"interpreted|completed|assisted|brought in|discussed with|spoke (?:to|with)|d/w|cc'?d to|contacted|"
            rf"informed|paged|referral from|letter from|care of|c/o)"
            rf"(?: electronically)?(?:[^.\n]{{0,24}}? by| for| to)?(?: (?:his|her|the|their))?"
            rf"(?: {_RELATIVE})?,?)\s*:?\s+(?:{TITLE}\.?\s+)?(?P<it>{PERSON})"), weak=True, tokens=2,
            overlapping=True),
        _NameRule("typed_by", re.compile(
            rf"(?i:\b(?:signed|dictated|transcribed|typed|seen|reviewed|entered|recorded|completed|written|printed)"
            rf"(?: and \w+)? by)\s*:?\s+(?P<it>{PERSON})"), weak=True, overlapping=True),
        _NameRule("initial_surname", re.compile(rf"(?<![\w./])(?P<it>(?:[{_UP}]\. ?){{1,2}}(?!Typhi|Coli|Aureus|"
            rf"Difficile|Pneumoniae|Pylori){TOKEN})"), weak=True, tokens=1),
        _NameRule("title", re.compile(
            rf"(?<!\w)(?:Mrs?|Ms|Miss|Mx|Drs?|Doctor|Professor|Prof|Sir|Dame|Reverend|Rev)\b\.?[ \t\n]{{0,2}}"
            rf"(?P<it>{PERSON})")),
        _NameRule("title_small", re.compile(rf"(?<!\w)(?:mrs?|ms|dr|prof)\. (?P<it>{TOKEN}(?: {TOKEN})?)")),
        _NameRule("title_capitals", re.compile(rf"(?<!\w)(?:MRS?|MS|MISS|DR|PROF)\b\.? (?P<it>"
            rf"(?=[{_UP}]{{2}}){PERSON})"), weak=True),
        _NameRule("title_of_office", re.compile(rf"(?<!\w)(?:Father|Sister|Nurse|Judge|Officer|Sgt|Matron) "
            rf"(?P<it>{PERSON})"), weak=True),
        _NameRule("title_and_title", re.compile(
            rf"(?<!\w)(?:{TITLE})\.?(?: and | & |/){TITLE}\.?[ \t]+(?P<it>{PERSON})")),
        _NameRule("titles_shared", re.compile(rf"(?<!\w)Drs\.? {TOKEN}(?:, {TOKEN})*,? (?:and|&) (?P<it>{PERSON})")),
        _NameRule("credential", re.compile(rf"(?<!\w)(?P<it>{PERSON}),?[ \t]{{1,2}}{_CREDENTIAL}"), tokens=2),
        _NameRule("credential_comma", re.compile(rf"(?<!\w)(?P<it>{PERSON}),[ \t]?{_CREDENTIAL}"), weak=True),
        _NameRule("relative", re.compile(
            rf"(?i:\b{_RELATIVE})(?:,? (?:named|called|is|was|name is)|,| \(|:)?\s+\(?(?P<it>{PERSON})"), weak=True,
            overlapping=True),
        _NameRule("relative_bracket", re.compile(rf"(?i:\b{_RELATIVE}),? \((?P<it>{PERSON})"), weak=True,
                  overlapping=True),
        _NameRule("grade", re.compile(
            rf"(?<!\w)(?:SN|RN|RGN|RMN|EN|HCA|CNA|LPN|CN|FY[12]|F[12]|SHO|SpR|StR|ST\d|CT\d|ODP|CPN|AHP|HV|MW|Physio|"
            rf"Midwife|Matron|PA-C|CRNA) (?P<it>{PERSON})"), weak=True),
        _NameRule("grade_and_two", re.compile(rf"(?<!\w)(?:SR|Sr|OT|PT|PA|NP|SW|MA|Scrub|Tech) "
            rf"(?P<it>{TOKEN} {TOKEN})"), weak=True, tokens=2),
        _NameRule("relation_after", re.compile(rf"(?<!\w)(?P<it>{PERSON})[\"”]?,? (?:\((?:(?:his|her|the|their|late|ex|"
            rf"former) )*|(?:his|her|the patient's|their) (?:late |ex-?|former )?){_RELATIVE}\b"), weak=True),
        _NameRule("named", re.compile(
            rf"(?i:\b(?:patient|man|woman|lady|gentleman|girl|boy|child|baby|infant|friend|dog|person|he|she)(?:,)? "
            rf"(?:is |was )?(?:named|called|goes by|known as|prefers to be called|"
            rf"likes to be called|introduces (?:him|her)self as))\s+[\"“']?(?P<it>{PERSON})"), weak=True,
            overlapping=True),
        _NameRule("to_be_named", re.compile(rf"\b(?:to be (?:named|called)|prefers|goes by|known as)\s+[\"“']?"
            rf"(?P<it>{PERSON})"), weak=True),
        _NameRule("and_another", re.compile(rf"(?i:\b(?:discussed with|spoke (?:to|with)|explained to|seen with|"
            rf"present:?|informed|updated)) {PERSON}(?:, {PERSON})* and (?P<it>{PERSON})"), weak=True),
        _NameRule("after_person", re.compile(
            rf"(?i:\b(?:patient|pt|male|female|man|woman|boy|girl|gentleman|lady)),? (?P<it>{PERSON})(?=[,;.)]| (?:was|"
            rf"is|has|who|seen)\b)"),
            weak=True),
        _NameRule("nickname", re.compile(rf"[\"“](?P<it>{TOKEN})[\"”](?=\)?[ \t]{TOKEN})|(?<=[{_LO}])[ \t]\(?[\"“]"
            rf"(?P<quoted>{TOKEN})[\"”]")),
        _NameRule("dear", re.compile(rf"(?m)^\s*(?:Dear|Hi|Hello)[ \t]+(?:{TITLE}\.?[ \t]+)?(?P<it>{PERSON})")),
        _NameRule("letter_close", re.compile(
            rf"(?:[Ss]incerely|[Rr]egards|[Ff]aithfully|[Tt]hank you|[Tt]hanks|[Bb]est wishes|[Tt]ruly),?\s*\n+\s*"
            rf"(?:{TITLE}\.?[ \t]+)?(?P<it>{PERSON})"), weak=True),
        _NameRule("i_am", re.compile(rf"\bI,? (?:am )?(?:{TITLE}\.? )?(?P<it>{TOKEN}"
            rf"(?: {_PART}){{1,3}}),"), weak=True, tokens=2),
        _NameRule("age_follows", re.compile(
            rf"(?<!\w)(?P<it>{PERSON})(?:,? (?:is|was|presents|presented))?(?:,? (?:a|an|aged|age|"
            rf"the))?,? \(?\d{{1,3}}[- ]?(?:\+|year|y/?o|yr|month|week|day|[MF]\b)"), weak=True, tokens=2),
        _NameRule("identifier_follows", re.compile(rf"(?<!\w)(?P<it>{_REVERSED}|{PERSON})"
            rf"(?: [\"“(]{{1,2}}{TOKEN}[\"”)]{{1,2}})?,? {{0,3}}\(?(?:DOB|D\.O\.B|MRN|NHS|ID|SSN|born)\b"), weak=True),
        _NameRule("initialled_surname", re.compile(rf"(?<!\w)(?P<it>{TOKEN} [{_UP}]\.(?: "
                                                   rf"{TOKEN})?)(?=[\s,;:)?!'\u2019]|"
            rf"$)"), weak=True, tokens=2),
        _NameRule("initials_label", re.compile(r"(?i:\b(?:initials|initialled|initialed)(?: by)?)\s*:?\s*(?P<it>[A-Z]"
            r"(?:\.?[A-Z]){1,2}\b\.?)"), any_case=True),
        _NameRule("dictation_initials", re.compile(r"(?m)^\s*(?:D/T:\s*)?"
            r"(?P<it>[A-Z]{2,3}[/:][a-zA-Z]{2,3})\s*$"), any_case=True),
    )
_GATES: dict[str, Gate] = {
    "label_patient": has("name", "alias", "a.k", "ak", "known as", "goes by", "client"),
    "label_patient_any_case": has("name", "alias", "a.k", "ak", "known as", "goes by", "client"),
    "label_role": has(":", " -", "\t-", "="),
    "title_capitals": shows(r"(?<!\w)(?:M[RIS]|DR|PROF)"),
    "title_small": has("mr.", "mrs.", "ms.", "dr.", "prof."),
    "title_of_office": shows(r"(?<!\w)(?:Father|Sister|Nurse|Judge|Officer|Sgt|Matron) "),
    "titles_shared": has("drs"),
    "credential": shows(rf"[ \t]{_CREDENTIAL}"),
    "credential_comma": shows(rf",[ \t]?{_CREDENTIAL}"),
    "relative_bracket": has("("),
    "grade": shows(r"(?<!\w)(?:[A-Z]{2,4}\d?|FY\d|F\d|SpR|StR|Physio|Midwife|Matron|PA-C) [A-ZÀ-Þ]"),
    "grade_and_two": shows(r"(?<!\w)(?:SR|Sr|OT|PT|PA|NP|SW|MA|Scrub|Tech) "),
    "to_be_named": has("to be named", "to be called", "prefers", "goes by", "known as"),
    "and_another": has(" and "),
    "nickname": has('"', "\u201c"),
    "dear": has("dear", "hi", "hello"),
    "letter_close": has("sincerely", "regards", "faithfully", "thank", "best wishes", "truly"),
    "age_follows": shows(r"\d"),
    "identifier_follows": shows(r"\b(?:DOB|D\.O\.B|MRN|NHS|ID|SSN|born)\b"),
    "initialled_surname": shows(rf" [{_UP}]\."),
    "initials_label": has("initial"),
    "dictation_initials": has("/", ":"),
}
_LETTERS = re.compile(r"[^\W\d_]+")
_WITH_GIVEN_NAME = Trait(lambda piece: not GIVEN_NAMES.isdisjoint(_LETTERS.findall(piece.lower())))
_GIVEN = Finder(re.compile(rf"(?<![\w-])(?P<it>{TOKEN}(?:[ \t]{_PART}){{1,3}})"))
# It begins with its letter and looks back after that: `re` then runs over everything else several times faster.
_LOWER_WORD = re.compile(rf"[{_LO}](?<![\w@./_-].)[{_LO}]++(?![\w@/_]|\.\w)")
_BY_ITS_SEPARATOR = "label_role"
_LONGEST_LABEL, _LONGEST_LINE = 120, 400
_BEFORE_WORD = rf"[*_]{{0,2}}[ \t]*[*_]{{0,2}}(?:\n[ \t]*)?(?=(?P<word>[{_UP}][^\s,]*))"
_SEPARATED = re.compile(rf"(?:[:=]|[ \t]-(?=[ \t])){_BEFORE_WORD}")
_SEPARATED_BY_A_SIGN = re.compile(rf"[:=]{_BEFORE_WORD}")  # several times faster: it does not stop at each blank
_SPEAKS = re.compile(rf"I(?:['\u2019](?:m|ve|d|ll)\b| (?!{_PARTICLE}[ \t])[{_LO}])")  # `I`, and what is no name
_TITLE_ALONE = re.compile(rf"{TITLE}\.?")
_TITLE_BEFORE = re.compile(rf"(?<!\w)(?:{TITLE}\b\.?[ \t]{{1,2}})+$")
TITLE_AT_START = re.compile(rf"(?:{TITLE}\b\.?[ \t\n]{{1,2}})+(?=\S)")
_TOKENS = re.compile(r"[^\s,]+")
_TRAILING = re.compile(r"[\s.,;:'\u2019-]+$|['\u2019]s$")


@cache
def _sieve() -> Sieve:
    return Sieve([rule.pattern for rule in _rules()], ENGLISH)


@cache
def _finders() -> tuple[tuple[_NameRule, Finder], ...]:
    return tuple((rule, Finder(rule.pattern, rule.overlapping)) for rule in _rules())


class NameRecogniser:
    """Finds names by their context. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        in_lower_case = _LowerCase(text)
        found: list[Finding] = []
        seen = views(text)
        for rule, finder in _sieve().chosen(_finders(), text):
            if rule.gate is not None and not rule.gate(seen):
                continue
            for match in _after_labels(finder, text) if rule.name == _BY_ITS_SEPARATOR else finder.find(text):
                start, end = match.span("it" if match["it"] is not None else "quoted")
                if not rule.any_case:
                    end = _end_of_name(text, start, end, rule.name.startswith("label"))
                elif all(is_everyday(token) for token in _TOKENS.findall(text[start:end])):
                    continue
                if self._is_name(text, start, end, rule, in_lower_case):
                    found.append(Finding(_with_title(text, start), end, "name", rule.name))
        if _WITH_GIVEN_NAME.stands_in(text):
            found.extend(self._by_given_name(text))
        return found

    @staticmethod
    def _is_name(text: str, start: int, end: int, rule: _NameRule, in_lower_case: _LowerCase) -> bool:
        tokens = _TOKENS.findall(text[start:end])
        long_tokens = [t.strip(".") for t in tokens if len(t.strip(".")) > 1]
        if rule.any_case:
            return bool(long_tokens)
        if not long_tokens and not (rule.name == "title" and tokens and tokens[0].endswith(".")):
            return False
        if len(tokens) < rule.tokens or is_eponym(text, start, end):
            return False
        if rule.name == "identifier_follows" and len(long_tokens) == 1 and is_word(long_tokens[0]):
            return False  # Member ID, Site ID
        if rule.weak:
            if all(t.lower() in in_lower_case for t in long_tokens):
                return False
            if len(long_tokens) == 1:
                alone_in_capitals = len(tokens) == 1 and long_tokens[0].isupper()
                return not alone_in_capitals and long_tokens[0].lower() not in EPONYMS
        return True

    @staticmethod
    def _by_given_name(text: str) -> list[Finding]:
        found = []
        for match in _GIVEN.find(text):
            start, end = match.span("it")
            tokens = list(_TOKENS.finditer(text[start:end]))
            for token in tokens[:-1]:
                word = token.group()
                if word.lower() not in GIVEN_NAMES or not (word[1:].islower() or word.isupper()):
                    continue
                name_start = start + token.start()
                name_end = _end_of_name(text, name_start, end, False)
                rest = text[name_start:name_end].split()
                long_enough = len(rest) > 1 and len(rest[-1].strip(".")) + len(rest) > 3
                if long_enough and not is_eponym(text, name_start, name_end):
                    found.append(Finding(name_start, name_end, "name", "given_name"))
                break
        return found


class _LowerCase:
    """Words that a text also writes in lower case."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __contains__(self, word: str) -> bool:
        at = self._text.find(word)
        while at >= 0:
            found = _LOWER_WORD.match(self._text, at)
            if found is not None and found.end() - at == len(word):
                return True
            at = self._text.find(word, at + 1)
        return False


def _after_labels(finder: Finder, text: str) -> Iterator[re.Match[str]]:
    """Matches of a labelled name, looked for only around separators that a capitalised word follows which may be part
    of a name: in a dialogue each turn begins with `Doctor:`, and then speaks."""
    done = before = 0
    dashes = " -" in text or "\t-" in text
    for opening in (_SEPARATED if dashes else _SEPARATED_BY_A_SIGN).finditer(text):
        word = opening["word"]
        if opening.start() < done or (len(word) > 1 and is_everyday(word.rstrip(".'\u2019")) and not (
                _TITLE_ALONE.fullmatch(word))) or _SPEAKS.match(text, opening.end()):
            before = opening.start()
            continue
        line_end = text.find("\n", opening.end() + _LONGEST_LABEL)
        # No label holds a separator, but for one in brackets; those before have had their turn.
        least = before + 1 if before and text.find(")", before, opening.start()) < 0 else 0
        before = opening.start()
        for match in finder.find(text, max(done, least, opening.start() - _LONGEST_LABEL),
                                      min(opening.end() + _LONGEST_LINE, len(text) if line_end < 0 else line_end)):
            done = match.end()
            yield match
            if match.end() > opening.start():
                break


def _with_title(text: str, start: int) -> int:
    """Where the name begins with its title: the title is kept in what stands in its place."""
    title = _TITLE_BEFORE.search(text, max(0, start - 24), start)
    return start if title is None else title.start()


def _end_of_name(text: str, start: int, end: int, strict_comma: bool) -> int:
    """Where the name that begins at `start` ends: before the first everyday word, credential or trailing mark."""
    stop = start
    for token in _TOKENS.finditer(text, start, end):
        word = token.group().rstrip(".'\u2019")
        if is_everyday(word) and not (len(word) == 1 and word.isupper()):
            if is_surname_after(text[start:stop].strip(), word):
                stop = token.end()
            break
        if re.fullmatch(_CREDENTIAL, word) and stop > start:
            break
        stop = token.end()
    while True:
        trimmed = _TRAILING.sub("", text[start:stop])
        if len(trimmed) == stop - start:
            return stop
        # An initial keeps its full stop.
        if re.search(r"(?<![^\W\d_])[^\W\d_a-z]\.$", text[start:stop]):
            return stop
        stop = start + len(trimmed)
