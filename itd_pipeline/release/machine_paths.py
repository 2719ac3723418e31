"""The profile without the paths of the machine that it ran on.

A path inside the project folder becomes relative to it. Of a path outside only the last part stays, behind
`outside/`: the folders above it name users, servers and departments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from itd_pipeline.settings import Settings


def without_machine_paths(config: str, settings: Settings) -> str:
    """`config` (the profile as YAML text) with every absolute path of `settings` rewritten."""
    absolute = {path for path in _paths(settings) if path.is_absolute() and path != path.parent}
    # Longest first: a folder is the beginning of the paths inside it.
    for path in sorted(absolute, key=lambda p: (-len(str(p)), str(p))):
        inside = settings.root.is_absolute() and path.is_relative_to(settings.root)
        told = path.relative_to(settings.root).as_posix() if inside else f"outside/{path.name}"
        whole = rf"(?<![\w./-]){re.escape(str(path))}(?![\w.-])"
        config = told.join(re.split(whole, config))
    return config


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _paths(getattr(value, name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from _paths(part)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _paths(part)
