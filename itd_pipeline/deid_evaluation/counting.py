"""Recall, precision and over-redaction, each with its interval. Belongs here: arithmetic. Not here: files."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from itd_pipeline.deid_evaluation.gold import GoldText
from itd_pipeline.deid_evaluation.labels import QUASI, class_of
from itd_pipeline.text.identifiers.finding import Finding

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Count:
    """Hits among cases.

    Args:
        hits: how many of them.
        cases: out of how many.
    """

    hits: int
    cases: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where there is no case."""
        return self.hits / self.cases if self.cases else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval; None where there is no case."""
        return wilson(self.hits, self.cases) if self.cases else None


@dataclass(frozen=True)
class Missed:
    """A gold span that was not found whole, for the user's own screen only."""

    text_id: str
    label: str
    value: str


@dataclass(frozen=True)
class Evaluation:
    """What a run over a gold set showed.

    Args:
        texts: how many texts.
        recall: class -> gold spans of which every letter and digit was found, whatever class they were found as.
        overall: the same over all classes.
        precision: class of the finding -> findings that touch a gold span of any kind.
        words_changed: words outside of gold spans that were changed, of all words outside of gold spans.
        clean_texts_touched: texts without any gold span in which something was found.
        quasi: gold spans of labels that Safe Harbor lets stay; not counted in `overall`.
        unknown_labels: label -> spans that nobody could assign; they count in no class.
        missed: spans not found whole.
        unplaced: marked values that do not stand in their text.
    """

    texts: int
    recall: Mapping[str, Count]
    overall: Count
    precision: Mapping[str, Count]
    words_changed: Count
    clean_texts_touched: Count
    quasi: Count
    unknown_labels: Mapping[str, int]
    missed: Sequence[Missed]
    unplaced: int = 0


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """Score interval of a proportion at 95 % (Wilson, J Am Stat Assoc 1927;22:209-212). Raises ValueError where there
    are no cases."""
    if cases <= 0 or not 0 <= hits <= cases:
        raise ValueError(f"{hits} hits of {cases} cases have no interval")
    share = hits / cases
    middle = share + _Z * _Z / (2 * cases)
    half = _Z * math.sqrt(share * (1 - share) / cases + _Z * _Z / (4 * cases * cases))
    scale = 1 + _Z * _Z / cases
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def evaluate(
    texts: Iterable[GoldText], findings_of: Callable[[str], Sequence[Finding]], own_labels: Mapping[str, str]
) -> Evaluation:
    """Compare what is found with what people have marked.

    Args:
        texts: the gold set.
        findings_of: what is measured.
        own_labels: label -> class, for labels that nobody else uses.
    """
    hits: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    right: Counter[str] = Counter()
    found_as: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    missed: list[Missed] = []
    number = outside = changed = clean = touched = unplaced = 0
    for gold in texts:
        number += 1
        unplaced += gold.unplaced
        findings = findings_of(gold.text)
        found = bytearray(len(gold.text))
        for finding in findings:
            found[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
        marked = bytearray(len(gold.text))
        for span in gold.spans:
            marked[span.start : span.end] = b"\1" * (span.end - span.start)
            kind = class_of(span.label, own_labels)
            if kind is None:
                unknown[span.label] += 1
                continue
            cases[kind] += 1
            if all(found[i] or not gold.text[i].isalnum() for i in range(span.start, span.end)):
                hits[kind] += 1
            elif kind != QUASI:
                missed.append(Missed(gold.text_id, span.label, gold.text[span.start : span.end]))
        for finding in findings:
            found_as[finding.identifier_class] += 1
            right[finding.identifier_class] += any(marked[finding.start : finding.end])
        for word in _WORD.finditer(gold.text):
            if not any(marked[word.start() : word.end()]):
                outside += 1
                changed += any(found[word.start() : word.end()])
        if not gold.spans:
            clean += 1
            touched += bool(findings)
    recall = {kind: Count(hits[kind], cases[kind]) for kind in sorted(cases) if kind != QUASI}
    return Evaluation(
        texts=number, recall=recall,
        overall=Count(sum(c.hits for c in recall.values()), sum(c.cases for c in recall.values())),
        precision={kind: Count(right[kind], found_as[kind]) for kind in sorted(found_as)},
        words_changed=Count(changed, outside), clean_texts_touched=Count(touched, clean),
        quasi=Count(hits[QUASI], cases[QUASI]), unknown_labels=dict(sorted(unknown.items())), missed=missed,
        unplaced=unplaced,
    )
