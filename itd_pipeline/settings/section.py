"""A part of a profile, and the checks that several parts share."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict

NAME = r"^[a-z][a-z0-9_]{0,48}$"
"""What a profile or a source may be called."""


def not_blank(value: Any) -> Any:
    """Refuses a blank path: it would mean the whole project folder."""
    if any(isinstance(part, str) and not part.strip() for part in (value if isinstance(value, list) else [value])):
        raise ValueError("a path is blank; write the path, or leave the key out")
    return value


def no_key_within(value: str | None) -> str | None:
    """Refuses an address that carries a key: addresses stand in metadata and in releases."""
    if value is None:
        return None
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
    except ValueError:  # no URL at all: whoever sends there says so
        return value
    named = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if "@" in parts.netloc or any(word in name for name in named for word in ("key", "token", "secret", "password")):
        raise ValueError("an address holds no key, user or password; keys come from the environment (key_env)")
    return value


class Section(BaseModel):
    """A part of the profile: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
