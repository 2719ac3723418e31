"""The beginnings of some files at a path: a file, a folder, or inside archives. Little is read, nothing is written.

Belongs here: which files are looked at. Does not belong here: what they are (`kinds.py`).
"""

from __future__ import annotations

import os
import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from itd_pipeline.errors import SourceError
from itd_pipeline.sources.files.archives import ARCHIVES, Member, read_members
from itd_pipeline.sources.files.streams import SourceBytes
from itd_pipeline.sources.files.zips import ZIPS, read_zip
from itd_pipeline.sources.items import Intake

HEAD = 64 * 1024
_MOST_FILES = 20_000
_EACH = 25
"""Files of one suffix that are opened, spread over the folder."""
_EACH_PACKED = 10
_ARCHIVES_OPENED = 3
_MOST_MEMBERS = 3_000
_LARGEST_MEMBER = 64 * 1024 * 1024
_PACKED = (*ARCHIVES, *ZIPS)


@dataclass(frozen=True)
class Sample:
    """A file that was looked at.

    Args:
        name: relative to the path, or inside the archive.
        head: its first 64 KiB, unpacked where it is gzip.
        path: the file; None inside an archive.
        data: the whole member of an archive; None for a file.
    """

    name: str
    head: bytes
    path: Path | None = None
    data: bytes | None = None

    @property
    def suffix(self) -> str:
        """As in `suffix_of`."""
        return suffix_of(self.name)


@dataclass
class Looked:
    """What lies at a path.

    Args:
        suffixes: how many files there are of each suffix, without what only describes the others.
        samples: some of them.
        packed: whether any of them lie in an archive.
        complete: False where there are more files than were counted.
    """

    suffixes: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    packed: bool = False
    complete: bool = True


class _Enough(Exception):
    """No more members need to be seen."""


def suffix_of(name: str) -> str:
    """Lower-case suffix, that of the file inside where it is packed with gzip: `.csv` for `a.csv.gz`."""
    base = posixpath.basename(name).lower()
    base = base.removesuffix(".gz") if not base.endswith(".tar.gz") else base
    return posixpath.splitext(base)[1]


def is_description(name: str) -> bool:
    """Whether a file only describes the files beside it, such as a readme or a licence."""
    base = posixpath.basename(name).lower()
    stem = posixpath.splitext(base)[0]
    return base.startswith((".", "~$")) or stem in {"readme", "license", "licence", "copying", "notice", "changelog",
                                                    "contributing", "manifest", "authors", "thumbs", "desktop"} \
        or base.endswith((".receipt.json", ".part", ".part.json"))


def look(path: Path) -> Looked:
    """Look at a path.

    Raises:
        SourceError: there is nothing, or nothing can be opened.
    """
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise SourceError(f"There is no file or folder {path}.", "Mend the path.")
    found = Looked()
    try:
        if path.is_file():
            _file(path, path.name, found)
        elif path.is_dir():
            _folder(path, found)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}).", "Mend its permissions.") from error
    if not found.suffixes:
        raise SourceError(f"{path} holds no file that could be looked at.", "Give a file, folder or archive with text.")
    return found


def _folder(root: Path, found: Looked) -> None:
    groups: dict[str, list[tuple[str, Path]]] = {}
    for number, (name, path) in enumerate(_walk(root)):
        if number >= _MOST_FILES:
            found.complete = False
            break
        suffix = next((packed for packed in _PACKED if name.lower().endswith(packed)), suffix_of(name))
        groups.setdefault(suffix, []).append((name, path))
    for suffix, entries in sorted(groups.items()):
        step = max(1, len(entries) // (_ARCHIVES_OPENED if suffix in _PACKED else _EACH))
        chosen = entries[::step][: _ARCHIVES_OPENED if suffix in _PACKED else _EACH]
        if suffix not in _PACKED:
            found.suffixes[suffix] += len(entries) - len(chosen)
        for name, path in chosen:
            _file(path, name, found)


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and not Path(folder, n).is_symlink())
        for name in sorted(names):
            path = Path(folder, name)
            if not is_description(name) and path.is_file() and not path.is_symlink():
                yield os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace"), path


def _file(path: Path, name: str, found: Looked) -> None:
    lower = name.lower()
    if lower.endswith(_PACKED):
        found.packed = True
        _archive(path, name, found)
        return
    found.suffixes[suffix_of(name)] += 1
    found.samples.append(Sample(name, _head(path), path=path))


def _head(path: Path) -> bytes:
    with SourceBytes(path, None) as stream:
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < HEAD and (piece := stream.read(HEAD)):
            pieces.append(piece)
        return b"".join(pieces)[:HEAD]


def _archive(path: Path, name: str, found: Looked) -> None:
    opened: Counter[str] = Counter()
    met = 0

    def wanted(base: str) -> bool:
        nonlocal met
        if is_description(base) or base.lower().endswith(ZIPS) or not suffix_of(base):
            return False  # a folder of a tar is asked about as well
        met += 1
        if met > _MOST_MEMBERS:
            raise _Enough
        suffix = suffix_of(base)
        found.suffixes[suffix] += 1
        opened[suffix] += 1
        return opened[suffix] <= _EACH_PACKED

    zipped = name.lower().endswith(ZIPS)
    reader = read_zip if zipped else read_members
    before = len(found.samples)
    try:
        for member in reader(name, path, wanted, _LARGEST_MEMBER, Intake()):
            if isinstance(member, Member):
                found.samples.append(Sample(member.name, member.data[:HEAD], data=member.data))
    except _Enough:
        found.complete = False
    if zipped and len(found.samples) == before:
        found.samples += _zip_heads(path)


def _zip_heads(path: Path) -> list[Sample]:
    """Beginnings of members that are too large to be looked at whole."""
    heads: list[Sample] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist()[:_MOST_MEMBERS]:
                if not info.is_dir() and not info.flag_bits & 1 and not is_description(info.filename) \
                        and not info.filename.lower().endswith(ZIPS) and len(heads) < _EACH_PACKED:
                    with archive.open(info) as member:
                        heads.append(Sample(info.filename, member.read(HEAD)))
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return heads
    return heads
