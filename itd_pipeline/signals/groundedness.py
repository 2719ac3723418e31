"""Groundedness: does the record's evidence hold what its output says?

Two measures of the whole: cited spans stand in their passages character for character, and the share of the output's
content words that evidence or input hold. What the output claims in particular is the matter of `claims`. They are
cheap and explain themselves; none shows that the output is right, all show that something is wrong.

Evidence is the full text of the passages that the record names or cites. Content words are those that are no English
function words; each counts once, so that repeating a supported word earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from itd_pipeline.signals.grounding.stop_words import STOP_WORDS
from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.signals.tokens import Vocabulary

_STEM = 6


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
    """Share of an output's content words that evidence or input hold. Words with the same first six letters are one:
    infected and infection."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        stems = Vocabulary()
        self._stem = np.array([0, *(stems[word[:_STEM]] for word in vocabulary)], np.int64)
        self._held = np.zeros(len(stems) + 1, bool)
        self._content = np.ones(len(vocabulary) + 1, bool)
        self._content[[0, *(vocabulary[w] for w in STOP_WORDS if w in vocabulary)]] = False

    def share(self, output: np.ndarray[Any, Any], sources: Sequence[np.ndarray[Any, Any]]) -> float:
        """Share in [0, 1]; 1 where the output has no content word, because then nothing is unsupported.

        Args:
            output: word numbers of the output.
            sources: word numbers of passages and input.
        """
        words = np.unique(self._stem[output[self._content[output]]])
        if not len(words):
            return 1.0
        for source in sources:
            self._held[self._stem[source]] = True
        share = float(np.count_nonzero(self._held[words]) / len(words))
        for source in sources:
            self._held[self._stem[source]] = False
        return share


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    words, evidence = records.words, records.evidence
    coverage = Coverage(words.vocabulary)
    verbatim: list[bool] = []
    shares: list[float | None] = []
    rows = zip(records.column("output"), records.column("citations"), records.named, strict=True)
    for i, (output, citations, named) in enumerate(rows):
        verbatim.append(citations_verbatim(citations, evidence))
        copied = any(output in evidence[p] for p in named)
        sources = [words.passages.row(words.place[p]) for p in named]
        if copied:
            shares.append(1.0)
        else:
            shares.append(coverage.share(words.outputs.row(i), [*sources, words.inputs.row(i)]) if sources else None)
    return {"citations_verbatim": verbatim, "evidence_coverage": shares}


SIGNAL = Signal(
    name="groundedness", version=2, compute=measured, columns=("citations_verbatim", "evidence_coverage"),
)
