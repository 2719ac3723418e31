"""What a question form is. Belongs here: the type and how wording is chosen. Not here: any particular form.

A form only restates fields of its document: it is right by construction. It quotes the fields it restates, so that
a record can cite where they stand in the passage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741


@dataclass(frozen=True)
class Filled:
    """A form filled with one document's fields.

    Args:
        output: the answer.
        quotes: fields that the answer restates, as they stand in the document.
        values: what the wordings name in braces.
        input: material the question works on, if any.
        options: answer options of a multiple-choice question, without letters.
        answer_key: letter of the right option.
        related: ids of further documents that the answer restates.
    """

    output: str
    quotes: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    input: str | None = None
    options: tuple[str, ...] = ()
    answer_key: str | None = None
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form(Generic[T, I]):
    """One kind of question about one kind of document.

    Args:
        name: snake_case, unique in its family.
        task_type: value of the vocabulary.
        question_type: value of the vocabulary.
        difficulty: 1 (everyday) to 5 (expert), of the question itself.
        wordings: ways to ask; one is chosen by a hash of form and document.
        fill: (document, index of the source) -> filled form, or None where the document lacks what it needs.
        audience: who the answer is written for.
    """

    name: str
    task_type: str
    question_type: str
    difficulty: int
    wordings: tuple[str, ...]
    fill: Callable[[T, I], Filled | None]
    audience: str = "unspecified"

    def wording(self, document_id: str) -> str:
        """The wording for a document: always the same one."""
        return self.wordings[draw(self.name, document_id) % len(self.wordings)]


def draw(*parts: str) -> int:
    """A number from 0 to 2^64 - 1 that depends on nothing but `parts`."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()[:8], "big")


def listed(items: tuple[str, ...] | list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; with semicolons where an item holds a comma."""
    if len(items) < 2:
        return "".join(items)
    comma = "; " if any("," in item for item in items) else ", "
    return comma.join(items[:-1]) + f" {last} {items[-1]}"


def sentence(text: str) -> str:
    """`text` with a capital at its beginning and a mark at its end."""
    text = text.strip()
    if text[:2].islower() or (text[:1].islower() and text[1:2] == " "):
        text = text[0].upper() + text[1:]
    return text if text[-1:] in ".!?" else text + "."
