"""Sentences of a text as word lists, and the evidence sentence that an output sentence was made from.

Nearest is the sentence with the longest common subsequence of words, among those that share the most content words.
Contractions are parted first (doesn't -> does not), units have one name. Texts come with their numbers in digits
(`spelled`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from rapidfuzz.distance import LCSseq

from itd_pipeline.signals.grounding.numbers import Numbers, numbers_in
from itd_pipeline.signals.grounding.stop_words import STOP_WORDS
from itd_pipeline.text.sentences import sentence_spans
from itd_pipeline.text.words import words

_STOP = frozenset(STOP_WORDS)
_CONTRACTED = ((re.compile(r"\bcan(?:not|'t|’t)(?!\w)", re.I), "can not"), (re.compile(r"\bwon['’]t\b", re.I), "will "
                                                                                                               "not"),
               (re.compile(r"n['’]t\b", re.I), " not"), (re.compile(r"\b(he|she|it|they|there|that)['’]s\b", re.I),
                                                         r"\1 "
                                                                                                                    r"is"),
               (re.compile(r"\b(he|she|they|we|you|i)['’](?:ll|ve|re|d|m)\b", re.I), r"\1"))
_APOSTROPHE = re.compile(r"['’]|cannot", re.I)
_UNIT = {"milligram": "mg", "milligrams": "mg", "microgram": "mcg", "micrograms": "mcg", "μg": "mcg", "ug": "mcg",
         "gram": "g", "grams": "g", "hours": "h", "hour": "h", "hrs": "h", "hr": "h", "percent": "%", "years": "year",
         "days": "day", "weeks": "week", "months": "month", "millilitres": "ml", "milliliters": "ml"}
_NUMBERING = re.compile(r"^(?:[-*•]\s+|\(?\d{1,2}[.)]\s+)")
_CANDIDATES = 4
LONGEST = 80
"""Words of a sentence that are compared; what is longer is mostly a list without stops."""


@dataclass(frozen=True)
class Sentence:
    """A sentence.

    Args:
        text: as written.
        tokens: its words, contractions parted.
    """

    text: str
    tokens: tuple[str, ...]

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The words without the endings of plurals and verbs: `causes` and `cause` are one."""
        return tuple(map(stem, self.tokens))

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(stem for token, stem in zip(self.tokens, self.stems, strict=True) if token not in _STOP)

    @cached_property
    def numbers(self) -> Numbers:
        return numbers_in(self.text)


@cache
def stem(word: str) -> str:
    """A word of five or more letters without -s, -es, -ed, -ing and a last e."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def plain_words(text: str) -> tuple[str, ...]:
    """Words of a text with contractions parted and units by one name."""
    if _APOSTROPHE.search(text):
        for pattern, instead in _CONTRACTED:
            text = pattern.sub(instead, text)
    return tuple(_UNIT.get(word, word) for word in words(text))


def sentences_in(text: str) -> list[Sentence]:
    """Sentences of a text, parted at semicolons, too; one that is very long in pieces."""
    found = []
    for start, end in sentence_spans(text):
        for part in _NUMBERING.sub("", text[start:end]).split("; "):
            tokens = plain_words(part)
            found += [Sentence(part, tokens[i:i + LONGEST]) for i in range(0, len(tokens), LONGEST)]
    return found


@dataclass(frozen=True)
class Aligned:
    """An output sentence beside the evidence sentence it was made from.

    Args:
        claim: the output's.
        evidence: the nearest one.
        pairs: (place in evidence, place in claim) of the words they share in order.
    """

    claim: Sentence
    evidence: Sentence
    pairs: tuple[tuple[int, int], ...]

    @property
    def share(self) -> float:
        """Share of the claim's words that are the evidence's, in its order."""
        return len(self.pairs) / len(self.claim.tokens)


def nearest(claim: Sentence, evidence: Sequence[Sentence], least: float = 0.5) -> list[Aligned]:
    """Evidence sentences that the claim may be made from, the nearest first; none where fewer than `least` of its
    content words stand in any."""
    if not claim.content:
        return []
    scored = [(len(claim.content & sentence.content), i) for i, sentence in enumerate(evidence)]
    best = sorted((-count, i) for count, i in scored if count >= least * len(claim.content))[:_CANDIDATES]
    aligned = []
    for _, i in best:
        pairs: list[tuple[int, int]] = []
        for block in LCSseq.opcodes(evidence[i].stems, claim.stems):
            if block.tag == "equal":
                pairs += zip(range(block.src_start, block.src_end), range(block.dest_start, block.dest_end),
                             strict=True)
        aligned.append(Aligned(claim, evidence[i], tuple(pairs)))
    return sorted(aligned, key=lambda a: -len(a.pairs))
