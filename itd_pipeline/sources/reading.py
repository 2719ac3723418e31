"""A source as batches of documents: ids, defaults, vocabularies, duplicates, limits, the books.

Belongs here: what holds for every reader. Does not belong here: any format.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError, ContractError, SourceError
from itd_pipeline.ports import Batch, canonical_json, content_id, reject
from itd_pipeline.settings import Source
from itd_pipeline.sources.items import Draft, Intake, Item, Reader, SourceFile, TurnedAway
from itd_pipeline.sources.registry import readers
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.vocabularies import AUDIENCE, SPECIALTY, UNSPECIFIED

STAGE = "raw_sources"
_BATCH_CHARACTERS = 64 * 1024 * 1024
"""A batch is closed early at this much text, so that few long documents take no more memory than many short ones."""
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def source_files(name: str, source: Source, path: Path | None) -> list[SourceFile]:
    """Files that decide what a source holds, sorted; hash them to know whether it changed.

    Args:
        name: of the source in the profile.
        source: its settings.
        path: its path, resolved; None where the profile gives none.

    Raises:
        SourceError: unknown reader, or the path cannot be read.
        ConfigError: an option, column mapping or default value of the source is wrong.
    """
    return _reader(name, source).files(source, path)


def read_source(name: str, source: Source, path: Path | None, batch_rows: int = 5000) -> Iterator[Batch]:
    """Documents of a source, in order, at most `batch_rows` rows and rejects per batch; at least one batch.

    Each batch closes its books: `units_in` (items that began) == rows + rejects. Facts: `files_read` and
    `files_skipped` count this batch's files, so they add up; `limit_reached` is true in the last batch of a
    source that stopped at `limit`.

    Raises:
        As `source_files`, and SourceError where a file lacks a mapped column.
    """
    reader = _reader(name, source)
    intake, batch, seen = Intake(), _Open(name), _Seen()
    kept, limit = 0, source.limit
    with closing(_items(reader, source, path, intake)) as items:
        for item in items:
            done = _finish(name, source, item) if isinstance(item, Draft) else item
            if isinstance(done, dict) and not seen.add(done["external_id"]):
                done = TurnedAway(done["origin"], "duplicate_external_id", "an earlier document has this id",
                                  {key: done[key] for key in DOCUMENTS.names})
            if isinstance(done, TurnedAway):
                batch.rejects.append(_reject(name, done, seen))
            else:
                batch.rows.append(done)
                kept += 1
            batch.characters += len(item.text) if isinstance(item, Draft) else 0
            if limit is not None and kept >= limit:
                break
            if len(batch.rows) + len(batch.rejects) >= batch_rows or batch.characters >= _BATCH_CHARACTERS:
                yield batch.close(intake, limit_reached=False)
                batch = _Open(name, intake)
    yield batch.close(intake, limit_reached=limit is not None and kept >= limit)


def _items(reader: Reader, source: Source, path: Path | None, intake: Intake) -> Generator[Item, None, None]:
    yield from reader.read(source, path, intake)


def _reader(name: str, source: Source) -> Reader:
    """The reader of a source whose settings it can work with."""
    reader = readers().get(source.reader)
    if reader is None:
        raise SourceError(f"Source {name}: there is no reader {source.reader!r}.",
                          f"Readers: {', '.join(readers())}.")
    for what, given, valid in (("option", source.options, tuple(reader.options)),
                               ("field in `columns`", source.columns, reader.columns)):
        unknown = sorted(set(given) - set(valid))
        if unknown:
            raise ConfigError(f"Source {name}: the reader {reader.name} has no {what} {unknown[0]!r}.",
                              f"Valid: {', '.join(valid) or 'none'}.")
    for what, value, allowed in (("specialty", source.specialty, SPECIALTY), ("audience", source.audience, AUDIENCE)):
        if value not in allowed:
            raise ConfigError(f"Source {name}: {what} {value!r} is not in the vocabulary.",
                              f"Allowed: {', '.join(allowed)}.")
    return reader


class _Seen:
    """Ids met so far, as 128-bit digests: about 100 bytes each, however long the ids are."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, value: str) -> bool:
        """False where the value was met before."""
        digest = hashlib.blake2b(value.encode("utf-8"), digest_size=16).digest()
        if digest in self._digests:
            return False
        self._digests.add(digest)
        return True


class _Open:
    """A batch being filled. The counts of the intake at its start make its own counts differences."""

    def __init__(self, source: str, since: Intake | None = None) -> None:
        self.source = source
        self.rows: list[dict[str, Any]] = []
        self.rejects: list[dict[str, Any]] = []
        self.characters = 0
        self._before = (since.units, since.files_read, since.files_skipped) if since else (0, 0, 0)

    def close(self, intake: Intake, limit_reached: bool) -> Batch:
        """Raises ContractError where the reader lost or invented an item."""
        units, read, skipped = (now - before for now, before in zip(
            (intake.units, intake.files_read, intake.files_skipped), self._before, strict=True))
        if units != len(self.rows) + len(self.rejects):
            raise ContractError(f"Source {self.source}: {units} items began, but {len(self.rows)} documents and "
                                f"{len(self.rejects)} rejects came out.", "The reader has a fault; report it.")
        return Batch(
            rows=DOCUMENTS.from_rows(self.rows), rejects=REJECTS.from_rows(self.rejects), units_in=units,
            facts={"files_read": read, "files_skipped": skipped, "limit_reached": limit_reached},
        )


def _reject(source: str, item: TurnedAway, seen: _Seen) -> dict[str, Any]:
    """A row of the rejects table. Two members of an archive may share a name: the second id gets a number."""
    row_id, number = content_id("item", source, item.origin), 1
    while not seen.add(row_id):
        number += 1
        row_id = content_id("item", source, item.origin, str(number))
    row = reject(STAGE, source, row_id, item.reason, item.detail, item.row)
    # A lone surrogate has no UTF-8; spelled \udXXX it is valid JSON and comes back as it was.
    return {**row, "row": row["row"].encode("utf-8", "backslashreplace").decode("utf-8")}


def _finish(name: str, source: Source, draft: Draft) -> dict[str, Any] | TurnedAway:
    """A whole row of the documents table, or `invalid_unicode` where a value has no UTF-8."""
    attributes = dict(draft.attributes)
    language = (draft.language or "").strip().lower().replace("_", "-").split("-")[0]
    evidence_date = (draft.evidence_date or "").strip()
    row: dict[str, Any] = {
        "source": name,
        "external_id": draft.external_id,
        "group_id": "",
        "title": " ".join(draft.title.split()),
        "text": draft.text,
        "question": draft.question,
        "question_type": draft.question_type,
        "language": _declared("language", draft.language, _LANGUAGE.fullmatch(language) and language,
                              source.language, attributes),
        "specialty": _term("specialty", draft.specialty, SPECIALTY, source.specialty, attributes),
        "audience": _term("audience", draft.audience, AUDIENCE, source.audience, attributes),
        "url": draft.url or None,
        "licence": draft.licence or source.licence,
        "origin": draft.origin,
        "retrieved_on": source.retrieved_on,
        "evidence_date": _declared("evidence_date", draft.evidence_date,
                                   _DATE.fullmatch(evidence_date) and evidence_date, None, attributes),
        "patient_data": source.patient_data or bool(draft.patient_data),
        "patient_id": draft.patient or None,
        "sections": [asdict(section) for section in draft.sections],
        "identifiers": [{"identifier_class": kind, "value": value} for kind, value in draft.identifiers],
        "attributes": canonical_json(attributes),
    }
    for column, value in row.items():
        if isinstance(value, str) and (at := _surrogate(value)) is not None:
            return TurnedAway(draft.origin.encode("utf-8", "backslashreplace").decode(), "invalid_unicode",
                              f"{column}: lone surrogate at character {at}", row)
    group = draft.group
    if group is None:
        group = f"patient:{draft.patient}" if draft.patient else draft.external_id
    structured = canonical_json([row["sections"], row["identifiers"], group])
    if (at := _surrogate(structured)) is not None:
        return TurnedAway(draft.origin, "invalid_unicode", f"sections or identifiers: lone surrogate at {at}", row)
    hashed = canonical_json([row["title"], row["question"], row["text"], row["attributes"], row["sections"],
                             row["identifiers"]])
    row["content_hash"] = hashlib.sha256(hashed.encode("utf-8")).hexdigest()
    row["group_id"] = content_id("group", name, group)
    row["document_id"] = content_id("doc", name, draft.external_id, row["content_hash"])
    return row


def _term(field: str, declared: str | None, vocabulary: tuple[str, ...], default: str, into: dict[str, Any]) -> Any:
    """A declared value in the vocabulary's spelling. A foreign one is `unspecified` and kept as an attribute."""
    folded = re.sub(r"[\s-]+", "_", (declared or "").strip().lower())
    found = folded if folded in vocabulary else None
    return _declared(field, declared, found, UNSPECIFIED if declared else default, into)


def _declared(field: str, declared: str | None, valid: Any, otherwise: str | None, into: dict[str, Any]) -> Any:
    if declared and not valid:
        into[f"declared_{field}"] = declared
    return valid if declared and valid else otherwise


def _surrogate(value: str) -> int | None:
    """Position of the first character without UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None
