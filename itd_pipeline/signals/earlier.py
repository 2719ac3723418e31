"""What an earlier measurement found, for records and signals that are as they were.

Belongs here: telling which values still hold. Does not belong here: where they lie (the pipeline reads them).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.ports import Batch
from itd_pipeline.tables.signals import MEASURED

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Earlier:
    """An earlier measurement.

    Args:
        rows: its signals.
        inputs: record_id and input_hash of its records (`tables.signals.MEASURED`).
        keys: its key of each signal.
        digests: per signal that depends on all records, the digest of what it was computed from.
        kept: tables that such signals kept, by name, in the order of `rows`.
    """

    rows: pa.Table
    inputs: pa.Table
    keys: Mapping[str, str]
    digests: Mapping[str, str]
    kept: Mapping[str, pa.Table] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch) -> Earlier:
        """What a measurement gave back, as the next one takes it."""
        return cls(batch.rows, batch.sides[MEASURED.name], batch.facts["signal_keys"], batch.facts["signal_inputs"],
                   batch.sides)

    def places(self, record_ids: pa.ChunkedArray, hashes: pa.ChunkedArray) -> I64:
        """Row of each record in `rows`, -1 where it was not there or has changed."""
        place = pc.fill_null(pc.index_in(record_ids, self.inputs.column("record_id")), -1)
        found: I64 = place.to_numpy().astype(np.int64)
        there = np.flatnonzero(found >= 0)
        held = self.inputs.column("input_hash").take(pa.array(found[there]))
        same = pc.equal(held, hashes.take(pa.array(there))).to_numpy()
        found[there[~same]] = -1
        return found


def input_hashes(records: pa.Table, evidence: Mapping[str, str]) -> pa.Array:
    """Per record a hash of all its columns and of the texts of the passages that it names or cites.

    Args:
        records: the columns that signals read.
        evidence: text by passage id.
    """
    digest = {p: hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
              for p, text in evidence.items()}
    standing = [
        "".join(digest.get(p, "-") for p in [*ids, *(c["passage_id"] for c in citations)])
        for ids, citations in zip(records.column("passage_ids").to_pylist(), records.column("citations").to_pylist(),
                                  strict=True)]
    seen = records.append_column("_evidence", pa.array(standing, pa.string()))
    with duckdb.connect() as connection:
        connection.register("seen", seen)
        found = connection.sql("SELECT left(sha256(to_json(seen)::VARCHAR), 32) AS hash FROM seen").to_arrow_table()
        return pa.concat_arrays(found.column("hash").chunks) if len(found) else pa.array([], pa.string())


def digest_of(table: pa.Table) -> str:
    """Hash of a table's content, however it is chunked."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(pa.table({n: pa.concat_arrays(table.column(n).chunks) if table.column(n).num_chunks
                                     else pa.array([], table.schema.field(n).type)
                                     for n in table.column_names}, schema=table.schema))
    return hashlib.sha256(sink.getvalue()).hexdigest()[:24]
