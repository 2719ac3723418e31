"""Which files hold seeds, and the name that each is shown under.

Belongs here: walking folders. Does not belong here: opening a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from itd_pipeline.errors import SourceError

SIGNED_OFF_FILE = "signed-off-seeds.jsonl"
"""Seeds that were written and signed off in the review application, in the folder of returned reviews."""
SUFFIXES = (".csv", ".jsonl", ".tsv", ".xlsx", ".yaml", ".yml")


def seed_files(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Files and folders -> (name shown to people, path), sorted by name, each file once.

    Folders are searched with their subfolders. Read: *.yaml, *.yml, *.jsonl, *.csv, *.tsv, *.xlsx. Ignored in
    folders: every other file, README files, hidden files and a spreadsheet program's lock files (`~$...`).
    The name is folder and file (`seeds/cardiology.yaml`), longer only where two files would share it, so it is
    the same on every machine.

    Raises:
        SourceError: a path is missing, a file named on its own has another suffix, or what is named like a file of
            seeds is none: a folder, a broken link, a pipe or a device. Nothing is opened.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files(path):
            found.setdefault(file.resolve(), file)
    return sorted((name, found[file]) for file, name in _names(sorted(found)).items())


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if _is_seed_file(file, path):
                _check(file)
                yield file
    elif not path.exists():
        raise SourceError(f"There is no seed file or folder {path.name!r} at {path.as_posix()}.",
                          "Mend seeds.paths in the profile, or put the file there.")
    elif path.suffix.lower() not in SUFFIXES:
        raise SourceError(f"{path.name}: not a format that seeds are read from.", f"Formats: {', '.join(SUFFIXES)}.")
    else:
        _check(path)
        yield path


def _check(file: Path) -> None:
    """Raises SourceError where a file of seeds is no regular file. A pipe must not be opened: it waits for ever."""
    if file.is_file():
        return
    what = ("a folder" if file.is_dir() else "neither file nor folder" if file.exists() else
            "a broken link" if file.is_symlink() else "gone")
    raise SourceError(f"{file.as_posix()} is named like a file of seeds but is {what}.",
                      "Rename it, remove it, or put the file there.")


def _is_seed_file(file: Path, folder: Path) -> bool:
    if any(part.startswith((".", "~$")) for part in file.relative_to(folder).parts):
        return False
    return file.suffix.lower() in SUFFIXES and not file.stem.lower().startswith("readme")


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """The last two parts of each path; more of them for files that would share a name."""
    names = {file: "/".join(file.parts[-2:]) for file in files}
    for length in range(3, max((len(file.parts) for file in files), default=0) + 1):
        shared = Counter(names.values())
        names = {file: name if shared[name] == 1 else "/".join(file.parts[-length:]) for file, name in names.items()}
    return names
