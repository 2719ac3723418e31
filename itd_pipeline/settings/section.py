"""A part of a profile, and the checks that several parts share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

NAME = r"^[a-z][a-z0-9_]{0,48}$"
"""What a profile or a source may be called."""


def not_blank(value: Any) -> Any:
    """Refuses a blank path: it would mean the whole project folder."""
    if any(isinstance(part, str) and not part.strip() for part in (value if isinstance(value, list) else [value])):
        raise ValueError("a path is blank; write the path, or leave the key out")
    return value


class Section(BaseModel):
    """A part of the profile: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
