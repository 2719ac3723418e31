"""Checks that a recipe may ask for, each with a stable reason code.

Belongs here: the checks and their options. Does not belong here: quotes and shape, which every recipe is checked for.
A check sees the filled columns of the record, the answer and the passage, and gives None or a reason with values, never
text. Thresholds are the recipe's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from itd_pipeline.expand.judging.answers import Refused, declines
from itd_pipeline.expand.judging.readability import reading_grade
from itd_pipeline.expand.judging.terminology import described, fits_description, is_heading

if TYPE_CHECKING:
    from itd_pipeline.expand.recipe.model import Check

_POINTS_AT_TEXT = re.compile(
    r"\b(?:the|this|that|given|above|following|provided)\s+(?:passage|text|excerpt|document|paragraph|article|leaflet|"
    r"monograph|label|guideline text|note above|quote)\b|\baccording to (?:the|this) (?:passage|text|excerpt|author)",
    re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Rule:
    """A check: what it asks, which options it takes, and the test itself.

    Args:
        says: one sentence for people.
        options: those of `at_least`, `at_most` and `system` that it takes; all are needed but for limits.
        test: (what `of` gives, check, passage text) -> Refused or None.
    """

    says: str
    options: frozenset[str]
    test: Callable[[Any, Check, str], Refused | None]


def _no_pointing(value: Any, _: Check, __: str) -> Refused | None:
    found = sum(1 for text in _texts(value) for _m in _POINTS_AT_TEXT.finditer(text))
    return Refused("mentions_passage", f"times={found}") if found else None


def _numbers(value: Any, _: Check, passage: str) -> Refused | None:
    known = {_plain(n) for n in _DIGITS.findall(passage)}
    new = [n for text in _texts(value) for n in _DIGITS.findall(text) if _plain(n) not in known]
    return Refused("number_not_in_passage", f"numbers={len(new)}") if new else None


def _plain(number: str) -> str:
    """A number without thousands' commas and trailing zeros."""
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain.lstrip("0") or "0"


def _words(value: Any, check: Check, _: str) -> Refused | None:
    count = sum(len(_WORDS.findall(text)) for text in _texts(value))
    low, high = check.at_least or 0, check.at_most if check.at_most is not None else float("inf")
    return None if low <= count <= high else Refused("wrong_length", f"words={count}")


def _shorter(value: Any, check: Check, passage: str) -> Refused | None:
    share = sum(len(_WORDS.findall(text)) for text in _texts(value)) / max(1, len(_WORDS.findall(passage)))
    most = 1.0 if check.at_most is None else check.at_most
    return Refused("not_shorter", f"share={share:.2f}") if share > most else None


def _grade(value: Any, check: Check, _: str) -> Refused | None:
    grade = reading_grade("\n\n".join(_texts(value)))
    low, high = check.at_least or 0.0, check.at_most if check.at_most is not None else float("inf")
    return None if low <= grade <= high else Refused("reading_grade", f"grade={grade:.1f}")


def _distinct(value: Any, _: Check, __: str) -> Refused | None:
    texts = [" ".join(_WORDS.findall(text.casefold())) for text in _texts(value)]
    same = len(texts) - len(set(texts))
    inside = any(a != b and a in b for a in texts for b in texts)
    return Refused("options_not_distinct", f"same={same}") if same or inside or not all(texts) else None


def _even_options(value: Any, check: Check, _: str) -> Refused | None:
    """Case and Swanson's item-writing guide: the longest option is too often the right one."""
    lengths = [len(text) for text in _texts(value)]
    most = 3.0 if check.at_most is None else check.at_most
    ratio = max(lengths, default=1) / max(1, min(lengths, default=1))
    return Refused("options_uneven", f"ratio={ratio:.1f}") if ratio > most and max(lengths) > 40 else None


def _known_code(value: Any, check: Check, _: str) -> Refused | None:
    system = check.system
    if system is None:
        return None
    unknown = mismatched = headings = 0
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
        code, said = (str(item.get("code", "")), str(item.get("description", item.get("term", "")))) \
            if isinstance(item, Mapping) else (str(item), "")
        if not described(system, code):
            unknown += 1
        elif said and not fits_description(system, code, said):
            mismatched += 1
        headings += is_heading(system, code)
    if unknown:
        return Refused("unknown_code", f"system={system} codes={unknown}")
    if mismatched:
        return Refused("code_mismatch", f"system={system} codes={mismatched}")
    return Refused("code_not_specific", f"system={system} codes={headings}") if headings else None


def _declining(value: Any, _: Check, __: str) -> Refused | None:
    """Said in the first sentence or two, not only somewhere."""
    opening = " ".join(_texts(value))[:400]
    says = declines(opening) or re.search(
        r"\b(?:can(?:'|’)?t|cannot|can not|won(?:'|’)?t|unable|not able|not safe|unsafe|don(?:'|’)?t|do not|should not|"
        r"not something|must not|never)\b", opening, re.IGNORECASE)
    return None if says else Refused("does_not_decline")


def _turns(value: Any, _: Check, __: str) -> Refused | None:
    """User and assistant in turn, the user first and last: the assistant's next turn is the record's output."""
    roles = [turn.get("role") if isinstance(turn, Mapping) else None for turn in value or ()]
    wanted = ["user" if n % 2 == 0 else "assistant" for n in range(len(roles))]
    good = roles == wanted and len(roles) % 2 == 1 and all(str(turn.get("content", "")).strip() for turn in value)
    return None if good else Refused("turns_not_alternating", f"turns={len(roles)}")


def _question(value: Any, _: Check, __: str) -> Refused | None:
    return None if all(text.rstrip().endswith("?") for text in _texts(value)) else Refused("not_a_question")


def _names_subject(value: Any, _: Check, passage: str) -> Refused | None:
    """Shares a word of at least five letters with the passage: a question that names nothing of it cannot be asked
    without it."""
    known = {w for w in _WORDS.findall(passage.casefold()) if len(w) >= 5}
    said = {w for text in _texts(value) for w in _WORDS.findall(text.casefold()) if len(w) >= 5}
    return None if known & said else Refused("names_no_subject")


def _holds(value: Any, _: Check, __: str) -> Refused | None:
    return None if value is True else Refused("condition_not_met")


CHECKS: dict[str, Rule] = {
    "no_mention_of_text": Rule("Does not speak of `the passage` or `the text`.", frozenset(), _no_pointing),
    "numbers_in_passage": Rule("Holds no number that the passage does not hold.", frozenset(), _numbers),
    "words": Rule("Has at least and at most so many words.", frozenset({"at_least", "at_most"}), _words),
    "shorter": Rule("Has at most this share of the passage's words.", frozenset({"at_most"}), _shorter),
    "reading_grade": Rule("Its Flesch-Kincaid grade lies within the limits.", frozenset({"at_least", "at_most"}),
                          _grade),
    "options_distinct": Rule("Options differ, and none is part of another.", frozenset(), _distinct),
    "options_even": Rule("The longest option is at most so many times as long as the shortest.",
                         frozenset({"at_most"}), _even_options),
    "code_known": Rule("Codes exist, stand for what is said and are no headings of others.", frozenset({"system"}),
                       _known_code),
    "declines": Rule("Declines in its first words.", frozenset(), _declining),
    "turns_alternate": Rule("User and assistant take turns, the user first and last.", frozenset(), _turns),
    "is_question": Rule("Ends with a question mark.", frozenset(), _question),
    "holds": Rule("What `of` gives is true.", frozenset(), _holds),
    "names_subject": Rule("Shares a longer word with the passage.", frozenset(), _names_subject),
}
"""By the name that a recipe writes."""


def check_problem(check: Check) -> str | None:
    """What is wrong with a check as a recipe writes it, or None."""
    rule = CHECKS.get(check.name)
    if rule is None:
        return f"there is no check {check.name!r}; checks: {', '.join(CHECKS)}"
    given = {name for name in ("at_least", "at_most", "system") if getattr(check, name) is not None}
    if extra := sorted(given - rule.options):
        return f"{check.name} takes no {extra[0]}"
    if "system" in rule.options and check.system is None:
        return f"{check.name} needs `system`: icd10cm or hpo"
    if {"at_least", "at_most"} <= rule.options and not given:
        return f"{check.name} needs at_least or at_most"
    return None


def _texts(value: Any) -> list[str]:
    """Every text in a value, in order: of a list, of a mapping's values, of itself."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _texts(inner)]
    return [] if value is None else [str(value)]
