"""Any table: the profile says which column is what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itd_pipeline.decontamination.builders.draft import Builder, Draft, text
from itd_pipeline.decontamination.builders.files import TABLES, Row

ROLES = ("prompt", "options", "answer", "id")


def by_columns(columns: Sequence[str] | Mapping[str, str]) -> Builder:
    """A builder for a table.

    Args:
        columns: role (`prompt`, `options`, `answer`, `id`) -> column; or a list of columns each text of which is looked
            for on its own.
    """
    if isinstance(columns, Mapping):
        roles = dict(columns)

        def build(rows: Sequence[Row]) -> Iterator[Draft]:
            for number, row in enumerate(rows, start=1):
                yield Draft(_cell(row, roles, "id") or str(number), _cell(row, roles, "prompt"),
                            tuple(every_text(row.get(roles.get("options", "")))), _cell(row, roles, "answer"))

        return Builder("columns by role", build, tuple(roles.values()), TABLES)
    names = tuple(columns)

    def build_each(rows: Sequence[Row]) -> Iterator[Draft]:
        for number, row in enumerate(rows, start=1):
            found = [(name, one) for name in names for one in every_text(row.get(name))]
            yield Draft(str(number), "", more=tuple(found))

    return Builder("columns, each on its own", build_each, names, TABLES)


def _cell(row: Row, roles: Mapping[str, str], role: str) -> str:
    value = row.get(roles[role]) if role in roles else None
    return text(value) or "\n".join(every_text(value))


def every_text(value: Any) -> Iterator[str]:
    """The texts in a cell: a string or number, or the strings of a list or mapping, however deep."""
    ahead = [value]  # a stack and no recursion: a line may be nested deeper than Python's own
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):
            ahead.extend(reversed(list(part.values())))
        elif isinstance(part, list):
            ahead.extend(reversed(part))
        elif isinstance(part, str) and part.strip():
            yield part


