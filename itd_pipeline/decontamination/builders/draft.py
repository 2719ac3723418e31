"""What a builder makes of a benchmark's file, and what a builder is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itd_pipeline.decontamination.builders.files import TABLES, Row

LEAST_REFERENCE_WORDS = 13


class FormatError(ValueError):
    """The file is readable and yet not of this benchmark. The message says what is missing, never a text."""


@dataclass(frozen=True)
class Draft:
    """An item before it knows its benchmark; see `items.BenchmarkItem`."""

    item_id: str
    prompt: str
    options: tuple[str, ...] = ()
    answer: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Builder:
    """Reader of one published format.

    Args:
        what: the benchmark, for the settings reference and for messages.
        build: rows of a file in, drafts out; raises FormatError.
        needs: columns that must be there.
        suffixes: of the files that it reads; `.gz` may follow.
        wanted: which files of a folder belong to the benchmark.
        header: whether CSV files have one.
        build_file: for formats that are no rows; then `build` is not used.
    """

    what: str
    build: Callable[[Sequence[Row]], Iterable[Draft]]
    needs: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = TABLES
    wanted: Callable[[Path], bool] = field(default=lambda _: True)
    header: bool = True
    build_file: Callable[[Path], Iterable[Draft]] | None = None


def text(value: Any) -> str:
    """A cell as text; empty where there is none. Numbers are written out: an option may be `38`."""
    if value is None or isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def texts(value: Any) -> tuple[str, ...]:
    """Texts of a list, or of a mapping by its keys in order (`A`, `B` ...), or of a list of {key, value}."""
    if isinstance(value, Mapping):
        return tuple(text(part) for _, part in sorted(value.items(), key=lambda pair: str(pair[0])) if text(part))
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, Sequence):
        return tuple(found for part in value if (found := text(_content(part) if isinstance(part, Mapping) else part)))
    return ()


def references(name: str, found: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Further texts as (name and number, text), without those that are too short to be anyone's."""
    for number, one in enumerate(found, start=1):
        if len(one.split()) >= LEAST_REFERENCE_WORDS:
            yield f"{name} {number}", one


def lettered(options: tuple[str, ...], letter: str) -> str:
    """The option with the given letter; empty where there is none."""
    place = ord(letter.strip().upper()[:1] or "?") - ord("A")
    return options[place] if 0 <= place < len(options) else ""


def _content(part: Mapping[str, Any]) -> Any:
    return next((part[key] for key in ("value", "content", "text") if key in part), None)
