"""Tables and values as bytes: the same content gives the same bytes.

Parquet bytes depend on the version of pyarrow, which is why it is pinned and noted in `versions.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 65_536
ZSTD_LEVEL = 9


def parquet_bytes(table: pa.Table) -> bytes:
    """`table` as one Parquet file: zstd, fixed row groups, no metadata of any data frame library.

    Chunks are joined first, so that the way in which a table was put together leaves no trace.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(None).combine_chunks(), sink, compression="zstd", compression_level=ZSTD_LEVEL,
        row_group_size=ROW_GROUP_ROWS, version="2.6", data_page_version="1.0", use_dictionary=True,
        write_statistics=True,
    )
    return bytes(sink.getvalue().to_pybytes())


def json_bytes(value: Any) -> bytes:
    """`value` as indented JSON with sorted keys and Unicode as it is."""
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def jsonl_bytes(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """One JSON object per line, sorted keys, Unicode as it is.

    U+2028, U+2029 and U+0085 are escaped: some readers take them for line ends.
    """
    text = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
    for mark in ("\u2028", "\u2029", "\u0085"):
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text.encode()
