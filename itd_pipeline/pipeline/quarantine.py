"""Records that the policy set aside for experts, read back from the rejected rows of the filtered set.

They stand there whole under the reason `quarantined`, so the account of the stage holds; the review sample draws from
them, too. Belongs here: reading them. Does not belong here: what sets a record aside (the policy), or the draw
(review).
"""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.policy import QUARANTINED
from itd_pipeline.tables.records import FILTERED


def quarantined(scope: Scope) -> pa.Table:
    """The records set aside, in the columns of the filtered set, by record id."""
    rejected = scope.lake.read("filtered_set", "", "rejected", columns=["reason", "row"])
    rows = rejected.filter(pc.equal(rejected.column("reason"), QUARANTINED)).column("row").to_pylist()
    return FILTERED.from_rows([json.loads(row) for row in rows]).sort_by("record_id")
