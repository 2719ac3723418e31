"""Near-duplicates: texts whose words, in runs of five, are mostly the same.

Twins waste training steps and, across splits, leak the test set (Lee et al. 2022, doi 10.18653/v1/2022.acl-long.577).
Measure: Jaccard similarity of the sets of word 5-shingles (`shingles`), as in that work. Every pair at or above the
threshold is found and none below it: `sharing` leaves out what cannot have a partner, `similarity_join` compares the
rest. MinHash with bands, the usual way, misses pairs near the threshold and has to be verified; this is faster and
does neither.

Clusters are the connected groups of pairs: two members may be joined by a chain of twins. The member of the best
quality rank stays. Four texts of a record are compared, each for itself; the policy says which of them matter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.signals.sharing import Packed, PackedBlock, pack
from itd_pipeline.signals.shingles import shingles_of
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.signals.similarity_join import Pairs, similar_pairs
from itd_pipeline.signals.tokens import I64
from itd_pipeline.text.workers import cores

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "near_duplicate": ("instruction", "input", "output"),
    "instruction_near_duplicate": ("instruction",),
    "prompt_near_duplicate": ("instruction", "input"),
    "output_near_duplicate": ("output",),
}
"""Prefix of the columns -> fields whose text is compared, one after the other."""

_BLOCK_ROWS = 5000

Block = Callable[[], pa.Array]
"""Texts of some rows, read when they are asked for, on any thread."""


@dataclass(frozen=True)
class Clusters:
    """Per record: least id of its cluster, id of the member kept (null for that one), similarity to the nearest."""

    cluster: list[str | None]
    duplicate_of: list[str | None]
    jaccard: list[float | None]


def near_duplicates(
    blocks: Iterable[Block], record_ids: Sequence[str], quality_rank: Sequence[int], threshold: float,
) -> Clusters:
    """Clusters of records whose similarity is `threshold` or more.

    Args:
        blocks: texts of all records, in the order of `record_ids`.
        record_ids: unique ids.
        quality_rank: which member stays: the least.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    count = len(record_ids)
    nearest = np.full(count, -1.0)
    label = np.arange(count)
    for pairs in near_duplicate_pairs(blocks, count, threshold):
        np.maximum.at(nearest, pairs.left, pairs.jaccard)
        np.maximum.at(nearest, pairs.right, pairs.jaccard)
        label = connected(label, pairs.left, pairs.right)
    result = Clusters([None] * count, [None] * count, [None] * count)
    for members in _groups(label, np.flatnonzero(nearest >= 0)):
        least = min(record_ids[i] for i in members)
        kept = min(members, key=lambda i: quality_rank[i])
        for i in members:
            result.cluster[i] = least
            result.duplicate_of[i] = None if i == kept else record_ids[kept]
            result.jaccard[i] = float(nearest[i])
    return result


def near_duplicate_pairs(blocks: Iterable[Block], row_count: int, threshold: float) -> Iterator[Pairs]:
    """Pairs of rows at or above the threshold. Of rows with the same text only the first is paired with others, and
    each of the rest with that first: they connect the same clusters.

    Args:
        blocks: texts of all rows, in order.
        row_count: how many rows they hold together.
        threshold: Jaccard similarity, above 0 and up to 1.
    """
    packed = Packed(row_count)
    for block in _on_all_cores(blocks, packed.row_bits):
        packed.add(block)
    shared = packed.shared(threshold)
    copies = np.flatnonzero(shared.first != np.arange(row_count))
    if len(copies):
        yield Pairs(shared.first[copies], copies, np.ones(len(copies)))
    rows, place = np.unique(shared.rows, return_inverse=True)
    for pairs in similar_pairs(shared.hashes, place, len(rows), threshold, shared.sizes[rows]):
        yield Pairs(rows[pairs.left], rows[pairs.right], pairs.jaccard)


def connected(label: I64, left: I64, right: I64) -> I64:
    """Labels of connected rows after new edges: each is the least row that it is connected with.

    Args:
        label: labels so far; at first every row's own number.
        left, right: rows that an edge joins.
    """
    while True:
        low, high = np.minimum(label[left], label[right]), np.maximum(label[left], label[right])
        if np.array_equal(low, high):
            return label
        label = label.copy()
        np.minimum.at(label, high, low)
        while not np.array_equal(label, label[label]):
            label = label[label]


def _on_all_cores(blocks: Iterable[Block], row_bits: int) -> Iterator[PackedBlock]:
    """Threads, because numpy and Arrow work without the interpreter's lock."""

    def work(block: Block) -> PackedBlock:
        return pack(shingles_of(block()), row_bits)

    waiting: deque[Future[PackedBlock]] = deque()
    with ThreadPoolExecutor(cores()) as pool:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > 2 * cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _groups(label: I64, rows: I64) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row, group in zip(rows.tolist(), label[rows].tolist(), strict=True):
        groups.setdefault(group, []).append(row)
    return list(groups.values())


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
