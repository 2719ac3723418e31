"""Bytes of one file, plain or gzip, with a limit; damage is remembered and not raised.

Belongs here: reading bytes and saying what is wrong with them as bytes. Does not belong here: what they mean.
"""

from __future__ import annotations

import errno
import hashlib
import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.sources.items import TurnedAway

_CHUNK = 1 << 14
_GZIP = 16 + zlib.MAX_WBITS
_LONGEST_WRITTEN = 64 * 1024
"""Bytes of a broken row that are kept with its reject."""
_LONGEST_LINE = 32 * 1024 * 1024
"""Bytes. A row that is longer is no document of anybody's."""
_STEP = 4096
"""Unpacked bytes per call of zlib. A call that meets damage gives nothing, so this is what damage can cost."""


class FileProblem(Exception):
    """A file cannot be taken in. Caught by its reader, which turns the file away with this reason.

    Args:
        reason: stable code in snake_case.
        detail: positions and sizes, never text.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


def unreadable(error: OSError) -> FileProblem:
    """An error of the file system as a problem of the file."""
    return FileProblem("unreadable_file", errno.errorcode.get(error.errno or 0, "unknown error"))


def fingerprint(path: Path) -> Mapping[str, Any]:
    """Size in bytes and SHA-256 of a regular file, nulls where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        if not path.is_file():
            return {"bytes": None, "sha256": None}
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    except OSError:
        return {"bytes": None, "sha256": None}
    return {"bytes": size, "sha256": digest.hexdigest()}


def file_turned_away(name: str, path: Path, problem: FileProblem) -> TurnedAway:
    """The whole file as one item turned away."""
    opened = problem.reason not in {"symlink_outside", "not_a_file"}
    found = fingerprint(path) if opened else {"bytes": None, "sha256": None}
    return TurnedAway(name, problem.reason, problem.detail, {"file": name, **found})


def bytes_turned_away(name: str, data: bytes, problem: FileProblem) -> TurnedAway:
    """A file inside an archive as one item turned away."""
    row = {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return TurnedAway(name, problem.reason, problem.detail, row)


def check_size(path: Path, limit: int) -> None:
    """Raises FileProblem `empty_file`, `too_large` or `unreadable_file`."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(error) from error
    if size == 0:
        raise FileProblem("empty_file", "0 bytes")
    if size > limit:
        raise FileProblem("too_large", f"bytes={size} max_bytes={limit}")


def read_whole(path: Path, limit: int) -> bytes:
    """All bytes of a file of at most `limit` bytes. Raises FileProblem."""
    check_size(path, limit)
    try:
        with path.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise unreadable(error) from error


def read_unpacked(path: Path, limit: int) -> bytes:
    """All bytes inside a gzip file, at most `limit`. Raises FileProblem, also where the file is damaged."""
    check_size(path, 1 << 62)
    try:
        with SourceBytes(path, limit) as stream:
            data = io.BufferedReader(stream, 1 << 18).read()
            if stream.damage is not None:
                raise stream.damage
            return data
    except OSError as error:
        raise unreadable(error) from error


def decode(data: bytes) -> str:
    """UTF-8 without its byte order mark. Raises FileProblem `invalid_utf8` with the offset of the first bad byte."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FileProblem("invalid_utf8", f"byte offset {error.start}") from error


class SourceBytes(io.RawIOBase):
    """Unpacked bytes of a plain or gzip file, up to a limit.

    Python's own gzip module raises at the first damage and may lose what it had already unpacked. This stream ends
    there instead and says why in `damage`, so that everything before the damage is kept: all of it where the file is
    cut short, all but the last 4 KiB where its bytes are wrong.

    Args:
        path: a regular file; gzip where its name ends in .gz or .tgz.
        limit: most unpacked bytes to hand out, None for no limit.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._limit = limit
        self._handed = 0
        self._inflate = zlib.decompressobj(_GZIP) if path.name.lower().endswith((".gz", ".tgz")) else None
        self._packed = b""
        self.damage: FileProblem | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        if self.damage is not None or len(buffer) == 0:
            return 0
        data = self._file.read(len(buffer)) if self._inflate is None else self._unpack(len(buffer))
        self._handed += len(data)
        if self._limit is not None and self._handed > self._limit:
            self.damage = FileProblem("too_large", f"more than max_bytes={self._limit} bytes")
            return 0
        buffer[: len(data)] = data
        return len(data)

    def _unpack(self, size: int) -> bytes:
        """Up to `size` unpacked bytes; nothing at the end or at damage."""
        while True:
            if not self._packed:
                self._packed = self._file.read(_CHUNK)
            assert self._inflate is not None
            if self._inflate.eof:
                # A gzip file may hold several members after each other, and zeros as padding.
                self._packed = self._packed.lstrip(b"\0")
                while not self._packed:
                    chunk = self._file.read(_CHUNK)
                    if not chunk:
                        return b""
                    self._packed = chunk.lstrip(b"\0")
                self._inflate = zlib.decompressobj(_GZIP)
                continue
            try:
                data = self._inflate.decompress(self._packed, min(size, _STEP))
            except zlib.error:
                self.damage = FileProblem("malformed_archive", f"gzip data is damaged before byte {self._file.tell()}")
                return b""
            at_end = not self._packed
            # At the end of a member both hold what follows it: taking the two together would read it twice.
            self._packed = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if data:
                return data
            if at_end and not self._inflate.eof:
                self.damage = FileProblem("truncated_archive", f"gzip data ends early after byte {self._file.tell()}")
                return b""


class Lines:
    """Lines of a stream, decoded one by one, so that a bad byte costs its own row and not the file.

    Bytes that are not UTF-8 become lone surrogates; `bad_offset` holds the offset of the first since `mark`. A line of
    more than 32 MiB is cut to its first 64 KiB; `too_long` holds its length in bytes.
    After damage the incomplete last line is left out: it belongs to what is missing.
    """

    def __init__(self, stream: SourceBytes) -> None:
        self._stream = stream
        self._reader = io.BufferedReader(stream, _CHUNK)
        self._ahead: bytes | None = None
        self._offset = 0
        self._taken: list[bytes] = []
        self._left_out = 0
        self.number = 0
        self.bad_offset: int | None = None
        self.too_long = 0

    def __iter__(self) -> Lines:
        return self

    def peek(self) -> bytes:
        """The next line without taking it; empty at the end. Of a line of more than 32 MiB only its beginning."""
        if self._ahead is None:
            self._ahead = self._reader.readline(_LONGEST_LINE)
            self._left_out = 0
            if len(self._ahead) == _LONGEST_LINE and not self._ahead.endswith(b"\n"):
                self._ahead = self._ahead[:_LONGEST_WRITTEN] + b"\n"
                self._left_out = _LONGEST_LINE - _LONGEST_WRITTEN
                while rest := self._reader.readline(1 << 20):
                    self._left_out += len(rest)
                    if rest.endswith(b"\n"):
                        break
            if self._stream.damage is not None and not self._ahead.endswith(b"\n"):
                self._ahead = b""
        return self._ahead

    def mark(self) -> bool:
        """Go past empty lines to the next row. False at the end."""
        while self.peek() and not self.peek().strip(b"\r\n"):  # a line of tabs is a row of empty cells
            next(self)
        self.bad_offset = None
        self.too_long = 0
        self._taken.clear()
        return bool(self.peek())

    def written(self) -> Mapping[str, Any]:
        """The lines taken since `mark` as they stand: their text, of more than 64 KiB the first 64 KiB with the
        length in bytes and the SHA-256 of the whole."""
        raw = b"".join(self._taken)
        if len(raw) <= _LONGEST_WRITTEN:
            return {"text": raw.decode("utf-8", "surrogateescape")}
        end = _LONGEST_WRITTEN
        while end > _LONGEST_WRITTEN - 4 and raw[end] & 0xC0 == 0x80:
            end -= 1  # not inside a character
        return {"text": raw[:end].decode("utf-8", "surrogateescape"), "bytes": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest()}

    def __next__(self) -> str:
        line = self.peek()
        if not line:
            raise StopIteration
        self._ahead = None
        self._taken.append(line)
        start, self._offset = self._offset, self._offset + len(line) + max(0, self._left_out - 1)
        self.number += 1
        if self._left_out:
            self.too_long = len(line) - 1 + self._left_out
            return "\n"  # half of a quoted cell would swallow the rows after it
        try:
            decoded = line.decode("utf-8")
        except UnicodeDecodeError as error:
            self.bad_offset = start + error.start if self.bad_offset is None else self.bad_offset
            decoded = line.decode("utf-8", "surrogateescape")
        return decoded.removeprefix("\ufeff") if start == 0 else decoded
