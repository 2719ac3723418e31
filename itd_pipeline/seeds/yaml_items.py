"""Seeds in YAML: a mapping of file-wide defaults with a list `seeds`, or such a list alone.

Every scalar is read as the text that was written: YAML's own guesses turn `no` into a truth value and 2024-01-01
into a date, and neither is what an expert meant. Aliases and repeated keys are refused, as both lose or multiply
text unseen. Where the file as a whole cannot be read, its list is cut at its dashes and each item is read on its
own, so that one forgotten quote does not block the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from itd_pipeline.seeds.item import Fault, Item, has_broken_utf8, normalised_name

_NULLS = ("", "~", "null", "Null", "NULL")
_HINT = "not readable as YAML; put a text that holds ': ' or ' #' in quotes or under '|'"
_UNREADABLE = (yaml.YAMLError, RecursionError)


class _TextLoader(yaml.BaseLoader):
    """Builds text, lists and mappings, nothing else."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            untyped: Any = self
            raise yaml.composer.ComposerError(None, None, "alias", untyped.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_scalar(self, node: Any) -> Any:
        plain = node.style is None
        return None if plain and node.value in _NULLS else super().construct_scalar(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = normalised_name(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in seen:
                raise yaml.constructor.ConstructorError(None, None, "key", key.start_mark)
            seen.add(name)
        return {str(name): value for name, value in super().construct_mapping(node, deep=True).items()}


def yaml_items(raw: bytes) -> Iterator[Item | Fault]:
    """Bytes of a YAML file -> its items in order, and faults.

    File-wide defaults are merged into each item, whose own cells win. Reasons of faults: `malformed_file`,
    `malformed_row`, `invalid_utf8`, `empty_file`.
    """
    text = raw.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n")
    try:
        content = _load(text)
    except _UNREADABLE as error:
        yield from _salvage(text, error)
        return
    if content is None:
        yield Fault("", "empty_file", "the file holds no seeds", {"text": text})
        return
    defaults, seeds = _defaults(content) if isinstance(content, dict) else ({}, content)
    if not isinstance(seeds, list):
        yield Fault("", "malformed_file", "no list of seeds; write a top-level key `seeds` with one `- ` per seed",
                    {"text": text})
        return
    for number, seed in enumerate(seeds, start=1):
        yield _item(f"item {number}", seed, defaults)


def _load(text: str) -> Any:
    return yaml.load(text, _TextLoader)


def _defaults(content: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    named = {normalised_name(key): value for key, value in content.items()}
    seeds = named.pop("seeds", None)
    named.pop("notice", None)
    return named, seeds


def _item(place: str, seed: Any, defaults: dict[str, Any]) -> Item | Fault:
    if not isinstance(seed, dict):
        return Fault(place, "malformed_row", "not a seed; a seed is a list of `name: value` lines", {"value": seed})
    return Item(place, defaults | {normalised_name(key): value for key, value in seed.items()})


def _salvage(text: str, error: BaseException) -> Iterator[Item | Fault]:
    """Items of a file that is not YAML as a whole, each read on its own."""
    lines = text.split("\n")
    head, starts, end = _cut(lines)
    reason = "invalid_utf8" if has_broken_utf8(head) else "malformed_file"
    try:
        outside = _load(head)
    except _UNREADABLE as head_error:
        error, starts = head_error, []
    if not starts:
        detail = "not UTF-8; save the file as UTF-8" if reason == "invalid_utf8" else f"{_where(error, 0)}: {_HINT}"
        yield Fault("", reason, detail, {"text": text})
        return
    defaults = _defaults(outside)[0] if isinstance(outside, dict) else {}
    for number, (first, after) in enumerate(zip(starts, [*starts[1:], end], strict=True), start=1):
        part = "\n".join(lines[first:after])
        place = f"item {number}"
        if has_broken_utf8(part):
            yield Fault(place, "invalid_utf8", f"line {first + 1} on: not UTF-8; save the file as UTF-8",
                        {"text": part})
            continue
        try:
            seed = _load(part)
        except _UNREADABLE as part_error:
            yield Fault(place, "malformed_row", f"{_where(part_error, first)}: {_HINT}", {"text": part})
            continue
        yield _item(place, seed[0] if isinstance(seed, list) and len(seed) == 1 else seed, defaults)


def _cut(lines: list[str]) -> tuple[str, list[int], int]:
    """Text outside the list, first lines of its items, and the line after the list.

    A line that begins with a dash at the indentation of the list always begins an item: whatever belongs to an
    item is indented further.
    """
    top = next((i for i, line in enumerate(lines) if re.match(r"seeds\s*:\s*(#.*)?$", line)), None)
    if top is None:
        return "\n".join(lines), [], len(lines)
    dash = next((m for m in (re.match(r"( *)-(\s|$)", line) for line in lines[top + 1:]) if m), None)
    indent = dash.group(1) if dash else ""
    item = re.compile(rf"{indent}-(\s|$)")
    end = next((i for i in range(top + 1, len(lines)) if re.match(r"[^\s#-]", lines[i])), len(lines))
    starts = [i for i in range(top + 1, end) if item.match(lines[i])]
    return "\n".join([*lines[:top], *lines[end:]]), starts, end


def _where(error: BaseException, offset: int) -> str:
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if not mark:
        return f"line {offset + 1} on"
    since = f" (begun in line {offset + begun.line + 1})" if begun and begun.line < mark.line else ""
    return f"line {offset + mark.line + 1}, column {mark.column + 1}{since}"
