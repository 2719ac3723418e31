"""Files of seeds -> batches, one per file: rows of `tables.records.SEEDS` and the rejects.

Belongs here: opening files, finding twins across files, accounting. Does not belong here: any file format or what
a cell may hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from itd_pipeline.errors import SourceError
from itd_pipeline.ports import Batch, content_id, reject
from itd_pipeline.seeds.columns import COLUMNS
from itd_pipeline.seeds.find import SUFFIXES
from itd_pipeline.seeds.item import Fault, Item
from itd_pipeline.seeds.jsonl_items import jsonl_items
from itd_pipeline.seeds.record import SOURCE, Problems, same_content, seed_row, shown_name
from itd_pipeline.seeds.sheet_items import sheet_items
from itd_pipeline.seeds.table_items import csv_items
from itd_pipeline.seeds.yaml_items import yaml_items
from itd_pipeline.tables.records import SEEDS
from itd_pipeline.tables.rejects import REJECTS

_FORMATS: dict[str, Callable[[bytes], Iterator[Item | Fault]]] = {
    ".yaml": yaml_items,
    ".yml": yaml_items,
    ".jsonl": jsonl_items,
    ".csv": csv_items,
    ".tsv": csv_items,
    ".xlsx": sheet_items,
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_seeds(files: Sequence[tuple[str, Path]]) -> Iterator[Batch]:
    """Files as `seed_files` names them -> one batch per file, in their order.

    A unit is a seed as written, or a file that holds none or cannot be read: units_in == rows + rejects. The
    first of two seeds with the same content is kept, whichever file it stands in.

    Reasons of rejects: `wrong_cell`, `missing_cell`, `unknown_column`, `duplicate_seed`, `duplicate_id`,
    `malformed_row`, `malformed_file`, `invalid_utf8`, `empty_file`. Each detail names file, place and column and
    what is allowed there.

    Raises:
        SourceError: a file cannot be opened, or is of no format that seeds are read from.
    """
    known = Known()
    for position, (name, path) in enumerate(files):
        yield _read_file(name, position, path, known)


class Known:
    """What earlier rows and files have claimed: content and ids, each with the place it stands at."""

    def __init__(self) -> None:
        self.contents: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def claim(self, row: dict[str, Any], seed_id: str | None, place: str) -> Problems | None:
        """Enter a row, or say which earlier one it repeats."""
        content = same_content(row)
        if content in self.contents:
            where = self.contents[content]
            return Problems("duplicate_seed", f"same instruction, input, output and options as {where}")
        if seed_id is not None and seed_id in self.ids:
            return Problems("duplicate_id", f"id: the same as of {self.ids[seed_id]}; give each seed its own")
        self.contents[content] = place
        if seed_id is not None:
            self.ids[seed_id] = place
        return None


def _read_file(name: str, position: int, path: Path, known: Known) -> Batch:
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    unknown_columns: Counter[str] = Counter()
    units_in = 0

    def turn_away(place: str, reason: str, detail: str, content: dict[str, Any]) -> None:
        where = f"{name}, {place}" if place else name
        row_id = content_id("seed-row", name, str(position), str(units_in))
        turned = reject(SOURCE, "", row_id, reason, f"{where}: {detail}", content)
        # Bytes that were not UTF-8 become visible escapes, as Arrow text must be valid.
        turned["row"] = turned["row"].encode("utf-8", "backslashreplace").decode("utf-8")
        rejects.append(turned)

    for item in items_of(name, path):
        units_in += 1
        if isinstance(item, Fault):
            turn_away(item.place, item.reason, item.detail, dict(item.content))
            continue
        unknown_columns.update(shown_name(column) for column in item.cells if column not in COLUMNS)
        place, seed_id = place_of(item)
        row = seed_row(item.cells)
        problems = row if isinstance(row, Problems) else known.claim(row, seed_id, f"{name}, {place}")
        if problems is not None:
            turn_away(place, problems.reason, problems.detail, dict(item.cells))
        elif not isinstance(row, Problems):
            rows.append(row)
    facts = {
        "seeds_by_file": {name: len(rows)},
        "seeds_without_citation": sum(not row["citations"] for row in rows),
        "unknown_columns": dict(sorted(unknown_columns.items())),
    }
    return Batch(SEEDS.from_rows(rows), REJECTS.from_rows(rejects), units_in, facts=facts)


def items_of(name: str, path: Path) -> Iterator[Item | Fault]:
    """Items and faults of one file; a file without any is a fault itself."""
    items = _FORMATS.get(path.suffix.lower())
    if items is None:
        raise SourceError(f"{name}: not a format that seeds are read from.", f"Formats: {', '.join(SUFFIXES)}.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{name}: cannot be opened ({type(error).__name__}).",
                          "Check that the file is there and may be read.") from error
    if raw.startswith(_UTF16):
        whole = raw.decode("utf-16", "replace")
        yield Fault("", "invalid_utf8", "the file is UTF-16; save it as UTF-8", {"text": whole})
        return
    empty = True
    if raw.strip():
        for item in items(raw):
            empty = False
            yield item
    if empty:
        yield Fault("", "empty_file", "the file holds no seeds", {"bytes": len(raw)})


def place_of(item: Item) -> tuple[str, str | None]:
    """Where the item stands, with the authors' id where it has a proper one; and that id."""
    written = item.cells.get("id")
    if isinstance(written, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", written.strip()):
        return f"{item.place} ({written.strip()})", written.strip()
    return item.place, None
