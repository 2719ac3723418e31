"""The gate before everything else: documents whose licence forbids the dataset's purpose do not go on.

Belongs here: a batch of documents in, a batch out. Does not belong here: the rule (`judging.py`).
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from itd_pipeline.licensing.judging import judge
from itd_pipeline.ports import Batch, reject
from itd_pipeline.settings import Licensing
from itd_pipeline.tables.rejects import REJECTS

STAGE = "raw_sources"
REASON = "licence_forbids"


def sift(batch: Batch, source: str, policy: Licensing) -> Batch:
    """The batch without documents that may not be used; they become rejects `licence_forbids`, the clause named.

    Args:
        batch: rows in the schema of `tables.documents.DOCUMENTS`.
        source: partition that rejects are booked under.
        policy: what the dataset is for.
    """
    licences = batch.rows.column("licence").to_pylist()
    verdicts = {licence: judge(licence, policy) for licence in sorted(set(licences))}
    if all(verdict.allowed for verdict in verdicts.values()):
        return batch
    allowed = pa.array([verdicts[licence].allowed for licence in licences])
    refused = [
        reject(STAGE, source, row["document_id"], REASON,
               f"clause={verdicts[row['licence']].clause}: {verdicts[row['licence']].detail}", row)
        for row in batch.rows.filter(pa.array([not verdicts[licence].allowed for licence in licences])).to_pylist()
    ]
    return replace(batch, rows=batch.rows.filter(allowed),
                   rejects=pa.concat_tables([batch.rejects, REJECTS.from_rows(refused)]))
