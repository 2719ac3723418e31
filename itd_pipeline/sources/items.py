"""What readers speak: files, drafts of documents, items turned away, and the count of items met.

Belongs here: small values and the protocol of a reader. Does not belong here: any format, any file access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Source

MAX_BYTES = 256 * 1024 * 1024
"""Largest file, or unpacked file of an archive, where the profile sets no `max_bytes`."""

COMMON_OPTIONS: Mapping[str, str] = {
    "max_bytes": f"largest file in bytes once unpacked; larger ones are rejected as too_large (default {MAX_BYTES})",
}


@dataclass(frozen=True)
class SourceFile:
    """A file that a source is made of.

    Args:
        name: stable name relative to the source, with forward slashes; the same on every machine.
        path: absolute path.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class Section:
    """A section that the source declares.

    Args:
        title: heading as written; may be empty.
        start: first character of the section's body in the document's text.
        end: one past its last character; subsections lie inside.
        level: depth, from 1.
        code: code of the kind of section, such as LOINC; empty where there is none.
    """

    title: str
    start: int
    end: int
    level: int = 1
    code: str = ""


@dataclass(frozen=True)
class Draft:
    """A document as a reader saw it. What is missing is filled in from the source's settings.

    Args:
        external_id: the source's own id, unique within the source.
        text: text as it came, not blank.
        origin: file, with row or element, that it was read from.
        group: whatever documents share that must never be parted; None groups by patient, or the document alone.
        attributes: structured fields, as plain JSON values.
        sections: in order of their start; a section lies wholly inside or outside of another.
        patient: the source's own key of the patient whom the document is about.
        identifiers: (class, value) pairs that the source knows about the patient, classes as in
            `text.identifiers.finding.Finding`.
        patient_data: True where the format itself says that the text is about a patient; None leaves it to the
            profile.
    """

    external_id: str
    text: str
    origin: str
    title: str = ""
    question: str | None = None
    question_type: str | None = None
    language: str | None = None
    specialty: str | None = None
    audience: str | None = None
    url: str | None = None
    licence: str | None = None
    evidence_date: str | None = None
    group: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    patient: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    patient_data: bool | None = None


@dataclass(frozen=True)
class TurnedAway:
    """An item that does not become a document.

    Args:
        origin: file, with row or element.
        reason: stable code in snake_case.
        detail: positions, sizes and limits; never text of the item.
        row: the item, whole; for a file its name, size and SHA-256.
    """

    origin: str
    reason: str
    detail: str
    row: Mapping[str, Any]


Item = Draft | TurnedAway


class Intake:
    """Counts what is met, at the moment it is met, so that the accounting does not follow from the outcome.

    A reader calls `begin` once before it parses each item, and then yields exactly one draft or one item turned
    away. A whole file that cannot be read is one item.
    """

    def __init__(self) -> None:
        self.units = 0
        self.files_read = 0
        self.files_skipped = 0

    def begin(self) -> None:
        """An item begins."""
        self.units += 1

    def file(self) -> None:
        """A file, or a file inside an archive, begins."""
        self.files_read += 1

    def skip(self, count: int = 1) -> None:
        """Files that do not belong to the source, such as a readme beside XML."""
        self.files_skipped += count


class Reader(Protocol):
    """What understands one format. To add one: a file in this folder and a line in `registry.py`."""

    @property
    def name(self) -> str:
        """Name in the profile."""
        ...

    @property
    def description(self) -> str:
        """What it reads, in one sentence."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Keys that the profile's `options` may hold -> meaning."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Document fields that the profile's `columns` may map; empty where the format has no columns."""
        ...

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        """Files that decide what the source holds, sorted by name. Raises SourceError."""
        ...

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        """Items in a fixed order, one at a time. Raises SourceError where nothing at all can be read."""
        ...


def max_bytes(source: Source, default: int = MAX_BYTES) -> int:
    """The option `max_bytes`, else the reader's default. Raises ConfigError where it is no positive whole number."""
    value = source.options.get("max_bytes", default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError("The option max_bytes is not a positive whole number.", f"Leave it out for {default}.")
    return value
