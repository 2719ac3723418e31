"""Write a folder of files as one thing: all of it or none."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from itd_pipeline.storage.lake import storage_errors


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files below `target`, unless it is there already: its name says its content.

    Args:
        target: folder named by its content's hash.
        files: relative path -> bytes.

    Raises:
        StorageError: the disk is full or not writable; `target` is then not there.
    """
    if target.is_dir():
        return
    scratch = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}"
    with storage_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            for name, content in files.items():
                path = scratch / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            try:
                scratch.rename(target)
            except OSError:
                if not target.is_dir():  # else another process was first, with the same content
                    raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
