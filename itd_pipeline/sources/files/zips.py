"""Files inside a zip archive, one at a time in memory, also inside zips within it (drug labels come so).

Belongs here: telling good members from bad ones, bombs from archives. Does not belong here: what the files mean.
"""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from itd_pipeline.sources.files.archives import Member
from itd_pipeline.sources.files.streams import FileProblem, bytes_turned_away, check_size, file_turned_away, unreadable
from itd_pipeline.sources.items import Intake, TurnedAway

ZIPS = (".zip",)
_MOST_MEMBERS = 2_000_000
_GREATEST_RATIO = 200
"""Unpacked to packed bytes. Text and XML reach 20 to 40; a bomb reaches 1,000 and more."""
_SMALL = 1 << 20
"""Members below this size may have any ratio: a page of spaces harms nobody."""
_DEEPEST = 2
"""Zips within zips: a release of drug labels holds one zip per label."""
_CHUNK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


def read_zip(
    name: str, path: Path, wanted: Callable[[str], bool], limit: int, intake: Intake,
) -> Iterator[Member | TurnedAway]:
    """Wanted files in the order of the archive's directory. Items turned away are announced to `intake`; other
    files are skipped. Nothing is written to disk.

    Turned away: `unsafe_archive_member` (absolute path or `..`), `not_a_file` (links), `too_large`, `archive_bomb`
    (unpacks to more than 200 times its size), `encrypted_member`, `malformed_archive`, and for the archive itself
    `empty_file`, `unreadable_file`, `malformed_archive`.
    """
    try:
        check_size(path, 1 << 62)
        with path.open("rb") as stream:
            yield from _members(name, stream, wanted, limit, intake, 1)
    except FileProblem as problem:
        intake.begin()
        yield file_turned_away(name, path, problem)
    except OSError as error:
        intake.begin()
        yield file_turned_away(name, path, unreadable(error))


def _members(
    archive: str, stream: IO[bytes], wanted: Callable[[str], bool], limit: int, intake: Intake, depth: int,
) -> Iterator[Member | TurnedAway]:
    """Raises FileProblem where the directory of the archive cannot be read."""
    try:
        opened = zipfile.ZipFile(stream)
    except _UNREADABLE as error:
        raise FileProblem("malformed_archive", f"zip directory cannot be read ({type(error).__name__})") from error
    with opened:
        infos = opened.infolist()
        if len(infos) > _MOST_MEMBERS:
            raise FileProblem("archive_bomb", f"members={len(infos)} most={_MOST_MEMBERS}")
        for info in infos:
            name = info.filename.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            base = posixpath.basename(name.rstrip("/"))
            nested = base.lower().endswith(ZIPS) and not wanted(base)
            origin = f"{archive}!{name}"
            try:
                _check_place(info)
                if info.is_dir() or not (nested or wanted(base)):
                    intake.skip(0 if info.is_dir() else 1)
                    continue
                if nested and depth >= _DEEPEST:
                    raise FileProblem("archive_bomb", f"zips nested deeper than {_DEEPEST}")
                data = _unpack(opened, info, limit)
            except FileProblem as problem:
                intake.begin()
                row = {"file": origin, "bytes": info.file_size, "sha256": None}
                yield TurnedAway(origin, problem.reason, problem.detail, row)
                continue
            if not nested:
                yield Member(name, origin, data)
                continue
            try:
                yield from _members(origin, io.BytesIO(data), wanted, limit, intake, depth + 1)
            except FileProblem as problem:
                intake.begin()
                yield bytes_turned_away(origin, data, problem)


def check_package(data: bytes, limit: int) -> None:
    """Look at every member of a package (an office file) before a library opens it. Raises FileProblem."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            for info in infos:
                _check_place(info)
            if sum(info.file_size for info in infos) > 4 * limit:
                raise FileProblem("archive_bomb", f"unpacks to more than {4 * limit} bytes")
            for info in infos:
                if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                    with package.open(info) as part:
                        head = part.read(4096)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise FileProblem("forbidden_xml", "a part has a document type declaration")
    except (*_UNREADABLE, OSError) as error:
        raise FileProblem("malformed_archive", f"not a package ({type(error).__name__})") from error


def read_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """One member of an opened archive, checked as the members of a source are. Raises FileProblem."""
    _check_place(info)
    return _unpack(archive, info, limit)


def _check_place(info: zipfile.ZipInfo) -> None:
    """Raises FileProblem where a member points out of the archive, is a link, or is packed like a bomb."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        raise FileProblem("unsafe_archive_member", "path with .." if ".." in name.split("/") else "absolute path")
    mode = info.external_attr >> 16
    if mode and stat.S_ISLNK(mode):
        raise FileProblem("not_a_file", "link")
    if info.flag_bits & 1:
        raise FileProblem("encrypted_member", "needs a password")
    if info.file_size > _SMALL and info.file_size > _GREATEST_RATIO * max(1, info.compress_size):
        raise FileProblem("archive_bomb", f"bytes={info.file_size} packed={info.compress_size}")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The member's bytes, never more than `limit`, whatever its header says. Raises FileProblem."""
    if info.file_size > limit:
        raise FileProblem("too_large", f"bytes={info.file_size} max_bytes={limit}")
    pieces: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise FileProblem("too_large", f"more than max_bytes={limit} bytes")
                pieces.append(chunk)
    except (*_UNREADABLE, OSError) as error:
        raise FileProblem("malformed_archive", f"member cannot be unpacked ({type(error).__name__})") from error
    return b"".join(pieces)
