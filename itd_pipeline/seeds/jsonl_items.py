"""Seeds in JSON Lines: one object per line. Blank lines are no rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from itd_pipeline.seeds.item import Fault, Item, has_broken_utf8, normalised_name


def jsonl_items(raw: bytes) -> Iterator[Item | Fault]:
    """Bytes of a JSONL file -> its items in order, and faults (`malformed_row`, `invalid_utf8`)."""
    text = raw.decode("utf-8-sig", "surrogateescape")
    # Not splitlines(): it also cuts at characters that may stand inside a JSON text.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _item(f"line {number}", line)


def _item(place: str, line: str) -> Item | Fault:
    if has_broken_utf8(line):
        return Fault(place, "invalid_utf8", "not UTF-8; save the file as UTF-8", {"text": line})
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return Fault(place, "malformed_row", f"column {error.colno}: not readable as JSON", {"text": line})
    except (ValueError, RecursionError) as error:
        kind = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Fault(place, "malformed_row", kind, {"text": line})
    if not isinstance(value, dict):
        return Fault(place, "malformed_row", "not an object; write {\"instruction\": ..., ...}", {"text": line})
    return Item(place, {normalised_name(key): cell for key, cell in value.items()})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({normalised_name(key) for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON numbers")
