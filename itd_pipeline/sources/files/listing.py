"""Which files a path holds: sorted, without hidden ones, without links that leave the folder.

Belongs here: walking a folder and telling files from what only looks like one. Does not belong here: opening them.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from itd_pipeline.errors import SourceError
from itd_pipeline.sources.files.streams import FileProblem, unreadable
from itd_pipeline.sources.items import SourceFile


@dataclass(frozen=True)
class Entry:
    """A file of the source, or what stands in its place.

    Args:
        name: relative to the source, with forward slashes.
        path: absolute path.
        problem: why it must not be opened; None for a regular file.
    """

    name: str
    path: Path
    problem: FileProblem | None = None


@dataclass(frozen=True)
class Listing:
    """Entries by name, and how many other files lay beside them."""

    entries: tuple[Entry, ...]
    skipped: int = 0

    @property
    def files(self) -> list[SourceFile]:
        """The entries that may be opened."""
        return [SourceFile(e.name, e.path) for e in self.entries if e.problem is None]


def list_path(reader: str, path: Path | None, suffixes: tuple[str, ...]) -> Listing:
    """A single file, whatever its suffix, or every file with one of the suffixes in a folder and its subfolders.

    Raises:
        SourceError: no path is given, it does not exist, is neither file nor folder, is a folder named like a
            file, or holds no file with such a suffix.
    """
    wanted = ", ".join(f"*{s}" for s in suffixes)
    if path is None:
        raise SourceError(f"The reader {reader} has no path.",
                          f"Set `path` of the source to a file or folder: {wanted}.")
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise SourceError(f"There is no file or folder {path}.", "Put the data there or mend `path` of the source.")
    if path.is_file():
        return Listing((Entry(_readable(path.name), path),))
    if not path.is_dir():
        raise SourceError(f"{path} is neither a file nor a folder.", f"Give a file or folder: {wanted}.")
    if path.name.lower().endswith(suffixes):
        raise SourceError(f"{path} is a folder although its name ends like a file.",
                          f"Give a file, or rename the folder if it holds such files: {wanted}.")
    listing = _walk(path, suffixes)
    if not listing.entries:
        raise SourceError(f"The folder {path} holds no file that the reader {reader} understands.",
                          f"It reads: {wanted}; {listing.skipped} other files are there.")
    return listing


def list_file(reader: str, path: Path) -> Listing:
    """One file where a folder makes no sense. Raises SourceError."""
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise SourceError(f"There is no file {path}.", "Put the file there or mend `path` of the source.")
    if not path.is_file():
        raise SourceError(f"{path} is not a file.", f"The reader {reader} needs one file; mend `path` of the source.")
    return Listing((Entry(_readable(path.name), path),))


def _walk(root: Path, suffixes: tuple[str, ...]) -> Listing:
    entries: list[Entry] = []
    skipped = 0

    def blocked(error: OSError) -> None:
        folder = Path(os.fsdecode(error.filename))
        entries.append(Entry(_relative(folder, root), folder, unreadable(error)))

    for folder, folders, names in os.walk(root, onerror=blocked):
        kept = []
        for name in folders:
            path = Path(folder, name)
            if name.startswith("."):
                continue
            if path.is_symlink():
                if not _inside(path, root):
                    entries.append(Entry(_relative(path, root), path, FileProblem("symlink_outside", "folder")))
            elif name.lower().endswith(suffixes):
                entries.append(Entry(_relative(path, root), path, FileProblem("not_a_file", "folder")))
            else:
                kept.append(name)
        folders[:] = kept
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or not name.lower().endswith(suffixes):
                skipped += 1
            else:
                entries.append(Entry(_relative(path, root), path, _problem(path, root)))
    return Listing(tuple(sorted(entries, key=lambda entry: entry.name)), skipped)


def _problem(path: Path, root: Path) -> FileProblem | None:
    if path.is_symlink() and not _inside(path, root):
        return FileProblem("symlink_outside", "file")
    try:
        mode = path.stat().st_mode
    except OSError:
        return FileProblem("not_a_file", "broken link" if path.is_symlink() else "cannot be examined")
    return None if stat.S_ISREG(mode) else FileProblem("not_a_file", "neither file nor folder")


def _inside(path: Path, root: Path) -> bool:
    real = os.path.realpath(path)
    return os.path.commonpath([real, os.path.realpath(root)]) == os.path.realpath(root)


def _relative(path: Path, root: Path) -> str:
    return _readable(path.relative_to(root).as_posix())


def _readable(name: str) -> str:
    """A file name as valid Unicode: bytes that are not UTF-8 are spelled out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
