"""A release is named after its content, and its checksums prove it.

The version is `<dataset name>-` and the first 12 hex digits of the SHA-256 over the sorted lines `<sha256>  <path>`
of every file but `SHA256SUMS` and its signature. Five files tell the reader the version: card, datasheet, checklists,
`croissant.json` and `RELEASE.json`. Before they are hashed, the version inside them is replaced by
`<dataset name>-000000000000`; so every byte of every file counts, the card included, and the name can stand inside
what it names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from itd_pipeline.errors import ContractError

CHECKSUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.asc"
_NOT_CONTENT = (CHECKSUMS, SIGNATURE)
SELF_NAMING = ("DATASHEET.md", "CHECKLISTS.md", "README.md", "RELEASE.json", "croissant.json")
DIGITS = 12
VERSION = re.compile(rf"^(?P<name>[a-z][a-z0-9-]{{0,48}})-[0-9a-f]{{{DIGITS}}}$")

_PATH = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$")


def placeholder(name: str) -> str:
    """What stands for the version while it is not yet known."""
    return f"{name}-{'0' * DIGITS}"


def content_version(name: str, files: Mapping[str, bytes], version: str | None = None) -> str:
    """Version of `files`, whose self-naming ones hold `version`, or the placeholder where it is None."""
    lines = []
    for path in sorted(files):
        if path in _NOT_CONTENT:
            continue
        raw = files[path]
        if version is not None and path in SELF_NAMING:
            raw = raw.replace(version.encode(), placeholder(name).encode())
        lines.append(f"{hashlib.sha256(raw).hexdigest()}  {path}\n")
    return f"{name}-{hashlib.sha256(''.join(lines).encode()).hexdigest()[:DIGITS]}"


def checksums(files: Mapping[str, bytes]) -> bytes:
    """`SHA256SUMS` for `files`, as `sha256sum -c` reads it."""
    return "".join(
        f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files) if path not in _NOT_CONTENT
    ).encode()


def safe_path(path: str) -> bool:
    """Whether `path` is a plain relative path: no `..`, no root, no hidden file, no back-slash, no blank."""
    return bool(_PATH.match(path)) and ".." not in PurePosixPath(path).parts


def require_safe(path: str) -> str:
    """`path`, or ContractError where it could lead out of the release folder."""
    if not safe_path(path):
        raise ContractError(
            f"{path!r} cannot be the name of a file in a release.",
            "Use letters, digits, _, -, + and . in names, and / between folders.",
        )
    return path
