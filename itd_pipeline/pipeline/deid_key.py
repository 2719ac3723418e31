"""The key that moves patients' dates: its file, who may read it, and what tells one key from another.

Belongs here: making, checking and reading the file. What is done with the key stands in `text.deidentify`.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from pathlib import Path

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Settings

_BYTES = 32


def key_path(settings: Settings) -> Path | None:
    """Where the profile says that the key lies. Raises ConfigError where that is inside the lake."""
    given = settings.deidentification.key
    if given is None:
        return None
    path = settings.resolve(given)
    if path.resolve().is_relative_to(settings.lake_path.resolve()):
        raise ConfigError(f"deidentification.key: {path} lies in the lake.",
                          "Whoever gets the lake must not get the key: name a file elsewhere.")
    return path


def read_key(settings: Settings) -> bytes | None:
    """The key; None where the profile names none, or its file is not there: a run without it works and does not link.

    Raises:
        ConfigError: others may read the file, it cannot be read, or it holds no key.
    """
    path = key_path(settings)
    if path is None or not path.exists():
        return None
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the key cannot be read ({type(error).__name__}).", "Check who owns it.") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path}: others than its owner may read the key.", f"Run `chmod 600 {path}`.")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < _BYTES:
        raise ConfigError(f"{path}: holds no key of {_BYTES} bytes in hexadecimal digits.",
                          "Restore it from a backup, or make a new one with `itd deid key`; dates then move anew.")
    return key


def make_key(settings: Settings) -> Path:
    """Make the key where the profile says, readable by its owner only.

    Raises:
        ConfigError: the profile names no file, one is there already, or it cannot be written.
    """
    path = key_path(settings)
    if path is None:
        raise ConfigError("The profile names no file for the key.",
                          "Set `deidentification.key` to a file outside the lake, such as ~/itd/deid.key.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} is there already.", "It is never replaced: dates would move anew.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({type(error).__name__}).", "Name another file.") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
    return path


def key_name(settings: Settings) -> str:
    """What tells one key from another without telling anything of it; empty where there is none."""
    key = read_key(settings)
    return "" if key is None else hmac.digest(key, b"name", "sha256").hex()[:16]
