"""Near-duplicates among the records of a release, from their words alone, so that a stranger finds the same ones.

The measure is that of the signals: Jaccard similarity of word 5-shingles over instruction, input and output.
"""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.similarity.clusters import near_duplicates

_TEXT = ("instruction", "input", "output")


def twin_clusters(records: pa.Table, threshold: float) -> list[str | None]:
    """Least record id of each record's cluster of near-duplicates; None where it has no twin.

    Args:
        records: at least record_id, instruction, input, output.
        threshold: Jaccard similarity from which two records are near-duplicates, above 0 and up to 1.
    """
    if not records.num_rows:
        return []
    texts = pa.array(["\n".join(row[name] or "" for name in _TEXT) for row in records.select(_TEXT).to_pylist()],
                     pa.string())
    ids = records.column("record_id").to_pylist()
    return near_duplicates([lambda: texts], ids, range(len(ids)), threshold).cluster
