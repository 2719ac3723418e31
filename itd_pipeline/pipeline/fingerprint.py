"""What decides the content of a partition, as one hash: code, settings, files outside, inputs.

Belongs here: hashing. A comment changed in a room counts as a change of code: computing once too often costs
seconds (answers of models are kept), computing once too seldom ships stale rows.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import canonical_json
from itd_pipeline.storage.lake import sha256_of

_PACKAGE = Path(__file__).resolve().parent.parent
_SHARED = ("tables", "ports.py", "quality")  # a new check asks for a new verdict


@cache
def code_version(rooms: tuple[str, ...]) -> str:
    """Hash of the source files of rooms and of the contracts they work on."""
    digest = hashlib.sha256()
    for room in sorted({*rooms, *_SHARED}):
        place = _PACKAGE / room
        inside = [place] if place.is_file() else sorted(place.rglob("*"))
        files = [path for path in inside if path.is_file() and path.suffix != ".pyc"]
        for file in files:
            digest.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0")
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def library_version(distribution: str) -> str:
    """Installed version of a distribution."""
    return importlib.metadata.version(distribution)


def files_digest(files: Mapping[str, Path]) -> dict[str, str]:
    """Name -> SHA-256 of each file; `unreadable` where it cannot be opened, which the reader then reports."""
    found = {}
    for name, path in sorted(files.items()):
        try:
            found[name] = sha256_of(path)
        except OSError as error:
            found[name] = f"unreadable: {type(error).__name__}"
    return found


def input_keys(stage: Stage, stages: Mapping[str, Stage], scope: Scope) -> list[tuple[str, str]]:
    """(stage, partition) pairs that a stage reads: the same source, or every built source where it is global."""
    keys: list[tuple[str, str]] = []
    for name in stage.upstream:
        if not stages[name].partitioned:
            keys.append((name, ""))
        elif stage.partitioned:
            keys.append((name, scope.partition))
        else:
            keys.extend((name, source) for source in scope.built(name))
    return keys


def basis(stage: Stage, scope: Scope) -> str:
    """Hash of the code, libraries and settings of `stage` in `scope`."""
    parts = {
        "stage": stage.name,
        "partition": scope.partition,
        "code": code_version(stage.rooms),
        "libraries": {name: library_version(name) for name in ("pyarrow", *stage.libraries)},
        "params": stage.params(scope),
    }
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:32]


def fingerprint(stage: Stage, scope: Scope, inputs: Mapping[str, str]) -> str:
    """Hash of everything that decides the content of `stage` in `scope`: its basis, files outside and inputs.

    Args:
        inputs: "stage/partition" -> data version.
    """
    parts = {"basis": basis(stage, scope), "outside": stage.outside(scope), "inputs": dict(inputs)}
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:32]
