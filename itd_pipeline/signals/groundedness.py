"""Groundedness: does the record's evidence hold what its output says?

Three measures, from the strictest to the weakest: cited spans stand in their passages character for character; each
number of the output stands in the evidence or the input (`numbers`); the output's content words do. They are cheap and
explain themselves; none shows that the output is right, all show that something is wrong.

Evidence is the full text of the passages that the record names or cites. Content words are those that are no English
function words; each counts once, so that repeating a supported word earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from itd_pipeline.signals.numbers import Numbers, claims_in, numbers_in, unsupported
from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.signals.tokens import Vocabulary

_FUNCTION_WORDS = (
    "a about after all also an and any are as at be because been before being between both but by can cannot could did "
    "do does doing done during each either for from further had has have having he her here hers him his how however i "
    "if in into is it its itself may me might more most must my no nor not of off often on once only or other our out "
    "over own per same shall she should since so some such than that the their them then there these they this those "
    "through to too under until up upon us usually very was we were what when where whether which while who whom whose "
    "why will with within without would you your"
)
STOP_WORDS = tuple(_FUNCTION_WORDS.split())


def citations_verbatim(citations: Sequence[Mapping[str, Any]], passages: Mapping[str, str]) -> bool:
    """Whether every citation of a passage quotes it at its offsets. References in words (no passage id) are not
    judged; a passage that is not there cannot be verified and counts as false.

    Args:
        citations: as in the record: passage_id, start, end, quote.
        passages: text by passage id.
    """
    for citation in citations:
        if not citation["passage_id"]:
            continue
        text = passages.get(citation["passage_id"])
        start, end, quote = citation["start"], citation["end"], citation["quote"]
        if text is None or not quote or start is None or end is None or start < 0 or text[start:end] != quote:
            return False
    return True


class Coverage:
    """Share of an output's content words that evidence or input hold."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._held = np.zeros(len(vocabulary) + 1, bool)
        self._content = np.ones(len(vocabulary) + 1, bool)
        self._content[[0, *(vocabulary[w] for w in STOP_WORDS if w in vocabulary)]] = False

    def share(self, output: np.ndarray[Any, Any], sources: Sequence[np.ndarray[Any, Any]]) -> float:
        """Share in [0, 1]; 1 where the output has no content word, because then nothing is unsupported.

        Args:
            output: word numbers of the output.
            sources: word numbers of passages and input.
        """
        words = np.array(sorted(set(output[self._content[output]].tolist())), np.int64)
        if not len(words):
            return 1.0
        for source in sources:
            self._held[source] = True
        share = float(np.count_nonzero(self._held[words]) / len(words))
        for source in sources:
            self._held[source] = False
        return share


class NumberSupport:
    """Unsupported numbers of outputs; what a passage holds is worked out once."""

    def __init__(self, passages: Mapping[str, str]) -> None:
        self._passages = passages
        self._known: dict[str, Numbers] = {}

    def unsupported(self, output: str, passage_ids: Sequence[str], given: str | None) -> int:
        """How many distinct numbers of `output` neither its passages nor its input hold."""
        claims = claims_in(output)
        if not claims.quantities and not claims.codes:
            return 0
        for passage_id in passage_ids:
            if passage_id not in self._known:
                self._known[passage_id] = numbers_in(self._passages[passage_id])
        support = [self._known[passage_id] for passage_id in passage_ids]
        return unsupported(claims, [*support, numbers_in(given or "")])


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    words, evidence = records.words, records.evidence
    coverage, numbers = Coverage(words.vocabulary), NumberSupport(evidence)
    verbatim: list[bool] = []
    unsupported_numbers: list[int] = []
    shares: list[float | None] = []
    rows = zip(records.column("output"), records.column("input"), records.column("citations"), records.named,
               strict=True)
    for i, (output, given, citations, named) in enumerate(rows):
        verbatim.append(citations_verbatim(citations, evidence))
        copied = any(output in evidence[p] for p in named)
        unsupported_numbers.append(0 if copied else numbers.unsupported(output, named, given))
        sources = [words.passages.row(words.place[p]) for p in named]
        if copied:
            shares.append(1.0)
        else:
            shares.append(coverage.share(words.outputs.row(i), [*sources, words.inputs.row(i)]) if sources else None)
    return {"citations_verbatim": verbatim, "unsupported_number_count": unsupported_numbers,
            "evidence_coverage": shares}


SIGNAL = Signal(
    name="groundedness", version=1, compute=measured,
    columns=("citations_verbatim", "unsupported_number_count", "evidence_coverage"),
)
