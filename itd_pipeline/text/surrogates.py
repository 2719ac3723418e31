"""Surrogates of the same kind: another name for a name, another town for a town, a number of the same shape.

Everything follows from a secret of the patient: the same identifier gives the same surrogate in all documents of the
patient, and nothing links two patients. Words are replaced one by one, so that `Mr Smith`, `John Smith` and `Smith, J.`
stay one person, and `Mercy Hospital in Dayton` stays a hospital in a town.

Belongs here: making surrogates. Does not belong here: which spans are replaced (`deidentify`), the lists (`stand_ins`).
"""

from __future__ import annotations

import datetime
import hmac
import re
from collections.abc import Collection, Sequence

from itd_pipeline.text.date_shift import shift
from itd_pipeline.text.identifiers import lexicon
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gazetteer import is_region
from itd_pipeline.text.identifiers.names import TITLE_AT_START
from itd_pipeline.text.identifiers.names_abroad import names_abroad
from itd_pipeline.text.identifiers.places import GENERIC_PLACE_WORDS, KIND_OF_PLACE, STREET
from itd_pipeline.text.known import PARTICLES, KnownIdentifiers, Person, without_accents
from itd_pipeline.text.stand_ins import checked, gender_of, given_pool, place_pool, surname_pool

_NAME_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]{2,})*\d*\.?")
_SAINT_BEFORE = re.compile(r"(?i)\b(?:st|saint|san|santa|ste)\.?\s$")
_PLACE_WORD = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+[A-Za-z]{1,2}\b|[A-Z]{1,2}\d+\b|\d+|"
                         r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_KEPT_PLACE_WORD = re.compile(
    rf"(?i:{STREET}|{KIND_OF_PLACE}|apt|apartment|unit|suite|ste|flat|floor|room|rm|ward|bed|bay|box|po|p|o|north|south|east|west|"
    r"[nsew][ew]?|st|saint|mount|mt|of|and|the|at|for|in|on|de|del|la|le|von|van|der|zip|code|clinic|campus|office|health|care|"
    r"system|network|trust|nhs|school|county|city|town|medicine|calle|c|avda|avenida|plaza|paseo|hospital|"
    r"clínico|clínica|universitario|centro|salud|servicio|san|santa)\.?")
_STATE = re.compile(r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
                    r"T[NX]|UT|V[AT]|"
                    r"W[AIVY]|UK|USA?")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "rn", "phd", "do", "np", "pa"})
_INITIALS = re.compile(r"[^\W\d_a-z](?:\.?\s?[^\W\d_a-z]){1,2}\.?")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEAR_ALONE = re.compile(
    r"(?P<before>\b(?i:in|since|from|until|till|of|during|before|after|by|around|circa|early|late|mid|year|to|and|through|thru|"
    r"dated|back in)[ -](?:(?i:early|late|mid|about|around)[ -])?)(?P<year>(?:19|20)\d\d)"
    r"(?![\w/:%-]|[.,]\d|\s?(?:mg|mcg|ml|mL|g|kg|cc|units?|kcal|cal|IU|patients|cells|steps|hours|hrs|h|patients|people|"
    r"participants|m|meters|feet|ft|dollars|copies)\b)")
_RELATIVE = re.compile(r"(?i)(?:last|this past|past|next|this)\b")
_LEAST_WEEKS, _MOST_WEEKS = 10_436, 3_600  # 200 years, and up to 69 more: years from 2100 on, as MIMIC has them
_OLDEST, _NO_LEAP_YEAR = 89, 2001
_LETTERS = "ABCDEFGHJKLMNPRSTVW"
_HOUSES = 900


class StandIns:
    """The surrogates of one patient: dates moved, ages as 90+, everything else by `Surrogates`.

    Args:
        secret: decides everything; of the patient alone.
        known: the patient's identifiers, all of them learnt.
    """

    def __init__(self, secret: bytes, known: KnownIdentifiers) -> None:
        self._known = known
        self._places = known.place_words()
        self._made = Surrogates(secret, known.words(), known.persons)
        self._days = 7 * (_LEAST_WEEKS + self._made.number("dates", _MOST_WEEKS))

    def of(self, finding: Finding, surface: str, born: bool = False) -> str:
        """What stands in the place of a finding.

        Args:
            finding: decides the class.
            surface: what stands in the text.
            born: whether the date is a birth date: of people over 89 it is taken out, because it would tell their age.
        """
        kind = finding.identifier_class
        if kind == "age":
            return "90+"
        if kind == "date":
            return self._date(surface, born)
        if kind == "name" and surface.lower() in self._places:
            kind = "address"  # a town that looked like a name here
        return self._made.of(kind, surface, self._known.person_of(surface) if kind == "name" else ())

    def _date(self, surface: str, born: bool) -> str:
        if _RELATIVE.match(surface):
            return surface  # tells nothing without the date of the note
        year = _YEAR.search(surface)
        if born and year is not None and self._known.latest_year - int(year.group()) > _OLDEST:
            return "[DATE]"
        return shift(surface, self._days, self._known.day_first, full_years=True,
                     common_year=self._common_year()) or "[DATE]"

    def _common_year(self) -> int:
        """The year of dates that tell none: the latest of the patient's, or the one before a leap day."""
        latest = self._known.latest_year or _NO_LEAP_YEAR
        return latest if latest % 4 else latest - 1

    def years(self, text: str) -> str:
        """Text between identifiers, in which years are moved as far as dates, so that intervals survive."""
        return _YEAR_ALONE.sub(self._moved_year, text)

    def _moved_year(self, match: re.Match[str]) -> str:
        moved = datetime.date(int(match["year"]), 7, 1) + datetime.timedelta(days=self._days)
        return f"{match['before']}{moved.year}"


class Surrogates:
    """The surrogates of one patient for everything but dates and ages.

    Args:
        secret: decides everything; of the patient alone.
        taken: words and numbers of the patient's real identifiers, in lower case: no surrogate is one of them.
        persons: the patient's persons, as `KnownIdentifiers` keeps them.
    """

    def __init__(self, secret: bytes, taken: Collection[str], persons: Sequence[Person]) -> None:
        self._secret = secret
        self._taken = frozenset(taken)
        self._persons = persons
        self._given: dict[tuple[str, str], str] = {}
        self._used: dict[str, tuple[str, str]] = {}

    def number(self, purpose: str, limit: int) -> int:
        """A number from 0 to `limit` - 1 that follows from the secret and the purpose."""
        drawn = hmac.digest(self._secret, purpose.encode("utf-8", "surrogatepass"), "sha256")
        return int.from_bytes(drawn[:8], "big") % limit

    def of(self, identifier_class: str, surface: str, person: Person = ()) -> str:
        """The surrogate for an identifier as it is written.

        Args:
            identifier_class: of the finding; dates and ages are not made here.
            surface: what stands in the text.
            person: for a name, the person that it belongs to.
        """
        if identifier_class == "name":
            return self._name(surface, person)
        if identifier_class in {"address", "hospital"}:
            return self._place(surface)
        if identifier_class in {"phone", "fax"}:
            return self._phone(surface)
        if identifier_class == "email":
            return self._email(surface)
        if identifier_class == "url":
            return self._url(surface)
        if identifier_class == "ip":
            return self._network_address(surface)
        if identifier_class == "photo":
            stem, dot, ending = surface.rpartition(".")
            return self._shaped(stem, surface) + dot + ending if dot else self._shaped(surface, surface)
        if identifier_class == "ssn" and surface[:1].isdigit():
            return self._shaped(surface, surface, first="9")  # no social security number begins so
        return self._shaped(surface, surface)

    # --- names

    def _name(self, surface: str, person: Person) -> str:
        person = tuple(map(without_accents, person))
        title = TITLE_AT_START.match(surface)
        start = title.end() if title else 0
        rest = surface[start:]
        bare_letters = re.sub(r"[\W_]", "", rest).lower()
        if _INITIALS.fullmatch(rest) and len(person) > 1 and bare_letters not in person:
            return surface[:start] + self._initials(rest, person)
        words = list(_NAME_WORD.finditer(rest))
        comma = rest.find(",")
        out, position = [surface[:start]], 0
        for number, match in enumerate(words):
            word = match.group()
            bare = without_accents(re.sub(r"\d+", "", word.rstrip(".")).lower().replace("\u2019", "'"))
            out.append(rest[position : match.start()])
            position = match.end()
            if bare in PARTICLES or bare in _SUFFIXES:
                out.append(word)
                continue
            last = (number == 0 if comma > 0 else number == len(words) - 1) and (len(words) > 1 or title is not None)
            role = self._role(bare, person, last, title is not None and len(words) == 1)
            out.append(_like(word, self._part(bare, role, person)))
        out.append(rest[position:])
        return "".join(out)

    def _role(self, bare: str, person: Person, last: bool, titled_alone: bool) -> str:
        if titled_alone:
            return "surname"
        if len(bare) > 1 and bare in person and len(person) > 1:
            return "surname" if bare == person[-1] else "given"
        if len(bare) == 1:
            return "surname" if last else "given"
        known = bare in lexicon.given_names() or bare in lexicon.ambiguous_given_names() or bare in names_abroad()
        return "surname" if last or not known else "given"

    def _part(self, bare: str, role: str, person: Person) -> str:
        if len(bare) == 1:
            return self._initial(bare, role, person)
        if role == "surname" and len(person) > 1 and bare == person[0] and bare != person[-1]:
            bare = person[-1]  # Miss Mary: her surname
        return self._drawn(role, bare)

    def _initial(self, letter: str, role: str, person: Person) -> str:
        """The first letter of the surrogate for the part of the person that begins with the letter."""
        owners = [person, *self._persons] if person else list(self._persons)
        for owner in owners:
            parts = owner[-1:] if role == "surname" else owner[:-1] or owner
            if person and owner is not person and owner[0] != person[0]:
                continue
            for part in parts:
                if len(part) > 1 and part[0] == letter:
                    return self._drawn(role, part)[0]
        return _LETTERS[self.number(f"initial\0{role}\0{letter}", len(_LETTERS))]

    def _initials(self, surface: str, person: Person) -> str:
        letters = [character for character in surface if character.isalpha()]
        made = [self._part(letter.lower(), "surname" if i == len(letters) - 1 else "given", person)[0].upper()
                for i, letter in enumerate(letters)]
        return re.sub(r"[^\W\d_]", lambda _: made.pop(0), surface)

    def _drawn(self, role: str, bare: str) -> str:
        """A name for a name: never one of the patient's own, never the same for two."""
        known = self._given.get((role, bare))
        if known is not None:
            return known
        if role == "given":
            gender = gender_of(bare) or ("f", "m")[self.number(f"gender\0{bare}", 2)]
            pool = given_pool(gender)
        else:
            pool = surname_pool() if role == "surname" else place_pool()
        for attempt in range(len(pool)):
            name = pool[self.number(f"{role}\0{bare}\0{attempt}", len(pool))]
            if name.lower() not in self._taken and self._used.setdefault(name, (role, bare)) == (role, bare):
                break
        self._given[role, bare] = name
        return name

    # --- places

    def _place(self, surface: str) -> str:
        out, position, invented = [], 0, False
        box = re.match(r"(?i)p\.?\s?o\.?\s?box\s+", surface) is not None
        for match in _PLACE_WORD.finditer(surface):
            word = match.group()
            out.append(surface[position : match.start()])
            position = match.end()
            if not word.isdigit() and any(map(str.isdigit, word)) and not re.search(r"\d(?:st|nd|rd|th)$", word):
                out.append(self._shaped(word, word))
            elif word[0].isdigit():
                ordinal = not word.isdigit()
                out.append(self._drawn("place", word) if ordinal else self._house(word, box))
                invented |= ordinal
            elif self._stays(surface, match, word):
                out.append(word)
            elif word.isupper() and len(word) <= 6 and not lexicon.is_word(word):
                out.append(self._shaped(word, word))
            else:
                possessive = re.search(r"['\u2019]s$", word)
                bare = word[: possessive.start()] if possessive else word
                role = "given" if _SAINT_BEFORE.search(surface[: match.start()]) else "place"
                out.append(_like(bare, self._drawn(role, bare.lower())) + (possessive.group() if possessive else ""))
                invented = True
        out.append(surface[position:])
        made = "".join(out)
        if invented or (made != surface and not any(character.isdigit() for character in surface)):
            return made
        if any(character.isdigit() for character in surface) and (box or not re.search(r"[^\W\d_]{3}", surface)):
            return made
        if re.match(r"(?i)(?:ward|room|rm|bay|bed|suite|floor|cubicle|unit|flat|apt)\b", surface):
            return made
        return f"{self._drawn('place', surface.lower())} {made}"

    @staticmethod
    def _stays(surface: str, match: re.Match[str], word: str) -> bool:
        if _KEPT_PLACE_WORD.fullmatch(word) or word.islower() or is_region(word):
            return True
        if word.isupper() and len(word) <= 3 and _STATE.fullmatch(word) and match.start() > 0:
            return True
        two = re.match(r"\w+ \w+", surface[match.start():])
        if two is not None and is_region(two.group()):
            return True
        before = surface[: match.start()].rsplit(None, 1)[-1:]
        if before and is_region(f"{before[0]} {word}"):
            return True
        return (word.lower() in GENERIC_PLACE_WORDS and not lexicon.is_rare_word(word)) or is_everyday(word)

    def _house(self, digits: str, box: bool) -> str:
        if box or len(digits) > 5:
            return self._digits(digits.rjust(4, "1"), digits)
        return "".join(str((1 if i == 0 else 0) + self.number(f"house\0{digits}\0{i}", 9)) for i in range(len(digits)))

    # --- contacts

    def _phone(self, surface: str) -> str:
        digits = "".join(filter(str.isdigit, surface.split("x")[0].split("ext")[0]))
        line = f"555{100 + self.number('phone' + chr(0) + digits, 100):04d}"
        if len(digits) == 7:
            made = line
        elif len(digits) in {10, 11}:
            made = digits[:-10] + f"{2 + self.number('area' + digits, 8)}9{self.number('code' + digits, 10)}" + line
        elif len(digits) > 11:
            made = "".join(str(self.number(f"country\0{digits}\0{i}", 10)) for i in range(len(digits) - 7)) + line
        else:
            return self._shaped(surface, surface)
        left = list(made)
        return re.sub(r"\d", lambda match: left.pop(0) if left else str(self.number(f"ext\0{digits}\0{match.start()}",
                                                                                    10)), surface)

    def _email(self, surface: str) -> str:
        gender = ("f", "m")[self.number(f"email gender\0{surface}", 2)]
        pool = given_pool(gender)
        given = pool[self.number(f"email given\0{surface.lower()}", len(pool))]
        surname = surname_pool()[self.number(f"email surname\0{surface.lower()}", len(surname_pool()))]
        return f"{given}.{surname}@example.org".lower()

    def _url(self, surface: str) -> str:
        place = place_pool()[self.number(f"url\0{surface.lower()}", len(place_pool()))].lower()
        if surface.startswith("@"):
            return f"@{place}{self.number(surface, 1000)}"
        scheme = re.match(r"(?i)https?://", surface)
        www = "www." if "www." in surface.lower()[:12] else ""
        return f"{scheme.group().lower() if scheme else ''}{www}{place}.example.org"

    def _network_address(self, surface: str) -> str:
        number = self.number(f"ip\0{surface.lower()}", 254) + 1
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", surface):
            return surface[2].join(("00", "00", "5E", "00", "53", f"{number:02X}"))
        return f"2001:db8::{number:x}" if ":" in surface else f"192.0.2.{number}"

    # --- numbers

    def _shaped(self, surface: str, whole: str, first: str = "") -> str:
        """Other letters and digits in the same places."""
        digits = "".join(filter(str.isdigit, surface))
        made = list(self._digits(digits, whole, first)) if digits else []
        keep_label = re.match(r"(?i)(?:patient|site|study|subject) ids?\b(?: (?:no|number))?[ :#=]{1,3}(?=\S)", surface)
        start = keep_label.end() if keep_label else 0
        out = []
        for i, character in enumerate(surface):
            if i < start:
                out.append(character)
            elif character.isdigit():
                out.append(made.pop(0))
            elif character.isalpha() and character.isascii():
                letter = _LETTERS[self.number(f"letter\0{whole}\0{i}", len(_LETTERS))]
                out.append(letter if character.isupper() else letter.lower())
            else:
                out.append(character)
        return "".join(out)

    def _digits(self, digits: str, whole: str, first: str = "") -> str:
        """As many other digits; at least four check themselves, so that they can be told from real ones."""
        for attempt in range(100):
            drawn = "".join(str(self.number(f"digit\0{whole}\0{attempt}\0{i}", 10)) for i in range(len(digits)))
            drawn = first + drawn[len(first):]
            if len(digits) > 3:
                drawn = checked(drawn)
            if drawn != digits and drawn not in self._taken:
                return drawn
        return drawn


def _like(word: str, name: str) -> str:
    """The name with the capitals and the full stop of the word."""
    dot = "." if word.endswith(".") and len(name) == 1 else ""
    if len(name) == 1:
        return (name.lower() if word.islower() else name.upper()) + dot
    bare = word.rstrip(".")
    if len(bare) > 1 and bare.isupper():
        return name.upper()
    return name.lower() if word.islower() else name
