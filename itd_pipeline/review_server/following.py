"""The rubric as its file says now: who changes the questions sees them on the next page, without a new start.

A file that cannot be read, or that asks something else under the same version, changes nothing; the lead's page says
so. Belongs here: following the file. Does not belong here: what a rubric is (`review/rubric.py`).
"""

from __future__ import annotations

import threading
from pathlib import Path

from itd_pipeline.errors import ConfigError
from itd_pipeline.review.rubric import Rubric, load_rubric


class Followed:
    """A rubric, and the file it came from.

    Args:
        rubric: in force at the start.
        path: file to follow; None where the rubric stays as it is.
    """

    def __init__(self, rubric: Rubric, path: Path | None = None) -> None:
        self._rubric, self._path = rubric, path
        self._seen: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self.problem = ""
        """Why the file is not followed; empty where it is."""

    def now(self) -> Rubric:
        """The rubric in force."""
        if self._path is None:
            return self._rubric
        try:
            found = self._path.stat()
        except OSError:  # editors write a new file and rename it: for a moment there may be none
            return self._rubric
        with self._lock:
            at = (found.st_mtime_ns, found.st_size)
            if at != self._seen:
                self._seen = at
                self._read(self._path)
            return self._rubric

    def _read(self, path: Path) -> None:
        try:
            fresh = load_rubric(path)
        except ConfigError as error:
            self.problem = f"The rubric was changed and cannot be used: {error.problem} {error.remedy}"
            return
        if fresh != self._rubric and fresh.version == self._rubric.version:
            self.problem = (f"The rubric was changed and is still called version {fresh.version}. Give it a new "
                            "version: answers carry it, and must not be mixed up.")
            return
        self._rubric, self.problem = fresh, ""
