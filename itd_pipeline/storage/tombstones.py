"""Tombstones: what was removed, when and why. They outlive the data and hold none of it.

Belongs here: the file and its lines. Does not belong here: finding what is to go (`pipeline.forget`).
Two kinds: a document that is `gone` from its source may come back with it; what was `forgotten` on request stays away,
also when the source is read again. Documents and patients stand here as hashes of the source's own keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from itd_pipeline.errors import StorageError
from itd_pipeline.ports import content_id
from itd_pipeline.storage.lake import write_atomically

NAME = "tombstones.jsonl"
What = Literal["document", "patient", "source", "seed"]


@dataclass(frozen=True)
class Tombstone:
    """One thing that was removed.

    Args:
        what: `document`, `patient`, `source` or `seed`.
        source: name of the source; `expert_seeds` for a seed.
        key: `document_key` of a document, `group_id` of a patient, the name of a source, the record id of a seed.
        when: ISO date.
        why: in the words of whoever removed it.
        forgotten: whether it stays away when the source is read again.
    """

    what: What
    source: str
    key: str
    when: str
    why: str
    forgotten: bool


def document_key(source: str, external_id: str) -> str:
    """What stays the same of a document when its text changes."""
    return content_id("key", source, external_id)


def tombstones(lake: Path) -> list[Tombstone]:
    """All of a lake, oldest first. Raises StorageError where a line cannot be read: none may be overlooked."""
    path = lake / NAME
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(Tombstone(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise StorageError(f"{path}, line {number}, is no tombstone ({type(error).__name__}).",
                               "Restore the file from a backup: without it, what was forgotten could come back.") \
                from error
    return found


def add_tombstones(lake: Path, more: Iterable[Tombstone]) -> None:
    """Add those that do not stand there yet, in one step."""
    held = tombstones(lake)
    known = {(t.what, t.source, t.key, t.forgotten) for t in held}
    new = [t for t in more if (t.what, t.source, t.key, t.forgotten) not in known]
    if new:
        lines = [json.dumps(asdict(t), sort_keys=True, ensure_ascii=False) for t in [*held, *new]]
        write_atomically(lake / NAME, ("\n".join(lines) + "\n").encode())


@dataclass(frozen=True)
class Forgotten:
    """What must not be read again of one source."""

    documents: frozenset[str]
    patients: frozenset[str]
    whole_source: bool

    @classmethod
    def of(cls, lake: Path, source: str) -> Forgotten:
        mine = [t for t in tombstones(lake) if t.source == source and t.forgotten]
        return cls(frozenset(t.key for t in mine if t.what == "document"),
                   frozenset(t.key for t in mine if t.what == "patient"), any(t.what == "source" for t in mine))

    def __bool__(self) -> bool:
        return bool(self.documents or self.patients or self.whole_source)

    def covers(self, source: str, external_id: str, group_id: str) -> bool:
        return self.whole_source or group_id in self.patients or (
            bool(self.documents) and document_key(source, external_id) in self.documents)

    def keys(self) -> list[str]:
        """What decides the content of a stage that reads the source."""
        return sorted(self.documents | self.patients) + (["*"] if self.whole_source else [])
