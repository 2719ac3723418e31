"""What a recogniser of another package is: `(texts, language) -> spans`, with a name and a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from itd_pipeline.errors import ConfigError
from itd_pipeline.text.identifiers.finding import Finding

CLASSES = frozenset({
    "name", "date", "age", "phone", "fax", "email", "url", "ip", "ssn", "mrn", "account", "licence", "plan", "device",
    "vehicle",
    "biometric", "photo", "id", "address", "hospital",
})
"""Classes of identifiers; see `Finding`."""
Span = tuple[int, int, str]
"""First character, one past the last, class of the identifier."""


@runtime_checkable
class TextsRecogniser(Protocol):
    """A recogniser that reads many texts at once, as models do best.

    Attributes:
        version: whatever decides what it finds; a change makes texts be cleaned again and evaluated again.
        languages: ISO 639-1 codes that it reads; empty: every one.
    """

    version: str
    languages: Sequence[str]

    def find(self, texts: Sequence[str], language: str) -> Sequence[Sequence[Span]]:
        """For each text its spans, in any order; they may overlap each other and what our rules find. Offsets are
        characters of the text."""
        ...


def find_in(recogniser: TextsRecogniser, name: str, texts: Sequence[str], language: str) -> list[list[Finding]]:
    """Findings in each of the texts; none where the recogniser does not read the language.

    Raises:
        ConfigError: it gave other than one list for each text, an offset outside, or a class that nobody knows.
    """
    if recogniser.languages and language not in recogniser.languages:
        return [[] for _ in texts]
    answers = list(recogniser.find(texts, language))
    if len(answers) != len(texts):
        raise _broken(name, f"gave {len(answers)} answers for {len(texts)} texts")
    return [[_finding(name, text, span) for span in spans] for text, spans in zip(texts, answers, strict=True)]


def _finding(name: str, text: str, span: Span) -> Finding:
    start, end, kind = span
    if not 0 <= start < end <= len(text):
        raise _broken(name, f"gave a span {start} to {end} in a text of {len(text)} characters")
    if kind not in CLASSES:
        raise _broken(name, f"gave a class of identifiers that nobody knows; there are {', '.join(sorted(CLASSES))}")
    return Finding(start, end, kind, name)


def _broken(name: str, what: str) -> ConfigError:
    return ConfigError(f"The recogniser {name!r} {what}.", "Mend it, or take it out of `deidentification.recognisers`.")
