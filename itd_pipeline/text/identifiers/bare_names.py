"""Names that no title, label or relative announces, by what the words are (45 CFR 164.514(b)(2)(i)(A)).

Two capitalised words that are no English words, a given name alone, a surname alone, a given name in lower case
before a surname: in a record about a patient that is a person, unless the words are an eponym, a drug or a place.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, pairwise

from itd_pipeline.text.identifiers import lexicon
from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponyms import EPONYMS, is_eponym
from itd_pipeline.text.identifiers.everyday_words import WORDS_REMEMBERED, is_everyday, is_surname_after
from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gazetteer import is_place_name
from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES
from itd_pipeline.text.identifiers.headlines import in_headline
from itd_pipeline.text.identifiers.names_abroad import names_abroad
from itd_pipeline.text.identifiers.peoples import is_people
from itd_pipeline.text.identifiers.traits import Trait


def _token(capital: str, letter: str) -> re.Pattern[str]:
    """A word with a capital, or an initial. It begins with its letter and looks back after that: `re` then runs over
    everything else several times faster."""
    return re.compile(
        rf"{capital}(?<![\w.@/&+-].)(?:(?:['\u2019]{capital})?(?:{letter}|(?<={letter})['\u2019-](?={letter}{{2}}))+"
        rf"|\.?(?=[ \t,?;:)]|['\u2019]s\b|$))(?![\w@/&+]|-\w)")


_TOKEN = _token(r"[^\W\d_a-zß-ÿ]", r"[^\W\d_]")
_ASCII_TOKEN = _token("[A-Z]", "[A-Za-z]")  # the same in plain ASCII, where classes are cheaper
_GAP = re.compile(r"[ \t]{1,2}|[ \t]{1,2}(?:van|von|de|der|den|da|dos|di|del|della|la|le|bin|ibn|al|el|ter|ten|du|af)"
                  r"(?:[ \t](?:la|los|las|der|den))?[ \t]")
_LOWER_WORD = re.compile(r"[a-zß-ÿ](?<![\w.@/'\u2019-].)[a-zß-ÿ]{2,}(?![\w@/-])")
_LOWER_SURNAME = re.compile(r" (?:(?:[a-z]\. |(?![ai] )[a-z] ))?(?P<surname>[a-zß-ÿ]{3,}(?:-[a-zß-ÿ]{3,})?)(?![\w@/-])")
_LOWER_AFTER = re.compile(r"\b(?:name is|name's|call (?:me|him|her)|maiden name:?) (?P<it>[^\W\d_A-Z][^\W\d_]{2,})\b"
                          r"(?P<more> [^\W\d_A-Z][^\W\d_]{3,}\b)?")
_LOWER_AT_START = re.compile(r"(?P<it>[^\W\d_A-Z][^\W\d_]{3,})(?![\w@/-])")
_LOWER_INITIAL = Finder(re.compile(
    r"(?<![\w.@/'\u2019-])(?P<given>[a-zß-ÿ]{4,}) (?:[a-z]\.|(?![ai] )[a-z]) (?P<surname>[a-zß-ÿ]{4,})(?![\w@/-])"))
_SHORT_WORDS = frozenset(("and", "the", "who", "for", "are", "but", "has", "had", "was", "were", "did", "does", "its"))
_BINOMIAL = re.compile(r" [a-z]{3,}(?:i|ii|ae|us|um|is|ns|a|ola|ella)\b")
_PERSON_BEFORE = re.compile(
    r"(?i)(?:\b(?:name(?:d)?(?: is|'s)?|call(?:s|ed)? (?:me|him|her|them)|(?:was|is|and) called|"
    r"i am|i'm|this is|says|said|asked|told|given|"
    r"my (?:kid|child|son|daughter|wife|husband|friend|partner|boss)|named (?:him|her|them)|last name\?|"
    r"sincerely|regards|thanks|dear|hi|hello|signed|leave me|user|ex-\w+)[:,]?\s+)$")
_PERSON_AFTER = re.compile(
    r"(?:,? (?:began|shouted|says?|said|asked|replied|lives?|lived|spent|wrote|writes|told|tells|called|calls|works?|"
    r"worked|is (?:from|very|a|an|not|my|his|her|the)|had (?:given|a)|has (?:given|been|had|a)|was (?:influenced|"
    r"born|a|an|seen|admitted|discharged|very|not)|went|came|denies|denied|reports|reported|states|stated|"
    r"complains|presents|wants|wanted|feels|felt|agrees|agreed|"
    r"can you|can I|could you|thinks|thought|brought|just|also)\b|:\s?[\"\u201c])")
_LOWER_SPOKEN_OF = re.compile(_LOWER_AT_START.pattern + _PERSON_AFTER.pattern)
_LOWER_FIRST = Finder(re.compile(rf"[.!?\n] {_LOWER_SPOKEN_OF.pattern}"), overlapping=True)
_AFTER_APPOSED = re.compile(r"[,;)?]| \(|['\u2019]s\b|\.(?:\s|$)|$| (?:who|with|at|from|was|is|seen|on|has|in)\b")
_ARTICLE = re.compile(r"(?:\b(?:[Uu]s(?:ing|ed)|with|by|via|through|of|from|in|on|placed|small|large|and) (?:an?|"
                      r"the)|\.\s+(?:A|The)|, the|#\d{1,2}|\d-?(?:French|Fr|inch|mm|cm)) $")
_FAMILY = re.compile(r" (?:family|case|twins|brothers|sisters|baby|child|girl|boy)\b|s\b")
_WHOLE_LINE = re.compile(r"[>\s]*(?P<it>\S+ \S+)[ \t]*(?:\n|$)")
_REFERRED = re.compile(r"\b(?:review|ref|re|see|for|about|regarding|patient|pt|like|case of|named) $")
_LIST = re.compile(r",?\s(?:and|or|&)\s|,\s")
_SURNAMES_JOINED = re.compile(r"(?:, | and )(?P<next>[A-Z][^\W\d_A-Z]{2,})(?![\w-])")
_ABBREVIATION = re.compile(r"^(?!Mc|Mac|De|Di|Da|Du|Le|La|Van|Von|Fitz|O')[A-Z]+[a-z]+[A-Z]+[A-Za-z]?s?$")  # MoCA, HbA
_LATIN = frozenset(("vena", "carina", "norma", "regina", "ana", "alba", "linea", "placenta"))
_LEAST_SINGLE = 4
_SENTENCE_START = re.compile(r"(?:^|[.!?\n•*])\s*$")
_LOWER_BEFORE = re.compile(
    r"\b(?:given?|gave|told|me|asked|with|by|and|but|for|called|saw|met|to|kid|when|said) $")
_LEAST_LOWER = 5
_GIVEN_NAME = Trait(lambda piece: not lexicon.given_names().isdisjoint(_LOWER_WORD.findall(piece)))


class BareNameRecogniser:
    """Finds names by the lists of `lexicon`. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found: list[Finding] = []
        runs: list[tuple[int, int, bool]] = []
        for run in _runs(text):
            accepted = _name_in(text, run)
            if accepted is not None:
                found.append(Finding(*accepted, "name", "bare_name"))
            if run:
                runs.append((run[0].start(), run[-1].end(), accepted is not None))
        found += _listed_with_a_name(text, runs)
        return found + _in_lower_case(text)


def _in_lower_case(text: str) -> list[Finding]:
    """Given names written small, with the surname that follows."""
    found = []
    names = {word for word in lexicon.given_names().intersection(_LOWER_WORD.findall(text))
             if word not in _LATIN and not is_drug(word) and word not in EPONYMS} if _GIVEN_NAME.stands_in(text) else ()
    for match in _LOWER_WORD.finditer(text) if names else ():
        word = match.group()
        if word not in names:
            continue
        if is_eponym(text, *match.span()):
            continue
        following = _LOWER_SURNAME.match(text, match.end())
        if following and (following["surname"] in lexicon.surnames() or not lexicon.is_word(following["surname"])) and (
                not is_everyday(following["surname"]) and following["surname"] not in _SHORT_WORDS):
            if is_eponym(text, match.start(), following.end()):
                continue
            found.append(Finding(match.start(), following.end(), "name", "bare_name_lower_case"))
        elif len(word) >= _LEAST_LOWER and not lexicon.is_word(word) and not is_place_name(word):
            found.append(Finding(*match.span(), "name", "bare_name_lower_case"))
    for match in _LOWER_INITIAL.find(text):
        if not lexicon.is_word(match["given"]) and (
                match["surname"] in lexicon.surnames() or not lexicon.is_word(match["surname"])):
            found.append(Finding(*match.span(), "name", "bare_name_lower_case"))
    for match in chain(filter(None, [_LOWER_SPOKEN_OF.match(text)]), _LOWER_FIRST.find(text)):
        if not lexicon.is_word(match["it"]) and (
                not is_drug(match["it"]) and match["it"] not in _SHORT_WORDS):
            found.append(Finding(*match.span("it"), "name", "bare_name_lower_case"))
    for match in _LOWER_AFTER.finditer(text) if "name" in text or "call " in text else ():
        word = match["it"]
        if not lexicon.is_word(word) and word not in _SHORT_WORDS:
            more = match["more"] is not None and not lexicon.is_word(match["more"].strip())
            found.append(Finding(match.start("it"), match.end() if more else match.end("it"), "name",
                                 "bare_name_lower_case"))
    return found


def _runs(text: str) -> list[list[re.Match[str]]]:
    """Capitalised words that stand together; everyday words part them."""
    runs: list[list[re.Match[str]]] = []
    last_end = -1
    for match in (_ASCII_TOKEN if text.isascii() else _TOKEN).finditer(text):
        word = match.group()
        if (len(word.strip(".")) > 1 and is_everyday(word)) or not word[0].isupper():
            if runs and len(runs[-1]) == 1 and 0 <= match.start() - last_end <= 2 and (
                    is_surname_after(runs[-1][0].group(), word)):
                runs[-1].append(match)
            last_end = -1
            continue
        if runs and last_end >= 0 and match.start() - last_end <= 12 and _GAP.fullmatch(text, last_end, match.start()):
            runs[-1].append(match)
        else:
            runs.append([match])
        last_end = match.end()
    return runs


@lru_cache(maxsize=WORDS_REMEMBERED)
def _kind(word: str) -> str:
    """`initial`, `given`, `maybe` (a given name that is a word), `abroad` (a given name of another country), `surname`,
    `place`, `unknown` or `word`."""
    bare = word.strip(".").lower().replace("\u2019", "'")
    if len(bare) == 1:
        return "initial"
    if (word.isupper() and len(bare) <= 4) or _ABBREVIATION.search(word):
        return "word"  # an abbreviation
    if is_people(bare):
        return "word"
    if bare in lexicon.given_names():
        return "place" if bare not in GIVEN_NAMES and is_place_name(bare) else "given"
    if lexicon.is_word(bare):
        return "maybe" if bare in lexicon.ambiguous_given_names() else "word"
    if bare in names_abroad():
        return "abroad"
    if bare in EPONYMS:
        return "eponym"
    if is_place_name(bare):
        return "place"
    return "surname" if bare in lexicon.surnames() else "unknown"


def _name_in(text: str, run: list[re.Match[str]]) -> tuple[int, int] | None:
    if len(run) == 1:
        return _single(text, run[0], _kind(run[0].group()))
    kinds = [_kind(match.group()) for match in run]
    named = {"given", "abroad", "surname", "unknown", "place", "initial", "eponym"}
    for first, kind in enumerate(kinds[:-1]):
        following = kinds[first + 1]
        if first == 0 and len(run) == 2 and _person_like(run[1].group()) and (
                _PERSON_BEFORE.search(text, max(0, run[0].start() - 24), run[0].start())):
            break
        word = run[first + 1].group().strip(".").lower()
        surname_like = is_surname_after(run[first].group(), run[first + 1].group()) or following in {"surname",
                                                                                                     "unknown",
                                                                                                     "given",
                                                                                                     "abroad",
                                                                                                     "initial",
                                                                                                     "eponym",
                                                                                                     "place"} or (
            word in lexicon.surnames())
        if (kind in {"given", "abroad"} and surname_like) or (kind == "maybe" and following in {
                "surname", "given", "abroad", "unknown", "initial"}):
            break
        if kind in {"surname", "unknown", "place"} and following in {"surname", "unknown", "given", "abroad"}:
            break
        if kind in {"word", "maybe"} and following in {"surname", "unknown", "abroad"} and len(run) == 2 and (
                len(run[1].group()) > 3 and
                run[0].group()[1:].islower() and run[1].group()[1:].islower() and (
                    _in_a_sentence(text, run) or lexicon.is_rare_word(run[0].group()))) and (
                not in_headline(text, run[0].start(), run[1].end())):
            break
        if len(run) == 2 and kind != "initial" and _apposed(text, run) and (
                word in lexicon.surnames() or following in {"unknown", "place"}) and not (
                kind == "word" and not lexicon.is_rare_word(run[0].group())) and all(
                not word.group().isupper() and not is_drug(word.group()) for word in run):
            break
        if kind in {"given", "abroad", "unknown", "surname", "place",
                    "maybe"} and following == "initial" and len(run) == 2 and (
                text[run[1].end() : run[1].end() + 2] in {"'s", "\u2019s"}):
            break
        after_next = kinds[first + 2] if first + 2 < len(run) else ""
        if kind in {"given", "abroad", "surname", "unknown", "place", "maybe"} and following == "initial" and (
                after_next in {"surname", "unknown", "given", "abroad", "place", "maybe"}):
            break
        if kind == "initial" and run[first].group().endswith(".") and following in {"surname", "unknown", "given",
                                                                                    "abroad"}:
            break
    else:
        return next((span for match, kind in zip(run, kinds, strict=True)
                     if (span := _single(text, match, kind)) is not None), None)
    last = first + 1
    while last + 1 < len(run) and (kinds[last + 1] in named or run[last + 1].group().lower() in lexicon.surnames()):
        last += 1
    while last > first and kinds[last] == "initial" and not _closed(run[last].group(), text, run[last].end()):
        last -= 1
    start, end = run[first].start(), run[last].end()
    if all(word.group().isupper() for word in run) and not any(kind in {"given", "abroad"} for kind in kinds):
        return None
    if is_eponym(text, start, end) or (_BINOMIAL.match(text, end) and kinds[first] == "unknown"):
        return None
    return start, end


def _in_a_sentence(text: str, run: list[re.Match[str]]) -> bool:
    start, end = run[0].start(), run[-1].end()
    return not _SENTENCE_START.search(text, max(0, start - 4), start) or bool(_PERSON_AFTER.match(text, end))


def _apposed(text: str, run: list[re.Match[str]]) -> bool:
    """Between commas, as a name stands beside the patient: `a 60-year-old man, Rohan Mendoza, seen at`."""
    line = _WHOLE_LINE.match(text, text.rfind("\n", 0, run[0].start()) + 1)
    if line is not None and line.span("it") == (run[0].start(), run[-1].end()):
        return lexicon.is_rare_word(run[0].group()) and (run[1].group().lower() in EPONYMS or (
            not lexicon.is_common_word(run[1].group())))
    start, end = run[0].start(), run[-1].end()
    introduced = text[max(0, start - 2) : start] in {", ", " ("} or (
        _REFERRED.search(text, max(0, start - 12), start) is not None)
    return introduced and _AFTER_APPOSED.match(text, end) is not None and not in_headline(text, start, end)


def _closed(initial: str, text: str, end: int) -> bool:
    return initial.endswith(".") or text[end : end + 1] in {",", "", "?", ";", ")"} or (
        text[end : end + 2] in {"'s", "\u2019s"})


def _single(text: str, match: re.Match[str], kind: str) -> tuple[int, int] | None:
    word = match.group()
    start, end = match.span()
    if kind == "abroad" and word.lower() in lexicon.surnames():
        kind = "surname"
    if word.isupper() or kind == "initial" or (kind == "word" and word.lower() not in lexicon.surnames()):
        return None
    if _ABBREVIATION.search(word):
        return None
    spoken_of = bool(_PERSON_AFTER.match(text, end)) or bool(_PERSON_BEFORE.search(text, max(0, start - 24), start))
    if len(word) < _LEAST_SINGLE and not spoken_of:
        return None
    if _ARTICLE.search(text, max(0, start - 20), start) and not _FAMILY.match(text, end):
        return None  # a thing that bears a name: the Farlow device
    if kind == "word" and not spoken_of:
        return None
    if is_eponym(text, start, end) or _BINOMIAL.match(text, end):
        return None
    if word.lower() in EPONYMS and not spoken_of:
        return None
    if kind == "word":
        return start, end
    if kind == "maybe":
        return (start, end) if spoken_of or _LOWER_BEFORE.search(text, max(0, start - 16), start) else None
    if kind in {"unknown", "place", "eponym", "abroad"}:
        possessive = text[end : end + 2] in {"'s", "\u2019s"}
        if not (spoken_of or (kind in {"unknown", "abroad"} and (possessive or not word.isascii()))):
            return None
    elif kind == "surname" and not spoken_of and text[end : end + 2] not in {"'s", "\u2019s"} and (
            _SENTENCE_START.search(text, max(0, start - 4), start)):
        return None
    return start, end


def _person_like(word: str) -> bool:
    return word.lower() in lexicon.surnames() and not is_everyday(word) and not is_drug(word)


def _listed_with_a_name(text: str, runs: list[tuple[int, int, bool]]) -> list[Finding]:
    """`Monjeau, Graves and Reed`: what stands in one list with a name is a name."""
    found = []
    for start, end, _ in [run for run in runs if not run[2]]:
        word = text[start:end]
        if " " not in word and _SURNAMES_JOINED.match(text, end) and _kind(word) in {"surname", "unknown", "abroad"}:
            following = _SURNAMES_JOINED.match(text, end)
            if following is not None and _person_like(following["next"]) and not is_eponym(
                    text, *following.span("next")):
                runs = [(a, b, yes or a == start) for a, b, yes in runs]
                found.append(Finding(start, end, "name", "bare_name_in_list"))
    for ordered in (runs, [(start, end, yes) for start, end, yes in reversed(runs)]):
        known = {(start, end) for start, end, yes in ordered if yes}
        for one, other in pairwise(ordered):
            left, right = (one, other) if one[0] < other[0] else (other, one)
            if (one[0], one[1]) not in known or (other[0], other[1]) in known or right[0] - left[1] > 6:
                continue
            word = text[other[0] : other[1]]
            if _LIST.fullmatch(text, left[1], right[0]) and " " not in word and not word.isupper() and (
                    _person_like(word) or _kind(word) in {"unknown", "abroad"}) and not is_eponym(text, other[0],
                                                                                                  other[1]):
                known.add((other[0], other[1]))
                found.append(Finding(other[0], other[1], "name", "bare_name_in_list"))
    return found
