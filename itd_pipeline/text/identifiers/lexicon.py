"""What is a word, what is a name: the evidence for names that no context gives away.

Words are those of Webster's Second (package `english-words`), in lower case, with their common inflections, those of
the definitions of HPO and ICD-10-CM, and the everyday words and endings of clinical notes. Names are those of the
1990 census of the United States (package `names`): 5,200 given names and 88,800 surnames. A list is evidence, never a
proof: many names are words as well.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponymous_phrases import lower_case_words
from itd_pipeline.text.identifiers.everyday_words import WORDS_REMEMBERED, is_everyday
from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES

# Stem endings and what stands in their place in the list.
_INFLECTIONS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""),
                ("es", "is"), ("ae", "a"), ("i", "us"), ("ly", ""), ("s", ""), ("er", "e"), ("ers", ""), ("al", ""),
                ("ic", "y"), ("ically", "y"), ("ment", ""), ("ments", ""), ("ness", ""), ("able", ""), ("able", "e"))
_SHORTEST_STEM = 3
_DOUBLED = re.compile(r"([bdgklmnprt])\1$")
_PREFIXES = ("anti", "non", "post", "pre", "hyper", "hypo", "inter", "intra", "multi", "micro", "neuro", "cardio",
             "gastro", "immuno", "bio", "re", "un", "co", "sub", "over", "under", "tele", "electro", "out", "up")


@cache
def _listed() -> frozenset[str]:
    import pickle

    # The package's own function offers no way to keep the case, by which proper names are told from words.
    content = (resources.files("english_words") / "data" / "web2.pickle").read_bytes()
    return frozenset(word for word in pickle.loads(content) if word[:1].islower())


@cache
def _medical() -> frozenset[str]:
    """Words in lower case of the definitions of HPO and ICD-10-CM that Webster's Second did not know (corticosteroid),
    apart from given names."""
    listed = _census("dist.female.first") | _census("dist.male.first")
    return lower_case_words() - listed


@cache
def _census(name: str) -> frozenset[str]:
    lines = (resources.files("names") / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line.split(maxsplit=1)[0].lower() for line in lines if line.strip())


@cache
def given_names() -> frozenset[str]:
    """Given names in lower case that are no words."""
    listed = _census("dist.female.first") | _census("dist.male.first")
    return GIVEN_NAMES | frozenset(name for name in listed if len(name) > 2 and not is_word(name))


@cache
def ambiguous_given_names() -> frozenset[str]:
    """Given names in lower case that are words as well: Rose, Mark, Will."""
    listed = _census("dist.female.first") | _census("dist.male.first")
    return frozenset(name for name in listed if len(name) > 2) - given_names()


@cache
def surnames() -> frozenset[str]:
    """Surnames in lower case, words among them."""
    return _census("dist.all.last")


@lru_cache(maxsize=WORDS_REMEMBERED)
def is_word(token: str) -> bool:
    """Whether a token, in any case, is an English or clinical word, a drug among them."""
    lowered = token.lower().replace("\u2019", "'").removesuffix("'s").strip("'.-")
    if "-" in lowered:
        return all(len(part) < _SHORTEST_STEM or _is_word(part) for part in lowered.split("-"))
    return _is_word(lowered)


def is_common_word(token: str) -> bool:
    """Whether a word stands in the texts of HPO and ICD-10-CM, or is an everyday word."""
    return token.lower() in lower_case_words() or is_everyday(token)


def is_rare_word(token: str) -> bool:
    """Whether a word stands in Webster's Second alone, and in no text of medicine: arjun, rohan."""
    lowered = token.lower()
    return is_word(lowered) and not is_everyday(lowered) and lowered not in lower_case_words() and not is_drug(lowered)


@cache
def _is_word(lowered: str) -> bool:
    return is_everyday(lowered) or is_drug(lowered) or is_english(lowered)


@cache
def is_english(lowered: str) -> bool:
    """Whether a lower-case word, or what it is an inflection of, stands in Webster's Second."""
    listed = _listed()
    if lowered in listed or lowered in _medical():
        return True
    for ending, instead in _INFLECTIONS:
        if lowered.endswith(ending) and len(lowered) - len(ending) >= _SHORTEST_STEM:
            stem = lowered[: len(lowered) - len(ending)]
            if stem + instead in listed or (_DOUBLED.search(stem) and stem[:-1] in listed):
                return True
    return any(lowered.startswith(prefix) and len(lowered) - len(prefix) > _SHORTEST_STEM
               and lowered[len(prefix):] in listed for prefix in _PREFIXES)
