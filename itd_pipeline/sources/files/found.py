"""Every file of a source, whether it lies in a folder, in a tar or in a zip: the one way in for readers of whole files.

Belongs here: walking listing and archives, sizes, and a problem as an item turned away. Does not belong here: what a
file means. A reader of whole files inherits `FileReader` and writes one verb, `documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.archives import ARCHIVES, Member, read_members
from itd_pipeline.sources.files.listing import Listing, list_path
from itd_pipeline.sources.files.streams import (
    FileProblem,
    bytes_turned_away,
    file_turned_away,
    read_unpacked,
    read_whole,
)
from itd_pipeline.sources.files.zips import ZIPS, read_zip
from itd_pipeline.sources.items import COMMON_OPTIONS, MAX_BYTES, Draft, Intake, Item, SourceFile, TurnedAway, max_bytes


@dataclass(frozen=True)
class FoundFile:
    """A file, whole.

    Args:
        name: relative to the source, or as in the archive.
        origin: `name`, or name of the archive, `!`, name: what documents and rejects carry.
        data: its bytes.
    """

    name: str
    origin: str
    data: bytes

    @property
    def stem(self) -> str:
        """The file's own name without folder and last suffix."""
        return self.name.rpartition("/")[2].rpartition(".")[0] or self.name.rpartition("/")[2]


class FileReader:
    """A reader of files that are read whole. Subclasses set the class variables and write `documents`.

    Class variables:
        name, description, options: as in `items.Reader`.
        suffixes: lower-case endings of the files that belong to a folder or archive, such as `.xml`; in a folder also
            packed with gzip.
        largest: bytes of a file from which it is `too_large` where the profile sets no `max_bytes`.
    """

    name: str
    description: str
    options: Mapping[str, str] = COMMON_OPTIONS
    columns: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    largest: int = MAX_BYTES

    def documents(self, source: Source, file: FoundFile) -> Iterable[Draft | TurnedAway]:
        """Drafts and items turned away of one file, at least one. Each yield is one unit.

        Raises:
            FileProblem: the file cannot be read (any further). What was yielded before stays; the file itself
                becomes one item turned away, with its size and SHA-256.
        """
        raise NotImplementedError

    def check(self, source: Source) -> None:
        """Raises ConfigError where an option is wrong. Called once, before any file is opened."""

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        return self._listing(path).files

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        self.check(source)
        listing = self._listing(path)
        intake.skip(listing.skipped)
        limit = max_bytes(source, self.largest)
        for entry in listing.entries:
            lower = entry.name.lower()
            if entry.problem is None and lower.endswith((*ARCHIVES, *ZIPS)) and not lower.endswith(self.suffixes):
                members = read_zip if lower.endswith(ZIPS) else read_members
                for found in members(entry.name, entry.path, self._wanted, limit, intake):
                    if isinstance(found, Member):
                        yield from self._read(source, FoundFile(found.name, found.origin, found.data), intake)
                    else:
                        yield found
                continue
            try:
                if entry.problem is not None:
                    raise entry.problem
                data = read_unpacked(entry.path, limit) if lower.endswith(".gz") else read_whole(entry.path, limit)
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)
            else:
                yield from self._read(source, FoundFile(entry.name, entry.name, data), intake)

    def _read(self, source: Source, file: FoundFile, intake: Intake) -> Iterator[Item]:
        intake.file()
        items = 0
        try:
            if not file.data:
                raise FileProblem("empty_file", "0 bytes")
            for item in self.documents(source, file):
                intake.begin()
                items += 1
                yield item
            if not items:
                raise FileProblem("no_documents", "nothing in it that could become a document")
        except FileProblem as problem:
            intake.begin()
            yield bytes_turned_away(file.origin, file.data, problem)

    def _wanted(self, name: str) -> bool:
        return name.lower().endswith(self.suffixes) and not name.startswith(".")

    def _listing(self, path: Path | None) -> Listing:
        packed = tuple(f"{suffix}.gz" for suffix in self.suffixes if not suffix.endswith(".gz"))
        return list_path(self.name, path, (*self.suffixes, *packed, *ARCHIVES, *ZIPS))
