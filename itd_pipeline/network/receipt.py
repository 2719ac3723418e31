"""What was fetched, beside the file: `NAME.receipt.json`, and beside a part of it: `NAME.part.json`.

Belongs here: the values and their files. Does not belong here: fetching. A receipt holds no clock: the day on which a
file was fetched is given by whoever asked.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import FetchError

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Receipt:
    """What a file is and where it came from.

    Args:
        address: that was asked for, before any redirect.
        sha256: of the file, in hex.
        size: in bytes.
        etag, last_modified: as the server named them; empty where it did not.
        retrieved_on: ISO date on which these bytes came.
    """

    address: str
    sha256: str
    size: int
    etag: str = ""
    last_modified: str = ""
    retrieved_on: str = ""


@dataclass(frozen=True)
class Part:
    """Whose beginning a `.part` file holds.

    Args:
        validator: strong ETag or date of change, with which a server can tell that the rest still fits.
    """

    address: str
    validator: str = ""


def receipt_path(target: Path) -> Path:
    """Where the receipt of a file lies."""
    return target.with_name(f"{target.name}.receipt.json")


def part_path(target: Path) -> Path:
    """Where a file grows until it is whole."""
    return target.with_name(f"{target.name}.part")


def note_path(target: Path) -> Path:
    """Where it is noted whose part that is."""
    return target.with_name(f"{target.name}.part.json")


def read_receipt(target: Path) -> Receipt | None:
    """The receipt of a file, None where there is none.

    Raises:
        FetchError: it is there and cannot be understood.
    """
    path = receipt_path(target)
    content = _read(path)
    if content is None and not path.exists():
        return None
    try:
        receipt: Receipt | None = Receipt(**content)
    except TypeError:
        receipt = None
    if receipt is None or not isinstance(receipt.size, int) or not all(
            isinstance(value, str) for key, value in asdict(receipt).items() if key != "size"):
        raise FetchError(f"The receipt {path} cannot be understood.",
                         "Remove it together with its file, and fetch again.")
    return receipt


def read_note(target: Path) -> Part | None:
    """Whose part lies there; None where that is not known, so that it must be begun again."""
    content = _read(note_path(target))
    if not isinstance(content, dict) or set(content) != {"address", "validator"}:
        return None
    return Part(str(content["address"]), str(content["validator"]))


def write_beside(path: Path, value: Receipt | Part) -> None:
    """Write by one rename, so that nobody ever reads half of it. Raises OSError."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(value), indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def sha256_of(path: Path) -> str:
    """Of a file, in hex. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
