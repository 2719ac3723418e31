"""A manifest says what a stage made of one partition: which files, from what, with what accounting.

It is the one commit point: files are written first under names that carry their content's hash, then the manifest
is replaced in one rename. Whoever reads goes through it, so a half-written partition is never visible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from itd_pipeline.errors import StorageError

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StoredFile:
    """One file of a partition: its name on disk, the SHA-256 and size of its bytes, and its rows if it is a table."""

    file: str
    sha256: str
    size: int
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """What a stage made of one partition.

    Args:
        stage: name of the stage.
        partition: name of the source; empty where the stage is not partitioned.
        fingerprint: hash of everything that decided the content: code, settings, files outside, inputs.
        data_version: hash of the content itself; equal content has equal versions on every machine.
        units_in: units that entered, counted at entry.
        rejected: reason -> rows turned away.
        files: `rows`, `rejected` and whatever else the stage wrote.
        inputs: "stage/partition" -> data version read.
        facts: numbers and words about the work; the only place where seconds may stand.
        seconds: wall time of the work.
        basis: hash of the code and settings behind the fingerprint, without what was read: where it is the same, what
            was made of a row that has not changed may be kept.
    """

    stage: str
    partition: str
    fingerprint: str
    data_version: str
    units_in: int
    rejected: Mapping[str, int]
    files: Mapping[str, StoredFile]
    inputs: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    basis: str = ""

    @property
    def rows_out(self) -> int:
        return self.files["rows"].rows or 0

    @property
    def rows_rejected(self) -> int:
        return self.files["rejected"].rows or 0

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, indent=1, ensure_ascii=False)

    @staticmethod
    def read(path: Path) -> Manifest:
        """Raises StorageError naming the file where it cannot be understood."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            files = {name: StoredFile(**stored) for name, stored in raw.pop("files").items()}
            if not {"rows", "rejected"} <= set(files):
                raise KeyError("files")
            return Manifest(files=files, **raw)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise StorageError(f"{path} is not a manifest ({type(error).__name__}).",
                               "Delete its folder and run `itd build`; the stage is then computed anew.") from error
