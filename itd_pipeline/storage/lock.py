"""One build at a time on a lake, and one profile to a lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itd_pipeline.errors import StorageError
from itd_pipeline.storage.lake import storage_errors, write_atomically

try:
    import fcntl
except ImportError:  # not a POSIX system: builds there must not overlap
    fcntl = None  # type: ignore[assignment]


@contextmanager
def exclusive(lake: Path, profile: str) -> Iterator[None]:
    """Hold the lake for one build of one profile; the operating system lets go when the process ends.

    Raises:
        StorageError: another build holds it, it belongs to another profile, or it cannot be written.
    """
    with storage_errors(lake):
        lake.mkdir(parents=True, exist_ok=True)
        handle = (lake / ".lock").open("w")
    with handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StorageError(f"Another build works on {lake}.",
                                   "Wait until it has ended, or stop it; then run the same command.") from error
        _claim(lake, profile)
        yield


def _claim(lake: Path, profile: str) -> None:
    """Two profiles on one lake would overwrite each other's shared tables and read each other's reviews."""
    owner = lake / "profile"
    if not owner.is_file():
        write_atomically(owner, profile.encode())
    elif owner.read_text(encoding="utf-8") != profile:
        raise StorageError(f"{lake} belongs to profile {owner.read_text(encoding='utf-8')}, not to {profile}.",
                           "Give each profile a `lake` of its own (and a folder `review.returned`).")
