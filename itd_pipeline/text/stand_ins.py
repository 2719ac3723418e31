"""The lists that surrogates are drawn from, and how one is told from a real identifier.

Surnames and places are invented: put together from parts, and kept only where no census, gazetteer, dictionary or
terminology knows them. So a surrogate is never a medical term or a real person's name by accident, and the residual
scan can tell it from what was missed. Given names are common ones of the census, because invented ones
would hide who is a woman.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from itd_pipeline.text.identifiers import lexicon
from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponyms import EPONYMS
from itd_pipeline.text.identifiers.gazetteer import is_place_name
from itd_pipeline.text.identifiers.names_abroad import names_abroad

_BEGINNINGS = tuple(re.findall(r"\S+", """
    Ald Bram Carl Dun Elm Farn Grev Hal Ing Kel Lang Marl Nor Oakl Pem Ren Sel Thorn Ulv Ven Wex Yard Brad Cald Drax
    Ever Finn Gars Hart Ister Kess Lorn Mell Nether Orm Pell Quen Roth Stan Tarn
"""))
_SURNAME_ENDS = ("combe", "grave", "hurst", "royd", "stowe", "thwaite", "wold", "sley", "shaw", "lock", "mond",
                 "rick", "nett",
                 "bright", "gard", "bourne")
_PLACE_ENDS = ("field", "ford", "haven", "brook", "mere", "ville", "port", "dale", "bury", "minster", "wick", "crest")
_MOST_GIVEN = 400
_SHORTEST, _LONGEST = 4, 9
_SURROGATE_PHONE = re.compile(r"(?:1?[2-9]9\d)?55501\d\d|\d{5,}55501\d\d")
_DOCUMENTATION = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
                                                  "2001:db8::/32")))
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_DISTANT_YEAR = re.compile(r"(?<!\d)2[1-3]\d\d(?!\d)")
CHECK_MODULUS = 97


@cache
def surname_pool() -> tuple[str, ...]:
    """Invented surnames, in order."""
    return _invented(_SURNAME_ENDS)


@cache
def place_pool() -> tuple[str, ...]:
    """Invented names of places, in order."""
    return _invented(_PLACE_ENDS)


def _invented(ends: Sequence[str]) -> tuple[str, ...]:
    made = (begin + end for begin in _BEGINNINGS for end in ends if begin[-1] != end[0])
    return tuple(name for name in made if _unknown(name.lower()))


def _unknown(name: str) -> bool:
    return not (name in lexicon.surnames() or name in lexicon.given_names() or name in names_abroad()
                or lexicon.is_word(name) or is_place_name(name) or name in EPONYMS or is_drug(name))


@cache
def given_pool(gender: str) -> tuple[str, ...]:
    """Common given names of women (`f`) or men (`m`), in order of their frequency in the census; none is a word, a
    place, an eponym or a drug."""
    return tuple(name.title() for name in _census(gender)[:_MOST_GIVEN] if _SHORTEST <= len(name) <= _LONGEST and not (
        lexicon.is_word(name) or is_place_name(name) or name in EPONYMS or is_drug(name)
        or name in _census("m" if gender == "f" else "f")[:_MOST_GIVEN]))


@cache
def _census(gender: str) -> tuple[str, ...]:
    file = {"f": "dist.female.first", "m": "dist.male.first"}[gender]
    lines = (resources.files("names") / file).read_text(encoding="utf-8").splitlines()
    return tuple(line.split(maxsplit=1)[0].lower() for line in lines if line.strip())


@cache
def _ranks(gender: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(_census(gender))}


def gender_of(given: str) -> str:
    """`f` or `m` by where the name is more common; empty where the census does not know it."""
    women, men = _ranks("f").get(given.lower()), _ranks("m").get(given.lower())
    if women is None and men is None:
        return ""
    return "m" if women is None or (men is not None and men < women) else "f"


@cache
def _pooled() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(map(str.lower, surname_pool())), frozenset(map(str.lower, place_pool()))


def checked(digits: str) -> str:
    """Digits of the same number, at least four, whose last two check the others, as those of surrogates do."""
    head = digits[:-2]
    return head + f"{(int(head) * 31 + 17) % CHECK_MODULUS:02d}"


def is_stand_in(identifier_class: str, surface: str) -> bool:
    """Whether a residual finding is a surrogate. Of real numbers one in 97 passes for one."""
    surnames, places = _pooled()
    words = [word.lower().removesuffix("'s").removesuffix("\u2019s") for word in _WORD.findall(surface)]
    digits = "".join(filter(str.isdigit, surface))
    if identifier_class == "name":
        return any(word in surnames for word in words)
    if identifier_class == "email":
        return surface.lower().endswith("@example.org") and any(
            word in surnames for word in re.split(r"[^a-z]+", surface.lower()))
    if identifier_class in {"address", "hospital"} and any(word in places for word in words):
        return True
    if identifier_class == "date":
        return _DISTANT_YEAR.search(surface) is not None
    if identifier_class in {"phone", "fax", "mrn", "id"} and _SURROGATE_PHONE.fullmatch(digits):
        return True
    if identifier_class == "ip":
        return _documentation(surface)
    return len(digits) > 3 and checked(digits) == digits


def _documentation(surface: str) -> bool:
    """Whether a network address is one of those set aside for documentation (RFC 5737, RFC 3849, RFC 7042)."""
    if surface.upper().replace("-", ":").startswith("00:00:5E:00:53:"):
        return True
    try:
        address = ipaddress.ip_address(surface)
    except ValueError:
        return False
    return any(address in network for network in _DOCUMENTATION)
