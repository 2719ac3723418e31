"""Reading a profile from its file; every wrong key is named together with the valid ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings.profile import Settings


def load_settings(profile: str | Path) -> Settings:
    """Read a profile by name (`demo` -> `conf/demo.yaml` here) or by path.

    Raises:
        ConfigError: the file is missing, is not YAML, or a key or value is wrong; every wrong key is named
            together with the valid ones.
    """
    path = Path(profile)
    if path.suffix not in {".yaml", ".yml"}:
        path = Path("conf") / f"{profile}.yaml"
    if not path.is_file():
        there = sorted(p.stem for p in path.parent.glob("*.yaml") if p.stem != "policy")
        raise ConfigError(f"There is no profile {str(path)!r}.", f"Profiles here: {', '.join(there) or 'none'}.")
    content = _read_yaml(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a profile is a mapping of keys to values.", "See conf/full.yaml.")
    if "root" in content:
        raise ConfigError(f"{path}: root is not a key of a profile.", f"Valid keys: {_valid_keys(Settings)}.")
    folder = path.resolve().parent
    root = folder.parent if folder.name == "conf" else folder
    content.setdefault("profile", path.stem)
    try:
        return Settings(**content, root=root)
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(_explain(e) for e in error.errors()) + ".",
                          "See conf/full.yaml for every key with its meaning.") from error


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key twice in a mapping, where the last one would win in silence."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        first: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if (key.tag, key.value) in first:
                raise _BadKey(f"the key {key.value!r} stands twice, first in line {first[key.tag, key.value]}", line)
            first[key.tag, key.value] = line
        return node

    def names(self, node: yaml.Node | None) -> None:
        """Raises `_BadKey` where a key of the whole document is a number, date or mapping and not a name."""
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}:
                written = repr(key.value) if isinstance(key, yaml.ScalarNode) else "made of several values"
                raise _BadKey(f"the key {written} is not a name", key.start_mark.line + 1)


class _BadKey(Exception):
    def __init__(self, problem: str, line: int) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem)


def _read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises ConfigError with the line."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        loader.names(node)
        content = None if node is None else loader.construct_document(node)
        loader.names(node)  # again: what `<<` merged in now stands there too
        return content
    except _BadKey as error:
        raise ConfigError(f"{path}, line {error.line}: {error.problem}.",
                          "Leave one of each key, written as a word.") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not readable as YAML: nested too deeply.", "Mend the brackets there.") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not readable as YAML.", "Mend the syntax there.") from error


def _valid_keys(section: type[BaseModel]) -> str:
    return ", ".join(name for name in section.model_fields if name != "root")


def _explain(error: Any) -> str:
    """One pydantic error in words: where, what is wrong, what is allowed."""
    location = [str(part) for part in error["loc"]]
    where = ".".join(location)
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}" if where else str(error["msg"])
    section = max((path for path in SECTIONS if _leads_to(path, location[:-1])), key=len)
    valid = [name for name in SECTIONS[section].model_fields if name != "root"]
    close = difflib.get_close_matches(location[-1], valid, n=1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"unknown key {where!r}{meant}; valid keys: {', '.join(valid)}"


def _leads_to(path: tuple[str, ...], location: list[str]) -> bool:
    """Whether a section's place, with its names of anything, is the beginning of a location."""
    return len(path) <= len(location) and all(a in ("NAME", b) for a, b in zip(path, location, strict=False))


def _sections(section: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...],
                                                                                       type[BaseModel]]]:
    yield path, section
    for name, field in section.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _sections(kind, (*path, name) if kind is field.annotation else (*path, name, "NAME"))


SECTIONS: dict[tuple[str, ...], type[BaseModel]] = dict(_sections(Settings))
"""Every section by its place in the profile; NAME stands for a name that a team gives."""
