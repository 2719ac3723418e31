"""Files inside a tar archive, read as a stream: nothing is unpacked to disk, one file at a time is in memory.

Belongs here: telling good members from bad ones and a whole archive from a cut one. Does not belong here: what
the files mean.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.sources.files.streams import FileProblem, SourceBytes, check_size, file_turned_away, unreadable
from itd_pipeline.sources.items import Intake, TurnedAway

ARCHIVES = (".tar.gz", ".tgz", ".tar")
_BLOCK = 512
_HEADER_BYTES = 1 << 20
"""Most bytes between two files: headers, long names and padding. A larger header is an attack on memory."""


@dataclass(frozen=True)
class Member:
    """A regular file of the archive.

    Args:
        name: as in the archive.
        origin: name of the archive, `!`, name.
    """

    name: str
    origin: str
    data: bytes


class _Blocks:
    """What tarfile reads from: counts header bytes and remembers the last block."""

    def __init__(self, stream: SourceBytes) -> None:
        self._reader = io.BufferedReader(stream, 1 << 18)
        self.allowance: int | None = None
        self.last = b""
        self.ended = False
        self.offset = 0

    def read(self, size: int) -> bytes:
        data = self._reader.read(size)
        self.offset += len(data)
        self.last = data or self.last
        self.ended = len(data) < size
        if self.allowance is not None:
            self.allowance -= len(data)
            if self.allowance < 0:
                raise tarfile.ReadError("header too long")
        return data


def read_members(
    name: str, path: Path, wanted: Callable[[str], bool], limit: int, intake: Intake,
) -> Iterator[Member | TurnedAway]:
    """Wanted files in archive order. Every item turned away is announced to `intake`; other files are skipped.

    Turned away: `unsafe_archive_member` (absolute path or `..`), `symlink_outside`, `not_a_file` (links, devices),
    `too_large`, and for the archive itself `empty_file`, `unreadable_file`, `truncated_archive` (it ends early; files
    before that were handed out) and `malformed_archive` (damaged, or data after its end).
    """
    try:
        check_size(path, 1 << 62)
        stream = SourceBytes(path, None)
    except FileProblem as problem:
        intake.begin()
        yield file_turned_away(name, path, problem)
        return
    except OSError as error:
        intake.begin()
        yield file_turned_away(name, path, unreadable(error))
        return
    blocks = _Blocks(stream)
    with stream:
        damage = yield from _members(name, blocks, wanted, limit, intake)
        damage = stream.damage or damage or _after_end(blocks) or stream.damage
    if damage is not None:
        intake.begin()
        yield file_turned_away(name, path, damage)


def _members(
    archive: str, blocks: _Blocks, wanted: Callable[[str], bool], limit: int, intake: Intake,
) -> Generator[Member | TurnedAway, None, FileProblem | None]:
    blocks.allowance = _HEADER_BYTES
    try:
        # Blocks of one header each: at the end, `last` is the very block that tarfile took for the end.
        with tarfile.open(fileobj=blocks, mode="r|", bufsize=_BLOCK) as tar:  # type: ignore[call-overload]
            yield from _each(archive, tar, blocks, wanted, limit, intake)
    except (tarfile.TarError, ValueError, OverflowError, IndexError):
        if blocks.ended:
            return FileProblem("truncated_archive", f"ends early at byte {blocks.offset}")
        return FileProblem("malformed_archive", f"bad header before byte {blocks.offset}")
    return None


def _each(
    archive: str, tar: tarfile.TarFile, blocks: _Blocks, wanted: Callable[[str], bool], limit: int, intake: Intake,
) -> Iterator[Member | TurnedAway]:
    while (info := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]  # tarfile would keep every header
        name = info.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        origin = f"{archive}!{name}"
        belongs = wanted(posixpath.basename(name))
        problem = _problem(info, belongs)
        blocks.allowance = None
        if problem is None and belongs and info.isreg():
            data, row = _content(tar, info, origin, limit)
            blocks.allowance = _HEADER_BYTES
            if data is not None:
                yield Member(name, origin, data)
                continue
            problem = FileProblem("too_large", f"bytes={info.size} max_bytes={limit}")
        else:
            row = {"file": origin, "bytes": info.size, "sha256": None}
            blocks.allowance = _HEADER_BYTES + info.size
        if problem is not None:
            intake.begin()
            yield TurnedAway(origin, problem.reason, problem.detail, row)
        elif not info.isdir():
            intake.skip()


def _problem(info: tarfile.TarInfo, belongs: bool) -> FileProblem | None:
    if info.name.startswith("/") or ".." in info.name.replace("\\", "/").split("/"):
        return FileProblem("unsafe_archive_member", "absolute path" if info.name.startswith("/") else "path with ..")
    if not belongs or info.isdir():
        return None
    if info.issym() or info.islnk():
        target = posixpath.normpath(posixpath.join(posixpath.dirname(info.name), info.linkname))
        leaves = info.issym() and (target.startswith(("/", "../")) or target == "..")
        return FileProblem("symlink_outside" if leaves else "not_a_file", "link")
    if not info.isreg() or info.issparse():
        return FileProblem("not_a_file", "sparse file" if info.isreg() else "neither file nor folder")
    return None


def _content(
    tar: tarfile.TarFile, info: tarfile.TarInfo, origin: str, limit: int,
) -> tuple[bytes | None, dict[str, Any]]:
    """The file's bytes, None where it is too large, and what identifies it."""
    opened = tar.extractfile(info)
    if opened is None:
        raise tarfile.ReadError("no content")
    if info.size <= limit:
        return opened.read(), {}
    digest = hashlib.sha256()
    while chunk := opened.read(1 << 20):
        digest.update(chunk)
    return None, {"file": origin, "bytes": info.size, "sha256": digest.hexdigest()}


def _after_end(blocks: _Blocks) -> FileProblem | None:
    """What is wrong with the end: tarfile stops in silence at a bad header or where the end mark is missing."""
    if blocks.ended:
        return FileProblem("truncated_archive", f"no end mark; ends at byte {blocks.offset}")
    if any(blocks.last):
        return FileProblem("malformed_archive", f"bad header before byte {blocks.offset}")
    blocks.allowance = None
    while data := blocks.read(1 << 18):
        if any(data):
            return FileProblem("malformed_archive", f"data after the end mark, before byte {blocks.offset}")
    return None
