"""What a rule of injection is and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class InjectionRule:
    """One pattern.

    Args:
        name: stable id of the rule.
        pattern: what it looks for.
        accepts: further test on the match; all matches pass where it is None.
    """

    name: str
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] | None = None


@dataclass(frozen=True, order=True)
class Injection:
    """A place in a text that may command a model.

    Args:
        start: first character.
        end: one past the last.
        rule: id of the rule.
    """

    start: int
    end: int
    rule: str
