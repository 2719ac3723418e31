"""A document's text put together piece by piece, with its sections: what every reader of structured formats needs.

Belongs here: paragraphs, lists, tables and headings as plain text with offsets. Does not belong here: any format.

Blocks are separated by an empty line. A heading is a line of its own; the section's body begins after it. A table row
is one line: `header: value; header: value`, or `value; value` where the table has no headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.sources.items import Section

_BLOCK_END = "\n\n"


@dataclass
class _Open:
    title: str
    code: str
    level: int
    start: int


class Outline:
    """Builds `text` and `sections`. Calls come in the order of the document."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._closed: list[Section] = []

    def heading(self, title: str, level: int = 1, code: str = "") -> None:
        """Begin a section. Sections of the same or a deeper level end here; a blank title makes no line of text."""
        self.close(level)
        title = fold(title)
        if title:
            self._block(title)
        start = self._length + (len(_BLOCK_END) if self._pieces else 0)
        self._open.append(_Open(title, code, max(1, level), start))

    def close(self, level: int = 1) -> None:
        """End the open sections of this level and deeper ones."""
        while self._open and self._open[-1].level >= level:
            last = self._open.pop()
            if last.start < self._length:
                self._closed.append(Section(last.title, last.start, self._length, last.level, last.code))

    def paragraph(self, text: str, keep_lines: bool = False) -> None:
        """A paragraph with folded white space; `keep_lines` keeps its line breaks. Blank ones leave nothing."""
        self._block(lines(text) if keep_lines else fold(text))

    def items(self, texts: Sequence[str], numbered: bool = False) -> None:
        """A list, one item per line."""
        written = [text for text in map(fold, texts) if text]
        self._block("\n".join(f"{n}. {text}" if numbered else f"- {text}" for n, text in enumerate(written, 1)))

    def table(self, rows: Sequence[Sequence[str]], header: Sequence[str] = (), caption: str = "") -> None:
        """A table, caption first. Empty cells are left out, rows without any cell too."""
        names = [fold(name) for name in header]
        written = [fold(caption)] if fold(caption) else []
        if names and not rows:
            written.append("; ".join(name for name in names if name))
        for row in rows:
            cells = [fold(cell) for cell in row]
            named = [f"{names[i]}: {cell}" if i < len(names) and names[i] and names[i] != cell else cell
                     for i, cell in enumerate(cells) if cell]
            if named:
                written.append("; ".join(named))
        self._block("\n".join(written))

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._pieces)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Sections with text, in order of their start, outer before inner; ends all that are open."""
        self.close(1)
        return tuple(sorted(self._closed, key=lambda section: (section.start, -section.end, section.level)))

    def _block(self, text: str) -> None:
        if not text:
            return
        if self._pieces:
            text = _BLOCK_END + text
        self._pieces.append(text)
        self._length += len(text)


def fold(text: str) -> str:
    """One line with single spaces."""
    return " ".join(text.split())


def lines(text: str) -> str:
    """Lines with single spaces, without blank ones."""
    return "\n".join(line for line in map(fold, text.splitlines()) if line)
