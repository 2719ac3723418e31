"""What a recogniser is and what it finds. Another recogniser plugs in by following the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.gates import Gate, views
from itd_pipeline.text.identifiers.prefilter import Joint, Sieve


@dataclass(frozen=True, order=True)
class Finding:
    """A span that may identify somebody.

    Args:
        start: first character.
        end: one past the last character.
        identifier_class: `name`, `date`, `age`, `phone`, `fax`, `email`, `url`, `ip`, `ssn`, `mrn`, `account`,
            `licence`, `plan`, `device`, `vehicle`, `id`, `address` or `hospital`.
        rule: name of the rule that found it, for the audit of false hits.
    """

    start: int
    end: int
    identifier_class: str
    rule: str


# Of two findings of the same span the more precise class stands.
_VAGUE = {"phone": 1, "address": 1, "id": 2}


class Recogniser(Protocol):
    """Anything that finds identifiers in a text: rules, or a model."""

    def find(self, text: str) -> list[Finding]:
        """Findings in any order; spans may overlap. Offsets are characters of `text`."""
        ...


@dataclass(frozen=True)
class Rule:
    """One pattern.

    Args:
        name: stable name of the rule.
        identifier_class: class of what it finds.
        pattern: the group `it` is the identifier; without such a group, the whole match.
        accepts: further test on the match; all matches pass where it is None.
        gate: closed where the pattern cannot match; see `gates`.
        overlapping: whether matches may begin inside of others, because the identifier stands at the end of a match.
    """

    name: str
    identifier_class: str
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] | None = None
    overlapping: bool = False
    gate: Gate | None = None


@dataclass(frozen=True)
class RuleRecogniser:
    """A recogniser made of patterns.

    Args:
        rules: what it looks for.
        joint: the prefilter of the language whose texts it reads; one of its own without it.
    """

    rules: tuple[Rule, ...]
    joint: Joint | None = field(default=None, repr=False, compare=False)
    _sieve: Sieve = field(init=False, repr=False, compare=False)
    _ready: tuple[tuple[Rule, Finder, str | int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sieve", Sieve([rule.pattern for rule in self.rules], self.joint))
        object.__setattr__(self, "_ready", tuple(
            (rule, Finder(rule.pattern, rule.overlapping), "it" if "it" in rule.pattern.groupindex else 0)
            for rule in self.rules))

    def find(self, text: str) -> list[Finding]:
        found = []
        seen = views(text)
        for rule, finder, group in self._sieve.chosen(self._ready, text):
            if rule.gate is not None and not rule.gate(seen):
                continue
            for match in finder.find(text):
                if rule.accepts is None or rule.accepts(match):
                    found.append(Finding(*match.span(group), rule.identifier_class, rule.name))
        return found


def gated(rules: Sequence[Rule], gates: Mapping[str, Gate]) -> tuple[Rule, ...]:
    """The rules with their gates, by name of the rule. Raises KeyError for a gate of no rule."""
    unknown = set(gates) - {rule.name for rule in rules}
    if unknown:
        raise KeyError(f"gates of no rule: {sorted(unknown)}")
    return tuple(replace(rule, gate=gates.get(rule.name)) for rule in rules)


def _order(finding: Finding) -> tuple[int, int, int, str, str]:
    kind = finding.identifier_class
    return finding.start, -finding.end, _VAGUE.get(kind, 0), kind, finding.rule


def merge(findings: Sequence[Finding]) -> list[Finding]:
    """Findings in order without overlap: overlapping spans become one, of the class and rule of the longest."""
    merged: list[Finding] = []
    longest = 0
    for finding in sorted(findings, key=_order):
        length = finding.end - finding.start
        if length <= 0:
            continue
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            longest = length
            continue
        last = merged[-1]
        winner = finding if length > longest else last
        longest = max(longest, length)
        merged[-1] = Finding(last.start, max(last.end, finding.end), winner.identifier_class, winner.rule)
    return merged
