"""The one file that a reader wants, out of a zip that was fetched.

Belongs here: readers that take a single file and no archive. All others read archives as they are.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import zipfile
import zlib
from pathlib import Path

from itd_pipeline.errors import FetchError

_CHUNK = 1 << 20
_MOST = 2_000_000_000


def take_member(archive: Path, pattern: str, most: int = _MOST) -> Path:
    """Write the one file of a zip whose name fits the pattern beside the archive, under its own name.

    Raises:
        FetchError: none fits or several do, or it cannot be unpacked.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            fitting = [info for info in opened.infolist() if not info.is_dir()
                       and fnmatch.fnmatchcase(posixpath.basename(info.filename).lower(), pattern.lower())]
            if len(fitting) != 1:
                names = ", ".join(posixpath.basename(info.filename) for info in fitting[:5]) or "none"
                raise FetchError(f"{archive} should hold one file like {pattern}; it holds {len(fitting)} ({names}).",
                                 "Unpack the right one by hand and give it to itd sources add.")
            name = re.sub(r"[^A-Za-z0-9._-]", "_", posixpath.basename(fitting[0].filename)).lstrip(".")
            target = archive.with_name(name)
            fresh = target.with_name(f"{name}.part")
            written = 0
            with opened.open(fitting[0]) as member, fresh.open("wb") as file:
                while chunk := member.read(_CHUNK):
                    written += len(chunk)
                    if written > most:
                        raise FetchError(f"{name} in {archive} unpacks to more than {most:,} bytes.",
                                         "Look at it by hand.")
                    file.write(chunk)
            fresh.replace(target)
            return target
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchError(f"{archive} cannot be unpacked ({type(error).__name__}).",
                         "Remove it with its receipt and fetch it again.") from error
