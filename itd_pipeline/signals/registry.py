"""All signals, in the order in which they run: a signal may need columns of those above it.

Belongs here: the list, and the key under which a signal's values are kept. Does not belong here: any signal.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from itd_pipeline.ports import canonical_json
from itd_pipeline.signals import (
    claims,
    contamination,
    entailment,
    exact_duplicates,
    form,
    groundedness,
    injection,
    judge,
    language,
    near_duplicates,
    novelty,
    patient_overlap,
    privacy,
    quality,
    released,
    safety,
    semantic,
    strength,
    strong_order,
)
from itd_pipeline.signals.medical_lint import linting as medical_lint
from itd_pipeline.signals.signal import Signal, Study

REGISTRY: tuple[Signal, ...] = (
    form.SIGNAL,
    language.SIGNAL,
    groundedness.SIGNAL,
    claims.SIGNAL,
    medical_lint.SIGNAL,
    safety.SIGNAL,
    entailment.SIGNAL,
    judge.SIGNAL,
    strength.SIGNAL,
    privacy.SIGNAL,
    patient_overlap.SIGNAL,
    injection.SIGNAL,
    contamination.SIGNAL,
    released.SIGNAL,
    quality.SIGNAL,
    exact_duplicates.SIGNAL,
    near_duplicates.SIGNAL,
    novelty.SIGNAL,
    semantic.SIGNAL,
    strong_order.SIGNAL,
)

KEPT = tuple(signal.keeps.table for signal in REGISTRY if signal.keeps is not None)
"""Tables that signals keep beside their columns."""

_PACKAGE = Path(__file__).resolve().parent.parent
_WORK = ("itd_pipeline.decontamination.", "itd_pipeline.signals.", "itd_pipeline.similarity.", "itd_pipeline.text.")
"""Rooms whose code decides values. Settings reach a signal through its parameters, so their code does not."""
_SEAM = {"itd_pipeline.signals.signal", "itd_pipeline.signals.registry"}


def keys(study: Study) -> Mapping[str, str]:
    """Name of each signal -> hash of its version, code, libraries and parameters, and of the keys of what it needs."""
    found: dict[str, str] = {}
    owner = {column: signal.name for signal in REGISTRY for column in signal.columns}
    for signal in REGISTRY:
        parts = {
            "name": signal.name, "version": signal.version, "columns": signal.columns,
            "code": code_digest(signal.compute.__module__), "parameters": signal.parameters(study),
            "libraries": {name: importlib.metadata.version(name) for name in signal.libraries},
            "needs": {column: found[owner[column]] for column in signal.needs},
        }
        found[signal.name] = hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:24]
    return found


@cache
def code_digest(module: str) -> str:
    """Hash of the source of a module and of all modules of the working rooms that it imports, directly or not."""
    digest = hashlib.sha256()
    for name, source in sorted(sources(module).items()):
        digest.update(name.encode() + b"\0" + source + b"\0")
    return digest.hexdigest()[:24]


def sources(module: str) -> dict[str, bytes]:
    """Source by name of a module and of all modules of the working rooms that it imports, directly or not."""
    pending, seen = [module], dict[str, bytes]()
    while pending:
        name = pending.pop()
        path = None if name in seen or name in _SEAM else _file_of(name)
        if path is not None:
            seen[name] = path.read_bytes()
            pending += _imported(seen[name])
    return seen


def _imported(source: bytes) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.startswith(_WORK)]


def _file_of(module: str) -> Path | None:
    """Source file of a module of this package; None where the name is no module. A room's `__init__` only re-exports,
    so a room as a whole is no dependency."""
    if not module.startswith(_WORK):  # a signal defined in a test
        loaded = sys.modules.get(module)
        return Path(loaded.__file__) if loaded is not None and loaded.__file__ else None
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)
