"""Passages on disk between two passes: written once in order, then read in order, or some texts by index.

Belongs here: the scratch files. What is spooled has been de-identified; the folder goes away with the work.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from itd_pipeline.tables.arrays import integers


class Spool:
    """Tables in numbered Arrow files.

    Args:
        folder: a folder of one's own.
        prefix: of the files' names, where several share a folder.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self._folder, self._prefix = folder, prefix
        self._starts: list[int] = []
        self._count = 0

    def add(self, table: pa.Table) -> None:
        with pa.OSFile(str(self._path(len(self._starts))), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        self._starts.append(self._count)
        self._count += table.num_rows

    def tables(self) -> Iterator[tuple[int, pa.Table]]:
        """(index of the first row, table) as they were added."""
        for number, start in enumerate(self._starts):
            yield start, self._read(number)

    def texts(self, indices: Sequence[int]) -> Mapping[int, str]:
        """`text` of rows by index, which must ascend."""
        return self.column("text", indices)

    def column(self, name: str, indices: Sequence[int]) -> Mapping[int, str]:
        """A column of rows by index, which must ascend."""
        found: dict[int, str] = {}
        at = 0
        while at < len(indices):
            number = bisect_right(self._starts, indices[at]) - 1
            start = self._starts[number]
            stop = self._starts[number + 1] if number + 1 < len(self._starts) else self._count
            here = []
            while at < len(indices) and indices[at] < stop:
                here.append(indices[at])
                at += 1
            values = self._read(number).column(name).take(integers([i - start for i in here]))
            found.update(zip(here, values.to_pylist(), strict=True))
        return found

    def _read(self, number: int) -> pa.Table:
        with pa.OSFile(str(self._path(number)), "rb") as source:
            return pa.ipc.open_file(source).read_all()

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._prefix}{number:06d}.arrow"
