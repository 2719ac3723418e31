"""What is known about one patient's identifiers: persons with all their spellings, institutions, numbers.

Belongs here: searching for the known ones, and numbering persons and institutions for consistent surrogates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from itd_pipeline.text.date_shift import reads_day_first
from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gazetteer import is_place_name
from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES
from itd_pipeline.text.identifiers.lexicon import is_word
from itd_pipeline.text.identifiers.names import TITLE_AT_START
from itd_pipeline.text.identifiers.numbers import LABEL_AT_START
from itd_pipeline.text.identifiers.places import GENERIC_PLACE_WORDS, KIND_OF_PLACE
from itd_pipeline.text.literals import whole_words

_SEARCHED = frozenset({"mrn", "ssn", "account", "plan", "licence", "device", "id", "phone", "fax", "email", "address",
                       "url", "vehicle"})
_NUMBERS = frozenset({"mrn", "ssn", "account", "plan", "licence", "device", "id", "phone", "fax", "vehicle"})
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_MESES = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
          "noviembre",
          "diciembre")
_STREET_LINE = re.compile(r"(?P<number>\d{1,6}[A-Za-z]?)\s+(?P<street>.+?)(?:,?\s+(?:Unit|Apt|Apartment|Suite|Ste|"
                          r"Flat|#)\.?\s*\S+)?")
_LEAST_JOINED, _LEAST_SPACED, _MOST_SPACED = 8, 6, 14
_STREET_WORDS = {"street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "boulevard": "blvd",
                 "court": "ct", "place": "pl", "apartment": "apt", "suite": "ste", "north": "n", "south": "s",
                 "east": "e", "west": "w", "parkway": "pkwy", "terrace": "ter", "circle": "cir", "square": "sq"}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_INITIAL = re.compile(r"^[^\W\d_]\.?$")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*\.?")
PARTICLES = frozenset(re.findall(r"\S+", """
    van von de der den da dos di del della la le bin ibn al el ter ten du st jr sr ii iii iv
"""))
_INITIALS_BEFORE = re.compile(r"(?:(?<=^)|(?<=[\s(,;:]))(?:[A-Z]\.[ -]?){1,3}$|(?<=[\s(,;:])[A-Z] $")
_KIND_AT_END = re.compile(rf"\s+{KIND_OF_PLACE}(?:\s.*)?$")
_LEAST_NUMBER_LENGTH = 4
_LEAST_DIGITS = 7
_WORDS_REMEMBERED = 1 << 16
_SIGNS = bytes(number for number in range(128) if not chr(number).isalnum())
_LONG_TOKEN = re.compile(r"(?<![\w-])\w[\w-]{14,}\w(?![\w-])")
Person = tuple[str, ...]


class KnownIdentifiers:
    """The identifiers of one patient's documents."""

    def __init__(self) -> None:
        self._persons: list[Person] = []
        self._declared: set[Person] = set()
        self._surfaces: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._hospitals: list[str] = []
        self._kinds: dict[str, str] = {}
        self._long: dict[str, str] = {}
        self._day_first = 0
        self._latest_year = 0
        self._patterns: tuple[tuple[str, ...], tuple[tuple[str, str], ...]] | None = None
        self._compiled: dict[tuple[str, ...], re.Pattern[str]] = {}

    def declare(self, identifier_class: str, surface: str) -> None:
        """Remember an identifier that the source itself declares: it is looked for in more spellings, because no
        recogniser has seen it in a text."""
        self.add(identifier_class, surface)
        if identifier_class == "name":
            plain = re.sub(r"\d+", "", TITLE_AT_START.sub("", surface, count=1))
            for spelling in {plain, without_accents(plain)}:
                self._declared.add(self._persons[self._person(spelling) - 1])
        elif identifier_class == "address" and (street := _STREET_LINE.fullmatch(surface)):
            self._street(surface, street)

    def add(self, identifier_class: str, surface: str) -> None:
        """Remember an identifier as it is written."""
        self._patterns = None
        surface = LABEL_AT_START.sub("", surface, count=1)
        if identifier_class == "name":
            surface = TITLE_AT_START.sub("", surface, count=1)
            self._person(surface)
            if not surface.isascii():
                self._person(without_accents(surface))
            if any(character.isdigit() for character in surface):  # Synthea numbers its people: Aaron697
                self._person(re.sub(r"\d+", "", surface))
        elif identifier_class == "hospital":
            self._hospital(surface)
        elif identifier_class == "date":
            for written in _dates(surface):
                self._surfaces.setdefault(_fold(written), "date")
        elif identifier_class == "address" and surface.isalpha():
            # A city that is an everyday word (Bath, Orange) is looked for in capitals only.
            self._words.setdefault(surface.lower(), "address")
        elif identifier_class in _SEARCHED and len(surface) >= _LEAST_NUMBER_LENGTH:
            self._surfaces.setdefault(_fold(surface), identifier_class)

    @property
    def persons(self) -> Sequence[Person]:
        """Everybody who is known, in lower-case parts, surname last, in order of first appearance."""
        return self._persons

    def person_of(self, surface: str) -> Person:
        """The person whom a name belongs to, in lower-case parts, surname last."""
        return self._persons[self._person(surface) - 1]

    def words(self) -> frozenset[str]:
        """Every word and number of the known identifiers, in lower case."""
        found = {part for person in self._persons for part in person}
        for surface in (*self._surfaces, *self._hospitals, *self._words):
            found.update(re.findall(r"[^\W_]+", surface))
        return frozenset(found)

    @property
    def day_first(self) -> bool:
        """Whether 3/2/2019 is the third of February in this patient's documents, as far as other dates tell."""
        return self._day_first > 0

    def place_words(self) -> frozenset[str]:
        """Words of the known addresses and institutions that are towns, in lower case."""
        words = {word for surface, kind in self._surfaces.items() if kind in {"address", "hospital"}
                 for word in re.findall(r"[^\W\d_]+", surface)} | set(self._words)
        return frozenset(word for word in words if is_place_name(word) and word not in GIVEN_NAMES)

    @property
    def latest_year(self) -> int:
        """The last year of four digits among this patient's dates; 0 where there is none."""
        return self._latest_year

    def learn_order_of_dates(self, surface: str) -> None:
        """Count a date that can be read in one order only, and keep the latest year."""
        self._latest_year = max([self._latest_year, *map(int, _YEAR.findall(surface))])
        order = reads_day_first(surface)
        if order is not None:
            self._day_first += 1 if order else -1

    def number_of(self, identifier_class: str, surface: str) -> int:
        """Number of the person or institution, from 1, in order of first appearance."""
        return self._person(surface) if identifier_class == "name" else self._hospital(surface)

    def find(self, text: str) -> list[Finding]:
        """Every known identifier in `text`, however the person is called there."""
        if not (self._persons or self._surfaces or self._words):
            return []
        forms, any_case = self._patterns or self._compile()
        found = [Finding(*match.span(), kind, "known") for match in _LONG_TOKEN.finditer(text)
                 if (kind := self._long.get(_key(match.group())))] if self._long else []
        for match in self._any_case(text, any_case):
            kind = self._kinds.get(_key(match.group()), "name")
            found.append(Finding(*match.span(), kind, "known"))
        for start, end in whole_words(text, forms):
            if is_eponym(text, start, end):
                continue
            lowered = text[start:end].lower()
            if lowered in self._words:
                found.append(Finding(start, end, self._words[lowered], "known"))
                continue
            before = _INITIALS_BEFORE.search(text, max(0, start - 10), start)
            found.append(Finding(before.start() if before else start, end, "name", "known"))
        return found

    def _any_case(self, text: str, patterns: Sequence[tuple[str, str]]) -> Iterable[re.Match[str]]:
        """Matches of the patterns. Compiling one takes longer than all searches of a short note, so those are left out
        whose letters and digits the text does not hold in this order."""
        if not patterns:
            return ()
        squeezed = _key(text) if text.isascii() else None
        possible = tuple(pattern for key, pattern in patterns if squeezed is None or key in squeezed)
        if not possible:
            return ()
        compiled = self._compiled.get(possible)
        if compiled is None:
            compiled = self._compiled[possible] = _alternatives(possible)
        return compiled.finditer(text)

    def _compile(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        full: set[tuple[str, str]] = set()
        single: set[str] = set()
        initials: set[str] = set()
        for person in self._persons:
            long = [part for part in person if len(part) > 1 and part not in PARTICLES]
            single.update(part for part in long if len(part) > 2 or len(person) > 1)
            if len(person) > 1:
                full |= {("", pattern) for pattern in _written_together(person)} if person in self._declared else (
                    _in_order(person))
                letters = [part[0].upper() for part in person if part not in PARTICLES]
                initials |= _written_initials(letters)
                if len(letters) > 2:
                    initials |= _written_initials([letters[0], letters[-1]])
        spellings = {form for part in single for form in _capitalisations(part)}
        spellings |= {form for word in self._words for form in _capitalisations(word)}
        self._kinds = {_key(surface): kind for surface, kind in self._surfaces.items()}
        # A FHIR patient has a key for each of hundreds of resources: those are looked up, not tried one after another.
        self._long = {_key(surface): kind for surface, kind in self._surfaces.items()
                      if kind in _NUMBERS and _LONG_TOKEN.fullmatch(surface)}
        surfaces = {(_key_spelled(surface, kind), _spelled(surface, kind)) for surface, kind in self._surfaces.items()
                    if _key(surface) not in self._long}
        self._compiled.clear()
        self._patterns = (
            tuple(sorted(spellings | initials, key=lambda form: (-len(form), form))),
            tuple(sorted(full | surfaces, key=lambda each: (-len(each[1]), each[1]))),
        )
        return self._patterns

    def _person(self, surface: str) -> int:
        person = _parts(surface)
        if not person:
            person = (surface.lower(),)
        initials = "".join(person) if all(len(part) == 1 for part in person) else ""
        for i, other in enumerate(self._persons):
            if _same(person, other) or (len(initials) > 1 and initials in _initials(other)):
                if len(person) > len(other):
                    self._persons[i] = person
                    self._patterns = None
                return i + 1
        self._persons.append(person)
        self._patterns = None
        return len(self._persons)

    def _street(self, surface: str, line: re.Match[str]) -> None:
        """A line of an address: whole, without the flat, without the number, and the name of the street alone where it
        is no word."""
        for part in (surface, f"{line['number']} {line['street']}", line["street"]):
            if len(part.split()) > 1:
                self._surfaces.setdefault(_fold(part), "address")
        for word in re.findall(r"[^\W\d_]{5,}", line["street"]):
            if not is_word(word) and word.lower() not in _STREET_WORDS:
                self._words.setdefault(word.lower(), "address")

    def _hospital(self, surface: str) -> int:
        if surface.isupper():
            surface = surface.title()
        folded = _fold(surface)
        core = _KIND_AT_END.sub("", " ".join(surface.split()))
        core_words = _fold(core).split()
        for i, other in enumerate(self._hospitals):
            if folded == other or other.startswith(folded + " ") or folded.startswith(other + " "):
                if len(folded) > len(other):
                    self._hospitals[i] = folded
                self._surfaces.setdefault(folded, "hospital")
                return i + 1
        self._hospitals.append(folded)
        self._surfaces.setdefault(folded, "hospital")
        if core_words and len(core) > 3 and not all(
                word in GENERIC_PLACE_WORDS or is_everyday(word) for word in core_words):
            self._surfaces.setdefault(" ".join(core_words), "hospital")
        return len(self._hospitals)


def _in_order(person: Person) -> set[tuple[str, str]]:
    """Patterns for `john a. smith` and `smith, john a.`, each with the letters that it holds (see `_key`)."""
    parts = [re.escape(part) + (r"\.?" if len(part) == 1 else "") for part in person]
    return {(_key("".join(person)), r"\s+".join(parts)),
            (_key("".join((person[-1], *person[:-1]))), parts[-1] + r",\s*" + r"\s+".join(parts[:-1]))}


def _written_together(person: Person) -> set[str]:
    """Patterns for given name and surname in any order, with a blank, a comma, a full stop, digits or nothing between
    them: `smith, john`, `john_smith`, `JohnSmith`, `jsmith`."""
    surname, given = person[-1], person[:-1]
    short = [part for part in given if part not in PARTICLES][:1] or list(given[:1])
    found = set()
    for parts in ((*given, surname), (surname, *given), (*short, surname), (surname, *short)):
        letters = sum(map(len, parts))
        between = r"[\s,_.\d'\u2019-]{0,4}" if letters >= _LEAST_JOINED and min(map(len, parts)) > 1 else (
            r"[\s,_.\d'\u2019-]{1,4}")
        found.add(between.join(_accented(part) for part in parts) + r"\d{0,4}")
    if short and len(surname) > 4 and not is_everyday(surname):
        found.add(re.escape(short[0][0]) + r"[\s._-]{0,2}" + _accented(surname))
    return found


def _accented(part: str) -> str:
    """The part of a name, with or without its apostrophes and hyphens."""
    return re.escape(part).replace(r"\-", "[- ]?").replace("'", "['\u2019]?")


def without_accents(surface: str) -> str:
    """The letters without their accents: José is often written Jose."""
    decomposed = unicodedata.normalize("NFKD", surface)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _dates(surface: str) -> list[str]:
    """A date of the source in the ways in which notes write it."""
    found = _ISO_DATE.fullmatch(surface.strip()[:10])
    if found is None or not 1 <= int(found[2]) <= 12:
        return [surface] if len(surface) >= _LEAST_NUMBER_LENGTH else []
    year, month, day = found[1], int(found[2]), int(found[3])
    written = [f"{year}{found[2]}{found[3]}"]
    for name in (_MONTHS[month - 1], _MONTHS[month - 1][:3], f"{_MONTHS[month - 1][:3]}."):
        for number in {f"{day}", f"{day:02d}", f"{day}st", f"{day}nd", f"{day}rd", f"{day}th"}:
            written += [f"{name} {number}, {year}", f"{name} {number} {year}", f"{number} {name} {year}",
                        f"{number} {name}, {year}", f"{number}-{name}-{year}", f"{number} of {name} {year}",
                        f"{number} {name} {year[2:]}", f"{name} {number} {year[2:]}", f"{name} {number}, {year[2:]}",
                        f"{number}/{name}/{year}", f"{number}{name}{year}", f"{name}-{number}-{year}"]
        written += [f"{name} {year}", f"{name}, {year}"]
    written += [f"{day} de {_MESES[month - 1]} de {year}", f"{day} de {_MESES[month - 1]} del {year}",
                f"{year}-{month:02d}"]
    for mark in ("-", "/", ".", " / ", " - "):
        for first in {f"{month}", f"{month:02d}"}:
            for second in {f"{day}", f"{day:02d}"}:
                for long_or_short in (year, year[2:]):
                    written += [mark.join((first, second, long_or_short)), mark.join((second, first, long_or_short))]
                written.append(mark.join((year, first, second)))
    return sorted(set(written))


def _spelled(surface: str, kind: str) -> str:
    """A pattern for every way to write it: numbers with any punctuation between their parts, streets shortened."""
    if kind in _NUMBERS and kind != "phone" and surface.isalnum() and surface.isascii() and (
            _LEAST_SPACED <= len(surface) <= _MOST_SPACED and sum(map(str.isdigit,
                                                                      surface)) > 3 and not surface.isdigit()):
        return r"[-_ .]{0,1}".join(surface)
    if kind in _NUMBERS:
        runs = re.findall(r"[^\W_]+", surface)
        if kind in {"phone", "fax", "ssn"} or (
                len(runs) == 1 and runs[0].isdigit() and len(runs[0]) >= _LEAST_DIGITS):
            digits = _digits(surface, kind)
            if len(digits) >= _LEAST_DIGITS:
                return r"[-. ()]{0,3}".join(digits)
        return r"[-_ ./:]{0,2}".join(map(re.escape, runs)) if runs else re.escape(surface)
    words = []
    for word in surface.split():
        other = _STREET_WORDS.get(word.strip(".,").lower()) if kind == "address" else None
        words.append(re.escape(word) if other is None else rf"(?:{re.escape(word)}|{other}\.?)")
    return r"[\s,-]{0,3}".join(words) if kind == "address" and surface.replace(" ", "").isalpha() and (
        len(surface) >= _LEAST_JOINED) else r"[\s,]+".join(words) if kind == "address" else r"\s+".join(words)


def _key_spelled(surface: str, kind: str) -> str:
    """The letters and digits that each match of `_spelled` holds; empty where they differ."""
    if kind == "address" or not surface.isascii():
        return ""  # streets are written shortened
    if kind not in {"phone", "fax", "ssn"}:
        return _key(surface)
    digits = _digits(surface, kind)
    return digits if len(digits) >= _LEAST_DIGITS else _key(surface)


def _digits(surface: str, kind: str) -> str:
    """The digits of a number, of a telephone without the code of North America."""
    digits = "".join(character for character in surface if character.isdigit())
    return digits[1:] if kind in {"phone", "fax"} and len(digits) == 11 and digits[0] == "1" else digits


def _key(surface: str) -> str:
    """Letters and digits in lower case."""
    if surface.isascii():
        return surface.lower().encode().translate(None, _SIGNS).decode()
    return re.sub(r"[\W_]+", "", surface.lower())


def _fold(surface: str) -> str:
    return " ".join(surface.lower().split())


@lru_cache(maxsize=_WORDS_REMEMBERED)
def _parts(surface: str) -> Person:
    """Lower-case parts of a name, surname last: `Smith, John A.` and `John A. Smith` give the same."""
    head, comma, tail = surface.partition(",")
    ordered = f"{tail} {head}" if comma and tail.strip() else surface
    parts = [part.lower().rstrip(".").replace("\u2019", "'") for part in _WORD.findall(ordered)]
    parts = [part for part in parts if part not in {"jr", "sr", "ii", "iii", "iv"}]
    return tuple(part for part in parts if part)


def _same(one: Person, other: Person) -> bool:
    """Whether two names can be the same person: one is part of the other, or surname and first letters agree."""
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return short[0] in long
    if short[-1] != long[-1]:
        return False
    return short[0] == long[0] or (1 in (len(short[0]), len(long[0])) and short[0][0] == long[0][0])


def _initials(person: Person) -> set[str]:
    letters = [part[0] for part in person if part not in PARTICLES]
    return {"".join(letters), letters[0] + letters[-1]} if len(person) > 1 and letters else set()


def _written_initials(letters: list[str]) -> set[str]:
    """`J.A.` and `J. A.`, with a space in any of the places where one may stand."""
    written = {f"{letters[0]}."} if letters else set()
    for letter in letters[1:]:
        written = {f"{form}{gap}{letter}." for form in written for gap in ("", " ")}
    return written


@lru_cache(maxsize=_WORDS_REMEMBERED)
def _capitalisations(part: str) -> frozenset[str]:
    titled = re.sub(r"(?:^|(?<=[-'\u2019]))[^\W\d_]", lambda match: match.group().upper(), part)
    forms = {titled, part.upper(), part[:1].upper() + part[1:]}
    if part.startswith("mc") and len(part) > 3:
        forms.add("Mc" + part[2].upper() + part[3:])
    if part.startswith("mac") and len(part) > 4:
        forms.add("Mac" + part[3].upper() + part[4:])
    if len(part) > 3 and not is_everyday(part):
        forms.add(part)
    return frozenset(forms | {form.replace("'", "\u2019") for form in forms})


def _alternatives(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")(?!\w)", re.IGNORECASE)
