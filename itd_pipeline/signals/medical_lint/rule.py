"""What a rule of the lint is, and what it sees of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from itd_pipeline.text.sentences import sentence_spans

Severity = Literal["critical", "major", "minor"]
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")


@dataclass(frozen=True)
class LintRecord:
    """A record as rules see it.

    Args:
        instruction: the question.
        given: input, empty where there is none.
        output: the text that is linted.
        evidence: its passages, joined.
        sex: from the record: female, male or else.
        age_group: from the record.
        audience: from the record.
    """

    instruction: str
    given: str
    output: str
    evidence: str = ""
    sex: str = "unspecified"
    age_group: str = "unspecified"
    audience: str = "unspecified"

    @cached_property
    def sentences(self) -> list[str]:
        """Sentences of the output."""
        return [self.output[start:end] for start, end in sentence_spans(self.output)]

    @cached_property
    def lowered(self) -> str:
        """The output in lower case."""
        return self.output.lower()

    def holds(self, hints: Iterable[str]) -> bool:
        """Whether the output holds one of some lower-case strings."""
        return any(hint in self.lowered for hint in hints)

    @cached_property
    def question(self) -> str:
        """Instruction and input together."""
        return f"{self.instruction}\n{self.given}"


@dataclass(frozen=True)
class LintFinding:
    """What a rule found.

    Args:
        rule: id of the rule.
        severity: of the rule.
        excerpt: the words at fault, short; text of the record.
    """

    rule: str
    severity: Severity
    excerpt: str


@dataclass(frozen=True)
class LintRule:
    """One rule.

    Args:
        id: family and name, such as `dose.tenfold`; stable.
        severity: see the room.
        source: where the rule comes from.
        says: what is wrong, as a sentence for people.
        find: excerpts at fault in a record.
        hints: lower-case strings of which the output holds one wherever the rule finds anything; empty asks always.
            Looking for them is many times faster than the rule's own pattern.
    """

    id: str
    severity: Severity
    source: str
    says: str
    find: Callable[[LintRecord], Iterable[str]] = field(repr=False)
    hints: tuple[str, ...] = ()
