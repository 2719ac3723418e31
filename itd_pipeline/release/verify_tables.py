"""Reading a table of a release that somebody else has written.

Belongs here: whether it can be read and keeps its contract. Does not belong here: what its rows say.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.errors import ContractError
from itd_pipeline.tables.contract import Table
from itd_pipeline.tables.records import SCHEMA_VERSION

Files = Mapping[str, bytes]


def read_table(path: str, contract: Table, files: Files) -> tuple[pa.Table | None, list[str]]:
    """A table that keeps its contract, or why it does not."""
    if path not in files:
        return None, [f"{path} is missing."]
    try:
        table = pq.ParquetFile(pa.BufferReader(files[path])).read()
    except (pa.ArrowException, OSError):
        return None, [f"{path} cannot be read as Parquet."]
    wanted, there = list(contract.names), list(table.column_names)
    if wanted != there:
        odd = sorted(set(wanted) ^ set(there)) or ["their order"]
        return None, [f"{path} does not hold the columns of schema {SCHEMA_VERSION}: {', '.join(odd)}."]
    try:
        return contract.conform(table), []
    except ContractError as error:
        return table if table.schema.types == contract.schema.types else None, [f"{path}: {error}"]
