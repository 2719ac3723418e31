"""The passages of an earlier run as `text.clean` asks for them: by document, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.storage.lake import Lake
from itd_pipeline.tables.passages import CLEANED_DOCUMENTS, PASSAGES

_GROUPS_HELD = 2


class StoredBefore:
    """The partition of `cleaned_text` that lies in the lake. Follows the protocol `text.changes.Before`.

    Memory: about 100 bytes for each document, and two row groups of each table. Documents mostly come in the order in
    which they were stored, so that each row group is read once.
    """

    def __init__(self, lake: Lake, partition: str) -> None:
        held = lake.read(PASSAGES.name, partition, CLEANED_DOCUMENTS.name)
        self._ids = np.array([_number(name) for name in held.column("document_id").to_pylist()], np.uint64)
        self._order = np.argsort(self._ids)
        self._ids = self._ids[self._order]
        self._hashes = held.column("input_hash").combine_chunks()
        self._passages = _Slices(lake, partition, "rows", held.column("passages").to_pylist())
        self._rejects = _Slices(lake, partition, "rejected", held.column("rejected").to_pylist())

    def holds(self, document_id: str, input_hash: str) -> bool:
        at = self._place(document_id)
        return at is not None and self._hashes[at].as_py() == input_hash

    def result(self, document_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        at = self._place(document_id)
        if at is None:
            raise KeyError(document_id)
        return self._passages.of(at), self._rejects.of(at)

    def _place(self, document_id: str) -> int | None:
        number = _number(document_id)
        at = int(np.searchsorted(self._ids, np.uint64(number)))
        return int(self._order[at]) if at < len(self._ids) and int(self._ids[at]) == number else None


class _Slices:
    """Runs of rows of a Parquet file, by the number of their document."""

    def __init__(self, lake: Lake, partition: str, name: str, counts: Iterable[int]) -> None:
        self._starts = np.array([0, *accumulate(counts)], np.int64)
        self._path = lake.path(PASSAGES.name, partition, name)
        with pq.ParquetFile(self._path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        self._groups = np.array([0, *accumulate(sizes)], np.int64)
        self._held: dict[int, pa.Table] = {}

    def of(self, document: int) -> list[dict[str, Any]]:
        start, stop = int(self._starts[document]), int(self._starts[document + 1])
        rows: list[dict[str, Any]] = []
        while start < stop:
            group = int(np.searchsorted(self._groups, start, side="right")) - 1
            until = min(stop, int(self._groups[group + 1]))
            first = start - int(self._groups[group])
            rows += self._group(group).slice(first, until - start).to_pylist()
            start = until
        return rows

    def _group(self, number: int) -> pa.Table:
        table = self._held.get(number)
        if table is None:
            while len(self._held) >= _GROUPS_HELD:
                self._held.pop(next(iter(self._held)))
            with pq.ParquetFile(self._path) as file:
                table = self._held[number] = file.read_row_group(number)
        return table


def _number(document_id: str) -> int:
    """The first 64 bits of the hash that a document's id is."""
    return int(document_id.rpartition("-")[2][:16], 16)
