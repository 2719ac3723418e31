"""Near-duplicates among records: four texts of each are compared, each for itself; the policy says which matter.

Twins waste training steps and, across splits, leak the test set (Lee et al. 2022, doi 10.18653/v1/2022.acl-long.577).
How they are found: `similarity.clusters`. Of a cluster the member of the best quality rank stays. An index is kept:
where few records are new, those are compared with it (`similarity.continued`), and the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.signals.signal import Before, Columns, Kept, Records, Signal, Study
from itd_pipeline.similarity.arrays import I64
from itd_pipeline.similarity.clusters import Block, near_duplicates
from itd_pipeline.similarity.continued import Known, continued_clusters
from itd_pipeline.similarity.kept import Heads, TextsOf, heads_of
from itd_pipeline.tables.signals import NEAR_DUPLICATE_FAMILIES, NEAR_DUPLICATE_INDEX

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "near_duplicate": ("instruction", "input", "output"),
    "instruction_near_duplicate": ("instruction",),
    "prompt_near_duplicate": ("instruction", "input"),
    "output_near_duplicate": ("output",),
}
"""Prefix of the columns -> fields whose text is compared, one after the other."""

assert FAMILIES.keys() == NEAR_DUPLICATE_FAMILIES.keys()

MOST_NEW = 0.2
"""Share of new records from which all are compared at once. Decides the time that it takes and nothing else."""
_BLOCK_ROWS = 5000


def text_blocks(table: pa.Table, fields: Sequence[str], block_rows: int = _BLOCK_ROWS) -> Iterator[Block]:
    """Fields of a table, one after the other, as blocks of texts.

    Args:
        table: with the fields as string columns, which may hold nulls.
        fields: columns.
    """
    for start in range(0, table.num_rows, block_rows):
        yield partial(whole_text, table.slice(start, block_rows), fields)


def whole_text(table: pa.Table, fields: Sequence[str]) -> pa.Array:
    """Fields of each row, one after the other, a line each."""
    columns = [table.column(field) for field in fields]
    if not table.num_rows:
        return pa.array([], pa.string())
    joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(
        *columns, "\n", null_handling="replace", null_replacement="")
    return pa.concat_arrays(joined.chunks)


def measured(records: Records) -> Columns:
    """Clusters among all records, for each family of texts."""
    ids, ranks = records.column("record_id"), records.measured("quality_rank")
    threshold = records.study.signals.near_duplicate_jaccard
    few = records.before is not None and np.count_nonzero(records.before.places < 0) <= MOST_NEW * len(records)
    columns: dict[str, list[Any]] = {}
    for prefix, fields in FAMILIES.items():
        if few and records.before is not None and records.kept is not None:
            found = continued_clusters(texts_of_rows(records.table, fields), heads_in(records.kept, prefix),
                                       _known(records.before, prefix), ids, ranks, threshold)
        else:
            found = near_duplicates(text_blocks(records.table, fields), ids, ranks, threshold)
        columns |= {f"{prefix}_cluster": found.cluster, f"{prefix}_of": found.duplicate_of,
                    f"{prefix}_jaccard": found.jaccard}
    return columns


def index_rows(records: Records) -> pa.Table:
    """Rows of the index that is kept."""
    threshold = records.study.signals.near_duplicate_jaccard
    columns = {"record_id": records.table.column("record_id")}
    for prefix, fields in FAMILIES.items():
        heads = heads_of(whole_text(records.table, fields), threshold)
        columns[f"{prefix}_shingles"] = pa.array(heads.sizes)
        columns[f"{prefix}_head"] = pa.ListArray.from_arrays(pa.array(heads.offsets.astype(np.int32)),
                                                             pa.array(heads.hashes))
    return pa.table(columns)


def heads_in(index: pa.Table, prefix: str) -> Heads:
    """Heads of one family from the index."""
    listed = index.column(f"{prefix}_head").combine_chunks()
    lengths = pc.list_value_length(listed).to_numpy(zero_copy_only=False).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Heads(listed.flatten().to_numpy(zero_copy_only=False), offsets,
                 index.column(f"{prefix}_shingles").to_numpy())


def _known(before: Before, prefix: str) -> Known:
    there = before.places >= 0
    cluster, jaccard = before.rows.column(f"{prefix}_cluster"), before.rows.column(f"{prefix}_jaccard")
    stayed = np.zeros(before.rows.num_rows, bool)
    stayed[before.places[there]] = True
    places = pa.array(before.places, mask=~there)
    gone = cluster.filter(pa.array(~stayed)).drop_null()
    return Known(there, cluster.take(places).to_pylist(), jaccard.take(places).to_pylist(),
                 frozenset(gone.unique().to_pylist()))


def texts_of_rows(table: pa.Table, fields: Sequence[str]) -> TextsOf:
    """Gives the text of any rows of a table: fields, one after the other."""
    return partial(_texts_of, table, fields)


def _texts_of(table: pa.Table, fields: Sequence[str], rows: I64) -> pa.Array:
    return whole_text(table.select(list(fields)).take(pa.array(rows)), fields)


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"jaccard": study.signals.near_duplicate_jaccard}


def _facts(_: Study, rows: pa.Table) -> Mapping[str, Any]:
    return {"clusters": pc.count_distinct(rows.column("near_duplicate_cluster")).as_py()}


SIGNAL = Signal(
    name="near_duplicates", version=2, compute=measured, each=False, needs=("quality_rank",), parameters=_parameters,
    columns=tuple(f"{prefix}_{suffix}" for prefix in FAMILIES for suffix in ("cluster", "of", "jaccard")),
    facts=_facts, libraries=("numpy",), keeps=Kept(NEAR_DUPLICATE_INDEX, index_rows),
)
