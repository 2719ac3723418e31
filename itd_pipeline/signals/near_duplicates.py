"""Near-duplicates among records: four texts of each are compared, each for itself; the policy says which matter.

Twins waste training steps and, across splits, leak the test set (Lee et al. 2022, doi 10.18653/v1/2022.acl-long.577).
How they are found: `similarity.clusters`. Of a cluster the member of the best quality rank stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.clusters import Block, near_duplicates

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "near_duplicate": ("instruction", "input", "output"),
    "instruction_near_duplicate": ("instruction",),
    "prompt_near_duplicate": ("instruction", "input"),
    "output_near_duplicate": ("output",),
}
"""Prefix of the columns -> fields whose text is compared, one after the other."""

_BLOCK_ROWS = 5000


def text_blocks(table: pa.Table, fields: Sequence[str], block_rows: int = _BLOCK_ROWS) -> Iterator[Block]:
    """Fields of a table, one after the other, as blocks of texts.

    Args:
        table: with the fields as string columns, which may hold nulls.
        fields: columns.
    """
    for start in range(0, table.num_rows, block_rows):
        yield partial(_text, table.slice(start, block_rows), fields)


def _text(table: pa.Table, fields: Sequence[str]) -> pa.Array:
    columns = [table.column(field) for field in fields]
    joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(
        *columns, "\n", null_handling="replace", null_replacement="")
    return pa.concat_arrays(joined.chunks)


def measured(records: Records) -> Columns:
    """Clusters among all records, for each family of texts."""
    ids, ranks = records.column("record_id"), records.measured("quality_rank")
    columns: dict[str, list[Any]] = {}
    for prefix, fields in FAMILIES.items():
        found = near_duplicates(text_blocks(records.table, fields), ids, ranks,
                                records.study.signals.near_duplicate_jaccard)
        columns |= {f"{prefix}_cluster": found.cluster, f"{prefix}_of": found.duplicate_of,
                    f"{prefix}_jaccard": found.jaccard}
    return columns


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"jaccard": study.signals.near_duplicate_jaccard}


def _facts(_: Study, rows: pa.Table) -> Mapping[str, Any]:
    return {"clusters": pc.count_distinct(rows.column("near_duplicate_cluster")).as_py()}


SIGNAL = Signal(
    name="near_duplicates", version=2, compute=measured, each=False, needs=("quality_rank",), parameters=_parameters,
    columns=tuple(f"{prefix}_{suffix}" for prefix in FAMILIES for suffix in ("cluster", "of", "jaccard")),
    facts=_facts, libraries=("numpy",),
)
