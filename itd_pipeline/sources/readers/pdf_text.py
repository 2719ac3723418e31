"""Text of a PDF in reading order: columns one after the other, without running heads, page numbers and line numbers.

Belongs here: from places on a page to paragraphs. Does not belong here: which files are documents (`pdf.py`).

A PDF holds characters at places and nothing else. Characters become segments (pieces of a line without a wide gap),
segments become lines of one or two columns, lines become paragraphs. What stands in the margins of many pages, and
numbers that count the lines of a draft, are furniture and left out.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.outline import Outline, fold

_MOST_PAGES = 5000
_MOST_PIECES = 60_000
"""Pieces of text on one page. A dense page has 10,000 characters."""
_MARGIN = 0.09
"""Share of a page's height at its top and bottom where running heads stand."""
_GAP = 1.6
"""Heights of a character from which a gap parts two segments of a line."""
_NUMBER = re.compile(r"\d{1,5}")
_PAGE_NUMBER = re.compile(r"(?i)(?:page\s*)?[-–—\s]*(?:\d{1,4}|[ivxlc]{1,6})[-–—\s]*(?:(?:of|/)\s*\d{1,4})?")
_BULLET = re.compile(r"^(?:[•●◦▪■‣∙·\uf0b7o][ \t]|[-–*][ \t]|\(?(?:\d{1,2}|[a-zA-Z])[.)][ \t])")
_SENTENCE_END = re.compile(r"[.!?:;][\"')\]”’]*$")


@dataclass(frozen=True)
class Segment:
    """A piece of a line: its text, left, bottom, right and top in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return max(1.0, self.top - self.bottom)


@dataclass(frozen=True)
class Page:
    """Segments of a page, from the top down, and its size in points."""

    segments: tuple[Segment, ...]
    width: float
    height: float


def pdf_outline(data: bytes, outline: Outline) -> int:
    """Write the paragraphs of a PDF; headings are short lines in larger letters. Returns the number of pages.

    Raises:
        FileProblem: `malformed_pdf`, `encrypted_file`, `too_many_pages`.
    """
    pages = list(_pages(data))
    furniture = _furniture(pages)
    numbered = sum(len(_line_numbers(page)) >= 5 for page in pages) >= max(1, len(pages) // 4)
    blocks: list[tuple[str, float]] = []
    heights = [s.height for page in pages for s in page.segments if len(s.text) > 3]
    usual = statistics.median(heights) if heights else 10.0
    for page in pages:
        dropped = _line_numbers(page) if numbered else frozenset()
        kept = [s for n, s in enumerate(page.segments) if n not in dropped and not _is_furniture(s, page, furniture)]
        fresh = True
        for text, height in _paragraphs(_columns(kept, page.width)):
            if fresh and blocks and _goes_on(blocks[-1][0], text):
                blocks[-1] = (_joined(blocks[-1][0], text), blocks[-1][1])
            else:
                blocks.append((text, height))
            fresh = False
    for text, height in blocks:
        if height > 1.25 * usual and len(text.split()) <= 16 and not text.endswith("."):
            outline.heading(text, 1 if height > 1.6 * usual else 2)
        else:
            outline.paragraph(text)
    outline.close()
    return len(pages)


def _pages(data: bytes) -> Iterator[Page]:
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        document = pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        locked = "assword" in str(error)
        raise FileProblem("encrypted_file" if locked else "malformed_pdf",
                          "needs a password" if locked else "cannot be opened") from error
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise FileProblem("too_many_pages", f"pages={count} most={_MOST_PAGES}")
        for number in range(count):
            try:
                page = document[number]
                text = page.get_textpage()
                width, height = page.get_size()
                yield Page(tuple(_segments(text)), width, height)
                text.close()
                page.close()
            except PdfiumError as error:
                raise FileProblem("malformed_pdf", f"page {number + 1} cannot be read") from error
    finally:
        document.close()


def _segments(page: Any) -> list[Segment]:
    boxes = sorted((page.get_rect(n) for n in range(min(page.count_rects(), _MOST_PIECES))),
                   key=lambda box: (-round(box[1] + box[3]) // 2, box[0]))
    rows: list[list[tuple[float, float, float, float]]] = []
    for box in sorted(boxes, key=lambda box: -(box[1] + box[3])):
        middle = (box[1] + box[3]) / 2
        row = rows[-1] if rows else None
        if row is not None and min(b[1] for b in row[-8:]) - 0.5 <= middle <= max(b[3] for b in row[-8:]) + 0.5:
            row.append(box)
        else:
            rows.append([box])
    found: list[Segment] = []
    for row in rows:
        row.sort()
        height = statistics.median(max(1.0, box[3] - box[1]) for box in row)
        run = list(row[0])
        for box in [*row[1:], None]:
            if box is not None and box[0] - run[2] <= _GAP * max(height, 7.0):
                run = [run[0], min(run[1], box[1]), max(run[2], box[2]), max(run[3], box[3])]
                continue
            text = fold(page.get_text_bounded(run[0] - 0.5, run[1] - 0.5, run[2] + 0.5, run[3] + 0.5)
                        .replace("\x02", "-").replace("\ufffe", "-").replace("\x00", ""))
            if text:
                found.append(Segment(text, run[0], run[1], run[2], run[3]))
            if box is not None:
                run = list(box)
    return sorted(found, key=lambda s: (-s.top, s.left))


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower())


def _in_margin(segment: Segment, page: Page) -> bool:
    return segment.bottom > page.height * (1 - _MARGIN) or segment.top < page.height * _MARGIN


def _furniture(pages: Sequence[Page]) -> frozenset[str]:
    """Texts that stand in the margins of many pages, digits aside."""
    counts = Counter(key for page in pages for key in {_key(s.text) for s in page.segments if _in_margin(s, page)})
    least = max(3, len(pages) // 5)
    return frozenset(key for key, count in counts.items() if count >= least)


def _is_furniture(segment: Segment, page: Page, furniture: frozenset[str]) -> bool:
    return _in_margin(segment, page) and (
        _key(segment.text) in furniture or _PAGE_NUMBER.fullmatch(segment.text) is not None)


def _line_numbers(page: Page) -> frozenset[int]:
    """Positions of segments that count the lines: numbers at one left edge, each one more than the one above."""
    numbers = [(n, s) for n, s in enumerate(page.segments) if _NUMBER.fullmatch(s.text)]
    if len(numbers) < 3:
        return frozenset()
    edge = Counter(round(s.right / 4) for _, s in numbers).most_common(1)[0][0]
    column = [(n, int(s.text)) for n, s in numbers if abs(s.right / 4 - edge) <= 1.5]
    steps = sum(later - earlier == 1 for (_, earlier), (_, later) in pairwise(column))
    left_of_text = all(page.segments[n].right <= min(
        (s.left for s in page.segments if len(s.text) > 12), default=page.width) for n, _ in column)
    return frozenset(n for n, _ in column) if left_of_text and steps >= 0.7 * (len(column) - 1) and steps >= 2 \
        else frozenset()


def _columns(segments: Sequence[Segment], width: float) -> list[list[Segment]]:
    """Lines in reading order, each a list of segments from left to right; None of two columns is mixed."""
    gutter = _gutter(segments, width)
    if gutter is None:
        return _lines(segments)
    ordered: list[list[Segment]] = []
    band: list[Segment] = []
    for segment in segments:
        if segment.left < gutter - 2 and segment.right > gutter + 2:
            ordered += _both(band, gutter)
            ordered.append([segment])
            band = []
        else:
            band.append(segment)
    return ordered + _both(band, gutter)


def _both(band: Sequence[Segment], gutter: float) -> list[list[Segment]]:
    left = [s for s in band if (s.left + s.right) / 2 < gutter]
    right = [s for s in band if (s.left + s.right) / 2 >= gutter]
    return _lines(left) + _lines(right)


def _gutter(segments: Sequence[Segment], width: float) -> float | None:
    """Where a page in two columns is parted; None where it has one."""
    text = [s for s in segments if len(s.text) > 8]
    if len(text) < 16:
        return None
    best: tuple[int, float] | None = None
    for step in range(30, 71):
        x = width * step / 100
        crossing = sum(s.left < x < s.right for s in text)
        if best is None or (crossing, abs(step - 50)) < (best[0], abs(best[1] / width * 100 - 50)):
            best = (crossing, x)
    assert best is not None
    crossing, x = best
    left = [s for s in text if s.right <= x]
    right = [s for s in text if s.left >= x]
    if crossing > 0.2 * len(text) or min(len(left), len(right)) < 0.25 * len(text):
        return None
    # Text columns are wide and stand side by side; a table has short cells.
    wide = all(statistics.median(s.right - s.left for s in side) > 0.22 * width for side in (left, right))
    return x if wide else None


def _lines(segments: Sequence[Segment]) -> list[list[Segment]]:
    lines: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-(s.top + s.bottom) / 2, s.left)):
        last = lines[-1][0] if lines else None
        middle = (segment.top + segment.bottom) / 2
        if last is not None and last.bottom <= middle <= last.top:
            lines[-1].append(segment)
        else:
            lines.append([segment])
    return [sorted(line, key=lambda s: s.left) for line in lines]


def _paragraphs(lines: Sequence[Sequence[Segment]]) -> Iterator[tuple[str, float]]:
    """(text, height of its letters) of each paragraph."""
    if not lines:
        return
    pitches = [above[0].bottom - below[0].bottom for above, below in pairwise(lines)
               if 0 < above[0].bottom - below[0].bottom < 60]
    pitch = statistics.median(pitches) if pitches else 14.0
    right = statistics.quantiles([line[-1].right for line in lines], n=10)[8] if len(lines) > 1 else lines[0][-1].right
    text, height, last = "", 0.0, lines[0]
    for line in lines:
        said = " ".join(segment.text for segment in line)
        tall = max(segment.height for segment in line)
        drop = last[0].bottom - line[0].bottom
        short = last[-1].right < right - 0.2 * max(1.0, right - last[0].left)
        new = not text or drop > 1.45 * pitch or drop < 0 or _BULLET.match(said) is not None \
            or abs(tall - height) > 0.3 * max(tall, height) or (short and _SENTENCE_END.search(text) is not None)
        if drop < 0 and text and _goes_on(text, said):
            new = False  # the next column goes on in mid-sentence
        if new:
            if text:
                yield text, height
            text, height = said, tall
        else:
            text = _joined(text, said)
        last = line
    if text:
        yield text, height


def _goes_on(before: str, after: str) -> bool:
    return not _SENTENCE_END.search(before) and (after[:1].islower() or before.endswith(("-", ",")))


def _joined(before: str, after: str) -> str:
    """Two lines as one; a word that was parted at the end of a line is put together."""
    if before.endswith("-") and after[:1].islower() and before[-2:-1].isalpha():
        return before[:-1] + after
    return f"{before} {after}"
