"""A source as lines of a profile, and those lines put into its file, with all its comments left as they are.

Belongs here: the text of a profile. Does not belong here: what a source should say.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from itd_pipeline.errors import ConfigError, ItdError
from itd_pipeline.settings import Settings, Source, load_settings

_ALWAYS = ("reader", "path", "licence")
_KEYS = ("reader", "path", "licence", "attribution", "language", "specialty", "audience", "patient_data", "model_use",
         "retrieved_on", "columns", "options", "routes")
_WIDE = 1 << 20


def source_lines(name: str, source: Source, root: Path) -> list[str]:
    """A source as a block of YAML, its name first, without indentation. Values that are defaults are left out."""
    plain = source.model_dump(mode="json")
    defaults = {key: field.get_default(call_default_factory=True) for key, field in Source.model_fields.items()}
    if source.path is not None:
        plain["path"] = within(source.path, root)
    lines = [f"{name}:"]
    for key in _KEYS:
        value = plain[key]
        default = list(defaults[key]) if isinstance(defaults[key], tuple) else defaults[key]
        if value is None or (key not in _ALWAYS and value == default):
            continue
        lines.append(f"  {key}: {_inline(value)}")
    return lines


def within(path: Path, root: Path) -> str:
    """A path as a profile writes it: from the project where it lies inside, else whole."""
    path = Path(os.path.abspath(path))
    for start in (root, root.resolve()):
        if path.is_relative_to(start):
            return path.relative_to(start).as_posix()
    return path.as_posix()


def insert_source(profile: Path, name: str, source: Source) -> None:
    """Put a source at the end of `sources` in the file of a profile.

    The new file is checked before it takes the place of the old one: it must load, hold the source as given, and
    everything else as before.

    Raises:
        ConfigError: the name is taken, or the lines could not be put in; then the file is as it was.
    """
    before = load_settings(profile)
    if name in before.sources:
        raise ConfigError(f"{profile} has a source {name} already.", "Choose another name with --name.")
    path = profile.resolve()  # a link stays a link
    lines = source_lines(name, source, before.root)
    by_hand = "Put these lines under `sources` by hand:\n" + "\n".join(f"  {line}" for line in lines)
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    fresh: Path | None = None
    try:
        written = with_source(text, name, lines)
        handle, made = tempfile.mkstemp(prefix="profile_", suffix=".yaml", dir=path.parent)
        fresh = Path(made)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(written)
        after = load_settings(fresh)
        _compare(before, after, name, source)
        shutil.copymode(path, fresh)
        fresh.replace(path)
    except (ItdError, OSError, ValueError, IndexError) as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        why = error.problem.replace(str(fresh), str(profile)) if isinstance(error, ItdError) else type(error).__name__
        raise ConfigError(f"{profile} was left as it was: {why}", by_hand) from error


def _compare(before: Settings, after: Settings, name: str, source: Source) -> None:
    """Raises ConfigError where the new file says anything else than the old one and the source."""
    then = before.model_dump(exclude={"sources", "profile"})
    now = after.model_dump(exclude={"sources", "profile"})
    rest = {key: value for key, value in after.sources.items() if key != name}
    there = after.sources.get(name)
    wanted = source if source.path is None else source.model_copy(
        update={"path": Path(within(source.path, before.root))})
    if then != now or dict(before.sources) != rest or there != wanted:
        raise ConfigError("the lines would have changed something else.")


def with_source(text: str, name: str, lines: list[str]) -> str:
    """The text of a profile with a source more. Raises ValueError where its form is not understood."""
    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text.replace("\r\n", "\n"), Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("no mapping")
    found = [value for key, value in root.value if key.value == "sources"]
    if len(found) != 1 or not isinstance(found[0], yaml.MappingNode) or not found[0].value:
        raise ValueError("no sources")
    sources = found[0]
    plain = text.replace("\r\n", "\n")
    changed = _into_braces(plain, sources, name, lines) if sources.flow_style else _below(plain, sources, lines)
    return changed.replace("\n", newline)


def _below(text: str, sources: yaml.MappingNode, lines: list[str]) -> str:
    """After the last source of a block."""
    column = int(sources.value[0][0].start_mark.column)
    inner = next((int(value.value[0][0].start_mark.column) - column for _, value in sources.value
                  if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value), 2)
    block = [" " * column + lines[0], *(" " * (column + max(1, inner)) + line.strip() for line in lines[1:])]
    there = text.split("\n")
    key, value = sources.value[-1]
    at = max(int(key.start_mark.line), _last_line(value) if value.start_mark.index >= key.start_mark.index else 0) + 1
    # Comments that are further in belong to the last source; what follows them is the next section's.
    while at < len(there) and there[at].lstrip().startswith("#") and len(there[at]) - len(there[at].lstrip()) > column:
        at += 1
    if at >= len(there) and there[-1]:
        there.append("")
    return "\n".join([*there[:at], *block, *(there[at:] or [""])])


def _last_line(node: yaml.Node) -> int:
    """The last line that a value takes."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        key, value = last if isinstance(last, tuple) else (last, last)
        own = int(key.start_mark.line)
        return max(own, _last_line(value)) if value.start_mark.index >= key.start_mark.index else own
    line = int(node.end_mark.line)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        buffer = (node.end_mark.buffer or "").split("\n")
        line -= 1
        while line > node.start_mark.line and line < len(buffer) and not buffer[line].strip():
            line -= 1
    return line


def _into_braces(text: str, sources: yaml.MappingNode, name: str, lines: list[str]) -> str:
    """After the last source of a mapping in braces."""
    pairs: Mapping[str, Any] = yaml.safe_load("\n".join(lines))
    key, value = sources.value[-1]
    end = int(value.end_mark.index)
    if value.start_mark.index < key.start_mark.index or text[end - 1] == ":":
        raise ValueError("the last source is an alias or empty")
    return f"{text[:end]}, {name}: {_inline(pairs[name])}{text[end:]}"


def _inline(value: Any) -> str:
    """A value on one line."""
    return yaml.safe_dump([value], default_flow_style=True, width=_WIDE, allow_unicode=True, sort_keys=False)[1:-2]
