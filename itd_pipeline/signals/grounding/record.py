"""One record against the texts it rests on: every kind of claim, in one pass over its sentences.

A sentence that stands in the evidence word for word claims nothing of its own. Of the others, numbers, drugs, tests and
diagnoses are looked for in everything that supports the record: its passages, its input and its question. A sentence
that was plainly made from one sentence of the evidence (80 % of its words in order) must take its numbers from there:
20 mg in a label that also knows 40 mg is no support for the wrong one of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from itd_pipeline.signals.grounding.drugs import unsupported_drugs, words_of
from itd_pipeline.signals.grounding.numbers import Numbers, numbers_in, unsupported_numbers
from itd_pipeline.signals.grounding.polarity import changed_sex, keeps_sex, reversed_claims
from itd_pipeline.signals.grounding.quantities import Amount
from itd_pipeline.signals.grounding.sentences import Aligned, Sentence, nearest, sentences_in
from itd_pipeline.signals.grounding.sex import contradicted_sex
from itd_pipeline.signals.grounding.spelled import with_digits
from itd_pipeline.signals.grounding.terms import unsupported_diagnoses, unsupported_tests
from itd_pipeline.text.words import fold_space

_MADE_FROM = 0.8
_AS_NEAR = 0.1


class Support:
    """What one passage, input or question holds; each part is worked out when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.written = text
        self.text = with_digits(text)

    @cached_property
    def folded(self) -> str:
        return fold_space(self.text)

    @cached_property
    def numbers(self) -> Numbers:
        return numbers_in(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        return words_of(self.text)

    @cached_property
    def sentences(self) -> list[Sentence]:
        return sentences_in(self.text)


@dataclass(frozen=True)
class Grounding:
    """What the output claims beyond its evidence; each entry names the claim in a word or two.

    Args:
        numbers: numbers with unit, and codes, that nothing supports.
        drugs: names of drugs.
        tests: names of tests.
        diagnoses: names of diagnoses.
        reversed: negations put in (`+not`) or left out (`-not`), and words exchanged for their opposite.
        sex: words of the other sex, or the sex that contradicts the evidence.
        checked_sentences: sentences that do not stand in the evidence word for word.
    """

    numbers: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    reversed: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    checked_sentences: int = 0


NOTHING = Grounding()


def ground(output: str, evidence: Sequence[Support], given: Sequence[Support]) -> Grounding:
    """Hold an output against its evidence.

    Args:
        output: the record's output.
        evidence: its passages.
        given: its input and question, which support numbers, drugs, tests, diagnoses and the sex, too.
    """
    if any(output in support.written for support in evidence):
        return NOTHING
    output = with_digits(output)
    sentences = [s for s in sentences_in(output) if not any(fold_space(s.text) in e.folded for e in evidence)]
    if not sentences:
        return NOTHING
    support = [*evidence, *given]
    rest = "\n".join(sentence.text for sentence in sentences)
    held = frozenset[str]().union(*(s.words for s in support))
    numbers = dict.fromkeys(unsupported_numbers(rest, [s.numbers for s in support]))
    reversals: list[str] = []
    sexes: list[str] = []
    every = [s for e in [*evidence, *given[:1]] for s in e.sentences]
    of_evidence = [s for s in every if not s.text.endswith("?")]
    questions = [s for s in every if s.text.endswith("?")]
    for sentence in sentences:
        if sentence.text.endswith("?"):  # asserts nothing, in the output as in the evidence; but it is about someone
            sexes += _sex(nearest(sentence, questions))
            continue
        aligned = nearest(sentence, of_evidence)
        if aligned:
            reversals += _least(aligned, reversed_claims)
            sexes += _sex(aligned)
            numbers |= dict.fromkeys(_moved(aligned, given))
    if not sexes and (other := contradicted_sex(rest, "\n".join(s.text for s in support))):
        sexes.append(other)
    return Grounding(tuple(numbers), tuple(unsupported_drugs(rest, held)), tuple(unsupported_tests(rest, held)),
                     tuple(unsupported_diagnoses(rest, held)), tuple(reversals), tuple(sexes), len(sentences))


def _least(aligned: Sequence[Aligned], ask: Callable[[Aligned], list[str]]) -> list[str]:
    """What `ask` says of the nearest sentence; nothing where one that is about as near has no objection."""
    answers = [ask(a) for a in _near(aligned)]
    return [] if not all(answers) else answers[0]


def _sex(aligned: Sequence[Aligned]) -> list[str]:
    """Words of the other sex; nothing where a sentence that is about as near has the words of this one. A sentence that
    tells no sex, such as one about `you`, is no support."""
    near = _near(aligned)
    return [] if any(keeps_sex(a) for a in near) else next(filter(None, map(changed_sex, near)), [])


def _near(aligned: Sequence[Aligned]) -> list[Aligned]:
    return [a for a in aligned if len(a.pairs) >= len(aligned[0].pairs) - 1]


def _moved(aligned: Sequence[Aligned], given: Sequence[Support]) -> list[str]:
    """Numbers of a sentence that the sentences it was made from do not hold, or hold in another place: of as many
    amounts one is lost, and another of them stands there twice."""
    if aligned[0].share < _MADE_FROM:
        return []
    near = [a.evidence.numbers for a in aligned if a.share >= aligned[0].share - _AS_NEAR]
    missing = unsupported_numbers(aligned[0].claim.text, [*near, *(s.numbers for s in given)])
    return missing or _exchanged(aligned[0].claim.numbers.amounts, aligned[0].evidence.numbers.amounts)


def _exchanged(claimed: Sequence[Amount], held: Sequence[Amount]) -> list[str]:
    if len(claimed) != len(held):
        return []
    values = {amount.written: amount.value for amount in held}
    said = Counter(a.value if a.unit else values.get(a.written, a.value) for a in claimed)
    known = Counter(a.value for a in held)
    extra, lost = said - known, known - said
    return [f"{a.written} {a.unit}".strip() for a in claimed if extra[a.value]][:1] if extra and lost else []
