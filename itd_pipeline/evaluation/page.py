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

Unit = Literal["count", "share", "usd", "score", "words"]


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
        if self.value is None:
            return "not measured"
        if self.unit == "share":
            return f"{100 * self.value:.1f} %"
        if self.unit == "usd":
            small = 0 < self.value < 1
            return f"${self.value:,.{max(2, 1 - math.floor(math.log10(self.value))) if small else 2}f}"
        if self.unit == "score":
            return f"{self.value:.2f}".replace("-", "\u2212")
        return f"{self.value:,.0f}" if float(self.value).is_integer() else f"{self.value:,.1f}"


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
    """A table. With `heat`, cells with numbers are shaded by their share of the greatest."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    heat: bool = False
    folded: bool = False
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


Block = Tile | Grid | Figure | Lines


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
