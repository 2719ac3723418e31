"""Passages and documents by id: the way from a record to its evidence.

Belongs here: looking up. Does not belong here: whether a record may be released (`gate.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.errors import ContractError

Row = Mapping[str, Any]

_PASSAGE = ("passage_id", "document_id", "source", "start", "end", "licence", "patient_data")
_PASSAGE_MORE = ("group_id", "url", "privacy_status")
_DOCUMENT = ("document_id", "source", "external_id", "url", "licence")
_DOCUMENT_MORE = ("group_id", "origin", "retrieved_on", "content_hash", "patient_data")


@dataclass(frozen=True)
class Evidence:
    """Passages and documents by their ids, without any text."""

    passages: Mapping[str, Row]
    documents: Mapping[str, Row]

    @classmethod
    def of(cls, passages: pa.Table, documents: pa.Table) -> Evidence:
        """Raises ContractError where a needed column is missing."""
        return cls(
            _by_id("passages", passages, _PASSAGE, _PASSAGE_MORE),
            _by_id("documents", documents, _DOCUMENT, _DOCUMENT_MORE),
        )

    def passages_of(self, record: Row) -> list[Row]:
        """The known passages of a record, in the order in which it names them."""
        return [self.passages[p] for p in passage_ids(record) if p in self.passages]

    def document_ids(self, record: Row) -> list[str]:
        """Documents of a record: those it names, then those of its passages, each once."""
        return list(dict.fromkeys([*record["document_ids"], *(p["document_id"] for p in self.passages_of(record))]))

    def group_ids(self, record: Row) -> Iterator[str]:
        """Groups of a record: its own, then those of its passages and documents where they are known."""
        yield record["group_id"]
        for passage in self.passages_of(record):
            if passage.get("group_id"):
                yield passage["group_id"]
        for document_id in self.document_ids(record):
            group = self.documents.get(document_id, {}).get("group_id")
            if group:
                yield group

    def missing(self, record: Row) -> tuple[list[str], list[str]]:
        """Ids of passages and of documents that the record names and nobody knows."""
        return (
            [p for p in passage_ids(record) if p not in self.passages],
            [d for d in self.document_ids(record) if d not in self.documents],
        )


def passage_ids(record: Row) -> list[str]:
    """Passages that a record names, by itself or in a citation, each once. An empty id is a reference in words."""
    cited = (citation["passage_id"] for citation in record["citations"])
    return list(dict.fromkeys(p for p in (*record["passage_ids"], *cited) if p))


def _by_id(name: str, table: pa.Table, needed: tuple[str, ...], more: tuple[str, ...]) -> dict[str, Row]:
    missing = [column for column in needed if column not in table.column_names]
    if missing:
        raise ContractError(f"The {name} of a release lack the columns {', '.join(missing)}.",
                            f"Give at least {', '.join(needed)}.")
    present = [column for column in (*needed, *more) if column in table.column_names]
    return {row[needed[0]]: row for row in table.select(present).to_pylist()}
