"""The parts that a page is put together from, and the ledger that every number on it goes through.

A number enters the page only as a `Metric` from the ledger, so the table of metrics, the JSON and the page cannot
differ. Belongs here: those parts and how a number is written. Does not belong here: what is measured (`sections/`)
or HTML (`report.html.j2`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from itd_pipeline.errors import ContractError

Unit = Literal["count", "share", "usd", "score", "words", "grade", "seconds"]


@dataclass(frozen=True)
class Metric:
    """One number.

    Args:
        section, metric, group: together unique; the group is empty for the whole.
        value: None where it was not measured.
        note: interval, or why it was not measured; may be empty.
        unit: how the value is written.
    """

    section: str
    metric: str
    group: str
    value: float | None
    note: str
    unit: Unit

    @property
    def key(self) -> str:
        return f"{self.section}|{self.metric}|{self.group}"

    @property
    def words(self) -> str:
        """The value as people read it."""
        return in_words(self.value, self.unit)


def in_words(value: float | None, unit: Unit) -> str:
    """A number as people read it."""
    if value is None:
        return "not measured"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "usd":
        small = 0 < value < 1
        return f"${value:,.{max(2, 1 - math.floor(math.log10(value))) if small else 2}f}"
    if unit in ("score", "grade"):
        return f"{value:.{2 if unit == 'score' else 1}f}".replace("-", "\u2212")
    if unit == "seconds":
        return f"{value:,.1f} s"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


class Ledger:
    """Every metric of a report, in the order of the page."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}
        self.entered = 0

    def add(self, section: str, metric: str, value: float | None, unit: Unit = "count", group: str = "",
            note: str = "") -> Metric:
        """Enter a number; NaN counts as not measured. Raises ContractError where the same number stands already."""
        self.entered += 1
        number = None if value is None or math.isnan(value) else float(value)
        found = Metric(section, metric, group, number, note, unit)
        if found.key in self._metrics:
            raise ContractError(f"The report holds {found.key} twice.", "Give each number its own group.")
        self._metrics[found.key] = found
        return found

    def value(self, key: str) -> float | None:
        """A number that has been entered; None where it was not measured, or not entered."""
        found = self._metrics.get(key)
        return None if found is None else found.value

    def rows(self) -> list[dict[str, Any]]:
        """Rows for `tables.review.METRICS`; the unit opens the note."""
        return [{"section": m.section, "metric": m.metric, "group": m.group, "value": m.value,
                 "note": f"{m.unit}; {m.note}" if m.note else m.unit} for m in self._metrics.values()]


Cell = Metric | str


@dataclass(frozen=True)
class Tile:
    """A number at a glance: what it is, the number or words, and one line of context."""

    label: str
    cell: Cell
    context: str = ""
    tone: Literal["plain", "warn"] = "plain"
    kind: str = "tile"


@dataclass(frozen=True)
class Grid:
    """A table. With `heat`, cells with numbers are shaded by their share of the greatest; with `notes`, the note of a
    number stands below it."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    heat: bool = False
    folded: bool = False
    notes: bool = False
    kind: str = "grid"

    @property
    def greatest(self) -> float:
        return max((c.value or 0 for row in self.rows for c in row if isinstance(c, Metric)), default=0) or 1

    def numeric(self, column: int) -> bool:
        """Whether the column holds numbers, so that its heading stands above them."""
        return any(isinstance(row[column], Metric) for row in self.rows)


@dataclass(frozen=True)
class Figure:
    """An inline SVG with words for those who cannot see it."""

    svg: str
    alt: str
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class Lines:
    """Plain sentences, each a point of its own."""

    lines: Sequence[str]
    kind: str = "lines"


@dataclass(frozen=True)
class Details:
    """A block that opens: a heading with a number, a sentence, a table or words in its place."""

    title: str
    count: Metric
    says: str
    grid: Grid | None
    otherwise: str = ""
    kind: str = "details"


Block = Tile | Grid | Figure | Lines | Details


@dataclass(frozen=True)
class PageSection:
    """A section: heading, one sentence that says what it shows, blocks."""

    id: str
    title: str
    lead: str
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def tiles(self) -> list[Tile]:
        return [b for b in self.blocks if isinstance(b, Tile)]

    @property
    def others(self) -> list[Block]:
        return [b for b in self.blocks if not isinstance(b, Tile)]


def word(term: str) -> str:
    """A term of a vocabulary as people read it."""
    return term.replace("_", " ") or "whole set"


def shares(ledger: Ledger, section: str, metric: str, tally: Mapping[str, int],
           say: Callable[[str], str] = word) -> list[list[Cell]]:
    """Rows (term as `say` words it, count, share of the whole), greatest first."""
    whole = sum(tally.values())
    return [
        [say(term), ledger.add(section, metric, count, group=term),
         ledger.add(section, f"{metric}_share", count / whole, "share", group=term)]
        for term, count in sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    ]
