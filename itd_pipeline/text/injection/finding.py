"""Running all rules of injection over a text.

`find_injections` serves a text of any kind: a passage before it goes into a prompt, a record before it goes into a
release. It is cheap on texts that trip nothing, which is nearly all of them: one pass tells which rules can match.
"""

from __future__ import annotations

from collections.abc import Sequence

from itd_pipeline.text.identifiers.prefilter import Sieve
from itd_pipeline.text.injection.commands import COMMANDS
from itd_pipeline.text.injection.exfiltration import EXFILTRATION
from itd_pipeline.text.injection.hidden import HIDDEN
from itd_pipeline.text.injection.markers import MARKERS
from itd_pipeline.text.injection.rule import Injection, InjectionRule

RULES: tuple[InjectionRule, ...] = (*COMMANDS, *MARKERS, *HIDDEN, *EXFILTRATION)
_NO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u180e")
_SIEVE = Sieve([rule.pattern for rule in RULES])


def find_injections(text: str) -> list[Injection]:
    """Places in `text` that may command a model, in order; several rules may find one place."""
    found = _seen_in(text)
    if not text.isascii() and (hidden := [i for i, c in enumerate(text) if c in _NO_WIDTH]):
        kept = [i for i, c in enumerate(text) if c not in _NO_WIDTH]
        for place in _seen_in("".join(text[i] for i in kept)):  # a command with characters without width inside
            if (whole := Injection(kept[place.start], kept[place.end - 1] + 1, place.rule)) not in found and any(
                    whole.start <= i < whole.end for i in hidden):
                found.append(whole)
    return sorted(found)


def _seen_in(text: str) -> list[Injection]:
    found = []
    for rule in _SIEVE.chosen(RULES, text):
        for match in rule.pattern.finditer(text):
            if match.end() > match.start() and (rule.accepts is None or rule.accepts(match)):
                found.append(Injection(match.start(), match.end(), rule.name))
    return found


def injection_rules(texts: Sequence[str | None]) -> list[str]:
    """Rule behind each place found in any of the texts, in order of text and place."""
    return [found.rule for text in texts if text for found in find_injections(text)]
