"""Street addresses as other countries write them, and blocks of several lines (45 CFR 164.514(b)(2)(i)(B)).

A seed is found by its shape: a word for street with a number (Loorenstrasse 149, 31 Rue de Tanger, ul. Cicha 86), a
flat or suite, a military post office, a corner of two streets, or a number and a proper name after words that announce
an address. The seed then grows over what belongs to it: house number before, town, region, country and postcode after.
"""

from __future__ import annotations

import re
from functools import cache

from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.gates import views
from itd_pipeline.text.identifiers.gazetteer import is_place_name, is_region
from itd_pipeline.text.identifiers.lexicon import is_word
from itd_pipeline.text.identifiers.packs import ENGLISH
from itd_pipeline.text.identifiers.places import is_month
from itd_pipeline.text.identifiers.prefilter import Sieve

_CAP = r"[^\W\d_a-zß-öø-ÿ][\w'\u2019.-]*"
_LINK = (r"(?:de|du|des|la|le|les|l'|d'|da|do|dos|das|del|della|delle|dei|di|el|los|las|van|von|der|den|het|am|an|"
         r"auf|im|"
         r"zum|zur|al|el|y|e|i|z|ze|w|na|pod|sv\.|st\.|u|of|the)")
_NUMBER = r"\d{1,5}(?:[/-]\d{1,4})?[a-zA-Z]?\b\.?"
_JOINED = (r"(?:stra(?:ss|ß)e|strasse|str\.|gasse|weg|platz|allee|damm|ufer|gässchen|straat|laan|gracht|plein|kade|"
           r"dijk|steeg|"
           r"singel|gatan|gata|gaten|gate|veien|vegen|vei|veg|vägen|väg|vej|gade|stræde|stien|svingen|bakken|torget|tie|katu|"
           r"kuja|polku|raitti|kaari|tänav|puiestee|götu|stræti|straeti|braut|vegur|utca|tér|körút|náměstí|třída|nábřeží|ova|"
           r"ska|skog|lund|toften|haven|parken|vangen|høj)")
_APART = (r"(?:u\.|utca|út|útja|tér|tere|rkp\.|körút|kapu|sor|tee|tn|tänav|pst|ulica|ulice|cesta|vägen|gate|vei|veg|"
          r"vej|baan|"
          r"[Ss]tr(?:\.|asse|aße)|[Ss]tra(?:ss|ß)e|[Ss]traat|[Ll]aan|[Pp]lein|[Ww]eg|[Dd]amm|[Rr]ing|[Mm]arkt|[Bb]ogen|[Tt]or)")
_BEFORE = (r"(?:[Rr]ue|RUE|[Aa]venue|Av\.?|[Aa]vda\.?|[Aa]venida|[Bb]oulevard|B[dv]d?\.?|[Aa]ll[ée]e|[Cc]hemin|"
           r"[Ii]mpasse|[Qq]uai|"
           r"[Rr]oute|[Vv]ia|[Vv]iale|[Pp]iazza|[Pp]iazzetta|[Cc]orso|[Ll]argo|[Vv]icolo|[Ss]trada|[Cc]alle|C/|[Pp]laza|[Pp]aseo|"
           r"[Cc]amino|[Cc]arrera|[Rr]onda|[Tt]raves[ií]a|[Rr]úa|[Rr]ua|[Tt]ravessa|[Pp]raça|[Ee]strada|[Aa]lameda|ul\.|[Uu]lica|"
           r"os\.|[Aa]leja|al\.|pl\.|[Cc]alea|[Bb]ulevardul|Λεωφόρος|Πλατεία|Οδός|[Jj]alan|Jl\.)")
_SEEDS = (
    ("street_joined", re.compile(rf"(?<![\w-])(?:{_CAP} ){{0,3}}[^\W\d_a-zß-öø-ÿ][\w'\u2019-]{{2,}}{_JOINED} "
                                 rf"{_NUMBER}")),
    ("street_apart", re.compile(rf"(?<![\w-])(?:{_CAP} (?:{_LINK} )?){{1,3}}{_APART} {_NUMBER}")),
    ("street_before", re.compile(
        rf"(?<![\w-])(?:\d{{1,4}},? )?{_BEFORE} (?:{_LINK} ?){{0,2}}{_CAP}(?: (?:{_LINK} )?{_CAP}){{0,4}}(?: "
        rf"{_NUMBER})?")),
    ("military", re.compile(r"(?<!\w)(?:(?:PSC|CMR|Unit|UNIT) \d{1,5},? Box \d{1,5}|US[A-Z]{1,3} [A-Z][\w'-]+(?: "
                            r"[A-Z][\w'-]+)?)"
                            r"\s{1,2}(?:APO|FPO|DPO),? A[AEP] \d{5}(?:-\d{4})?", re.I)),
    ("corner", re.compile(rf"\b(?:the )?[Cc]orner of (?:[^\n,.]|\.(?= [a-z\d])|(?<=ul)\.){{3,60}}? and (?:{_CAP})(?: "
                          rf"(?:{_LINK} )?{_CAP}| \d+\.?){{0,4}}")),
    ("flat", re.compile(r"(?<!\w)(?:Apt|Apartment|Suite|Ste|Flat|APT|SUITE)\.? #?\d{1,4}[A-Za-z]?\b")),
    ("announced", re.compile(
        rf"(?i:\b(?:address(?:es)?(?: linked to [a-z ]{{3,20}})?(?: (?:is|are|to|with|as follows|here))?|located at|"
        rf"(?:lives?|lived|living|resid(?:es|ed|ing)|stay(?:s|ed|ing)) (?:at|on|in)|north side of|taxi to|meet (?:me|"
        rf"you) at|return to|"
        rf"sent to|moved? to|(?:drops|dropped) (?:you|me|him|her) off at|(?:station|office|offices|house|home|"
        rf"clinic) (?:is|are) (?:on|at|in)|"
        rf"here they are|the same|it is|it's in|following\?|delivered to|mailed to|picked up (?:at|"
        rf"from))[:?]?)\s{{1,3}}"
        rf"(?P<it>(?:{_CAP}|\d{{1,5}})(?:[ ,]{{1,2}}(?:{_LINK} )?(?:{_CAP}|{_NUMBER})){{1,7}})")),
    ("street_line", re.compile(
        rf"(?m)^[>?\t ]*(?P<it>(?:\d{{1,6}} )?{_CAP}(?: (?:{_LINK} )?{_CAP}){{0,3}} {_NUMBER}(?: {_CAP}){{0,2}}) ?$"
        r"(?=\n[>?\t ]*(?P<next>[^\n]{2,40}))")),
)
_FINDERS = tuple((name, Finder(pattern)) for name, pattern in _SEEDS)
_INSIDE = frozenset(name for name, pattern in _SEEDS if "it" in pattern.groupindex)
_GROWS = re.compile(
    rf",?[ \t]{{0,2}}(?:\n{{1,2}}[ \t>?]{{0,6}})?,?[ \t]?(?:\n[ \t>?]{{0,6}})?(?:(?P<flat>(?:Apt|Apartment|Suite|Ste|"
    rf"Flat|Unit|APT|SUITE)\.? #?\d{{1,4}}[A-Za-z]?\b)|"
    rf"(?P<number>\d{{2,6}}(?:[ -]\d{{2,4}})?(?: ?[A-Z]{{2}}\b)?(?![\w/%:-]|\.\d| ?(?:mg|ml|mcg|kg|g|cm|mm|years?|"
    rf"days?|weeks?|hours?)\b))|"
    rf"(?P<word>{_CAP}(?: (?:{_LINK} )?{_CAP}){{0,5}})(?: \([^\W\d_]+\))?|(?P<nan>nan)\b)")
_COUNTRY = re.compile(r"[^\W\d_a-z][^\W\d_]+(?: [^\W\d_]+){0,3}")
_FLAT = re.compile(r"(?:Apt|Apartment|Suite|Ste|Flat|Unit)\b", re.I)
_POSTCODE = re.compile(r"(?<![\d.])\d{5}(?![\d.])")
_LINE_BEFORE_LINE = Finder(re.compile(r"\d[a-zA-Z]?\.? ?\n[>?\t ]*[^\W_a-z]"))
_HOUSE_BEFORE = re.compile(r"(?<![\w.,/-])\d{1,6},? {1,2}$")
_WORDS_BEFORE = re.compile(rf"(?<![\w-])(?:\d{{1,6}},? )?(?:{_CAP},? |\d{{1,6}},? |{_LINK} ){{0,6}}(?:{_CAP}|"
                           rf"\d{{1,5}}\.?)[ ,\n]{{1,3}}$")
_LETTERS = re.compile(r"[^\W\d_]+")
_MOST_GROWTH = 8
_NEEDS_NUMBER = frozenset({"street_before", "announced"})


@cache
def _sieve() -> Sieve:
    return Sieve([pattern for _, pattern in _SEEDS], ENGLISH)


class ForeignAddressRecogniser:
    """Finds addresses by seed and growth. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        seen = views(text)
        found: list[Finding] = []
        if not seen.numerics and "orner of" not in text:
            return found
        for name, finder in _sieve().chosen(_FINDERS, text):
            if name == "street_line" and not _LINE_BEFORE_LINE.shows(text):
                continue
            for match in finder.find(text):
                start, end = match.span("it" if name in _INSIDE else 0)
                if not _holds(name, text, start, end) or (name == "street_line" and not _goes_on(match["next"])):
                    continue
                if name == "flat":
                    before = _WORDS_BEFORE.search(text, max(0, start - 80), start)
                    if before is None or not any(character.isdigit() for character in before.group()):
                        continue
                    start = _first_of_address(text, before.start(), start)
                else:
                    house = _HOUSE_BEFORE.search(text, max(0, start - 9), start)
                    start = house.start() if house else start
                end = _grown(text, end)
                while text[end - 1] in " .,\n":
                    end -= 1
                found.append(Finding(start, end, "address", name))
        return found


def _first_of_address(text: str, start: int, end: int) -> int:
    """Where the address begins: after the last everyday word among the words before the flat."""
    begin = start
    for word in _LETTERS.finditer(text, start, end):
        if is_everyday(word.group()) and word.group().lower() not in _STREET_WORDS:
            begin = word.end()
    while begin < end and not text[begin].isalnum():
        begin += 1
    return begin


_STREET_WORDS = frozenset(re.findall(r"\S+", """
    street st avenue ave road rd lane ln drive dr court ct circle house park new north south east west old first
    second third fourth the
"""))


def _goes_on(line: str) -> bool:
    """Whether a line goes on with an address: a flat, a town, or a postcode."""
    words = line.lower().strip(" ,.").split()
    return bool(_FLAT.match(line)) or bool(_POSTCODE.search(line)) or any(
        is_place_name(" ".join(words[:count]).strip(",")) for count in (3, 2, 1) if len(words) >= count)


def _holds(name: str, text: str, start: int, end: int) -> bool:
    """Whether the seed is one: a proper name and, where a shape alone says little, a number."""
    surface = text[start:end]
    words = [word for word in _LETTERS.findall(surface) if len(word) > 2]
    numbered = any(character.isdigit() for character in surface)
    if name in _NEEDS_NUMBER and not numbered:
        return False
    if name in {"military", "flat", "corner"}:
        return True
    if not words or is_eponym(text, start, end) or any(is_drug(word) for word in words):
        return False
    if name == "announced":
        if ".," in surface or any(is_month(word) for word in words):
            return False
        return surface[0].isdigit() or not all(is_everyday(word) for word in words)
    if name in {"street_joined", "street_line"}:
        return not all(is_word(word) for word in words)
    return not all(is_everyday(word) for word in words)


def _grown(text: str, end: int) -> int:
    """How far the address goes on: flats, towns, regions, countries, postcodes."""
    for _ in range(_MOST_GROWTH):
        match = _GROWS.match(text, end)
        if match is None:
            break
        if match["word"] is not None:
            stop = _country(text, match.start("word")) or _place_words(text, *match.span("word"))
            if stop is None or ("\n\n" in match.group() and not _country(text, match.start("word"))):
                break
            end = stop if stop < match.end("word") else match.end()
            continue
        end = match.end()
    return end


def _country(text: str, start: int) -> int | None:
    """Where the country or state ends that begins here; None where none does."""
    match = _COUNTRY.match(text, start)
    while match is not None:
        if is_region(match.group()):
            return match.end()
        shorter = match.group().rpartition(" ")[0]
        match = re.compile(re.escape(shorter)).match(text, start) if shorter else None
    return None


def _place_words(text: str, start: int, end: int) -> int | None:
    """Where the words end that can be a place; None where the first cannot."""
    town = next((match.end() for words in (3, 2) if (match := re.compile(rf"\S+(?: \S+){{{words - 1}}}").match(
        text, start, end)) and is_place_name(match.group().lower().strip(".,"))), None)
    if town is not None:
        return town
    stop = None
    for word in re.finditer(r"[^\s,]+", text[start:end]):
        bare = word.group().strip(".,'")
        lowered = bare.lower()
        if text[start + word.end() : start + word.end() + 1] == ":":
            break
        common = is_everyday(bare) or (is_word(bare) and not bare.isupper() and not is_place_name(lowered))
        if common and stop is None and len(bare) > 2:
            break
        if is_everyday(bare) and len(bare) > 2:
            break
        stop = start + word.end()
        if word.group().endswith(".") and len(bare) > 2:
            return stop - 1
    return stop
