"""One file from a public address to a place on disk: whole, within its limit, with its checksum, or not at all.

The file grows as `NAME.part`; a cut connection or a killed process leaves that, and the next call goes on from there
where the server says that the rest still fits. Only a whole file gets its name, by one rename, and then its receipt.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import SplitResult

import httpx

from itd_pipeline.errors import ChecksumError, FetchError
from itd_pipeline.network.addresses import checked, shown
from itd_pipeline.network.asking import asked, body_of, client, validator_of, wait_asked
from itd_pipeline.network.receipt import (
    Part,
    Receipt,
    note_path,
    part_path,
    read_note,
    read_receipt,
    receipt_path,
    sha256_of,
    write_beside,
)

try:
    import fcntl
except ImportError:  # not a POSIX system: two downloads of one file must not overlap
    fcntl = None  # type: ignore[assignment]

_MOST_REQUESTS = 100
"""However much each one brings: a server that sends a byte and hangs up must not keep anybody for ever."""
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to try again.

    Args:
        tries: requests in a row that may bring nothing new.
        first_wait: seconds before the second; doubled each time.
        longest_wait: seconds, also where the server asks for more.
        timeout: longest silence of the server in seconds.
    """

    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep


class _Again(Exception):
    """Trying again may help. `wait` is what the server asks for."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        self.why, self.wait = why, wait
        super().__init__(why)


def download(
    address: str, target: Path, *, size_limit: int, sha256: str | None = None, retrieved_on: str = "",
    patience: Patience | None = None, progress: Progress | None = None,
) -> Receipt:
    """Fetch a file, or find that the one that is there is still the newest: then its receipt comes back unchanged.

    Args:
        address: https; http only on this machine.
        target: place of the file; receipt and part lie beside it.
        size_limit: most bytes, whatever the server announces.
        sha256: what the file must hash to; None for whatever comes.
        retrieved_on: ISO date for the receipt.
        progress: told bytes so far and in all, where known.

    Raises:
        ChecksumError: the file is another one. It is not kept.
        FetchError: it did not come, is too large, or cannot be written; what came so far is kept where it is of use.
    """
    first = checked(address)
    with _disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        # A note without a part: a process was killed between the rename and the receipt. The file is ours.
        if target.exists() and not receipt_path(target).exists() and not note_path(target).exists():
            raise FetchError(f"{target} is there already and was not fetched by this command.",
                             "Move it away, or choose another folder.")
        with _part(target) as part:
            one = _Download(first, target, part, size_limit, sha256, retrieved_on, progress)
            return one.run(patience or Patience())


class _Download:
    """One call of `download`."""

    def __init__(self, first: SplitResult, target: Path, part: IO[bytes], size_limit: int, sha256: str | None,
                 retrieved_on: str, progress: Progress | None) -> None:
        self.first, self.address, self.target, self.part = first, first.geturl(), target, part
        self.size_limit, self.sha256, self.retrieved_on = size_limit, sha256, retrieved_on
        self.progress = progress
        self.there = self._whole()

    def run(self, patience: Patience) -> Receipt:
        """Ask until the file is there. Raises as `download`."""
        farthest, fruitless = self._size(), 0
        with client(patience.timeout) as opened:
            for _ in range(_MOST_REQUESTS):
                wait: float | None = None
                try:
                    return self._ask(opened)
                except _Again as again:
                    why, wait = again.why, again.wait
                except (httpx.TransportError, httpx.InvalidURL) as error:
                    why = f"{type(error).__name__} {str(error)[:200]}".strip()
                fruitless = 0 if self._size() > farthest else fruitless + 1
                farthest = max(farthest, self._size())
                if fruitless >= patience.tries:
                    break
                pause = patience.first_wait * 2 ** max(0, fruitless - 1) if wait is None else wait
                patience.sleep(min(pause, patience.longest_wait))
        kept = f" {self._size():,} bytes are kept in {part_path(self.target)}." if self._size() else ""
        raise FetchError(f"{shown(self.address)} could not be fetched to {self.target}: {why}.{kept}",
                         "Run the same command again later; it goes on from there where the server allows it.")

    def _whole(self) -> Receipt | None:
        """The receipt of the file that is there, where file, receipt, address and promise agree."""
        receipt = read_receipt(self.target)
        if receipt is None or receipt.address != self.address or not self.target.is_file():
            return None
        if self.sha256 not in {None, receipt.sha256} or sha256_of(self.target) != receipt.sha256:
            return None
        return receipt

    def _ask(self, opened: httpx.Client) -> Receipt:
        """One request. Raises `_Again`, httpx.TransportError or as `download`."""
        note, offset = read_note(self.target), self._size()
        if note is None or note.address != self.address or not note.validator:
            offset = self._begin_again()
        headers: dict[str, str] = {}
        if offset and note:
            headers = {"Range": f"bytes={offset}-", "If-Range": note.validator}
        elif self.there and self.there.etag:
            headers = {"If-None-Match": self.there.etag}
        elif self.there and self.there.last_modified:
            headers = {"If-Modified-Since": self.there.last_modified}
        with asked(opened, self.first, headers) as answer:
            if answer.status_code == 304 and self.there and not offset:
                note_path(self.target).unlink(missing_ok=True)
                return self.there
            if answer.status_code == 416 and offset:
                self._begin_again()
                raise _Again("the server has no such part")
            self._check_status(answer)
            self._receive(answer, offset, note)
            etag, changed = (str(answer.headers.get(name, ""))[:300] for name in ("etag", "last-modified"))
        return self._finish(etag, changed)

    def _check_status(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in {408, 425, 429} or status >= 500:
            raise _Again(f"the server answered {status}", wait_asked(answer))
        if status in {200, 206}:
            return
        remedy = {401: "It asks for a login; fetch it by hand.", 403: "The server refuses it; fetch it by hand.",
                  404: "The publisher may have moved it: see the notes of the catalogue, and name the new address in a "
                       "catalogue of your own."}
        raise FetchError(f"{shown(self.address)} could not be fetched to {self.target}: the server answered {status}.",
                         remedy.get(404 if status == 410 else status, "Open the address in a browser to see why."))

    def _receive(self, answer: httpx.Response, offset: int, note: Part | None) -> None:
        """The body, behind what is there or from its beginning."""
        body = body_of(answer)
        validator = validator_of(answer)
        other = bool(note and note.validator.startswith('"') and validator.startswith('"')
                     and note.validator != validator)
        if body is None or (answer.status_code == 206 and (body.start != offset or not offset or other)):
            self._begin_again()
            raise _Again("the server sent another part than the one asked for")
        packed = answer.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"", "identity"} and not self.target.name.lower().endswith((".gz", ".tgz")):
            raise FetchError(f"{shown(self.address)} comes packed ({packed[:20]}) although it was asked for as it is.",
                             "Fetch it by hand.")
        chunked = "chunked" in answer.headers.get("transfer-encoding", "").lower()
        if body.total is None and not chunked and self.sha256 is None:
            raise FetchError(f"{shown(self.address)} does not say how long it is, so that whether it came whole cannot "
                             "be told.", "Fetch it by hand, or pin its checksum in a catalogue of your own.")
        self._check_size(body.total or 0, "announces")
        written = body.start
        self.part.truncate(written)
        self.part.seek(written)
        if written == 0:
            write_beside(note_path(self.target), Part(self.address, validator))
        for chunk in answer.iter_raw():
            written += len(chunk)
            self._check_size(written, "sends")  # whatever it announced
            left = memoryview(chunk)
            while left:  # unbuffered: what is written is on its way to the disk, also if the next request fails
                left = left[self.part.write(left):]
            if self.progress:
                self.progress(written, body.total)
        if body.total is not None and written != body.total:
            raise _Again(f"the connection ended after {written:,} of {body.total:,} bytes")

    def _check_size(self, size: int, verb: str) -> None:
        if size <= self.size_limit:
            return
        self._begin_again()
        raise FetchError(f"{shown(self.address)} {verb} more than the limit of {self.size_limit:,} bytes; nothing of "
                         "it is kept.", "If that is right, raise size_limit_mb in a catalogue of your own.")

    def _finish(self, etag: str, changed: str) -> Receipt:
        os.fsync(self.part.fileno())
        part, found = part_path(self.target), sha256_of(part_path(self.target))
        if self.sha256 is not None and found != self.sha256:
            self._begin_again()
            raise ChecksumError(f"{shown(self.address)} is another file than expected: sha256 {found} instead of "
                                f"{self.sha256}. It was not kept, and {self.target} is as it was.",
                                "Find out why it changed before you use it.")
        receipt = Receipt(self.address, found, part.stat().st_size, etag, changed, self.retrieved_on)
        part.replace(self.target)
        write_beside(receipt_path(self.target), receipt)
        note_path(self.target).unlink(missing_ok=True)
        return receipt

    def _begin_again(self) -> int:
        """Throw away what came so far."""
        note_path(self.target).unlink(missing_ok=True)
        self.part.truncate(0)
        self.part.seek(0)
        return 0

    def _size(self) -> int:
        return os.fstat(self.part.fileno()).st_size


@contextmanager
def _part(target: Path) -> Iterator[IO[bytes]]:
    """The part, held against a second download of the same file; removed where nothing is in it."""
    path = part_path(target)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    with os.fdopen(descriptor, "r+b", buffering=0) as part:
        if fcntl is not None:
            try:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FetchError(f"Another download of {target} is under way.", "Wait until it has ended.") from error
        try:
            yield part
        finally:
            if os.fstat(part.fileno()).st_size == 0:
                path.unlink(missing_ok=True)


@contextmanager
def _disk(target: Path) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
            raise FetchError(f"The disk is full: {target} could not be fetched whole.",
                             "Make room and run the same command again; what came so far is kept.") from error
        raise FetchError(f"{target} cannot be written ({error.strerror or type(error).__name__}).",
                         "Mend the permissions, or choose another folder.") from error
