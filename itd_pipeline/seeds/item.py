"""What a file format gives back: items to check, and faults where not even an item could be read.

Belongs here: these two values. Does not belong here: any file format (its own file) or what a cell may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """One seed as it was written, not yet checked.

    Args:
        place: where in the file, in words a person can follow: `item 3`, `line 7`, `sheet Seeds, row 5`.
        cells: name of the cell, normalised -> text, None, or a list or mapping where the format has them.
    """

    place: str
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """A row or file that cannot be read as an item.

    Args:
        place: as in `Item`; empty where it concerns the whole file.
        reason: stable reason code.
        detail: line, column and what to do; no text of the file.
        content: what stood there, whole.
    """

    place: str
    reason: str
    detail: str
    content: Mapping[str, Any]


class Unusable(str):
    """A cell that stands in a spreadsheet as a formula or as an error value; its text says which."""

    kind: str

    def __new__(cls, text: str, kind: str) -> Unusable:
        cell = super().__new__(cls, text)
        cell.kind = kind
        return cell


def has_broken_utf8(text: str) -> bool:
    """Whether bytes that are not UTF-8 stand in `text`, which was decoded with `surrogateescape`."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def normalised_name(name: str) -> str:
    """Name of a column as a person writes it -> as it is compared: `Answer key` -> `answer_key`."""
    return "_".join(name.strip().lower().replace("-", " ").split())
