"""The rejected rows: same shape at every stage, each row whole."""

from __future__ import annotations

from itd_pipeline.tables.contract import Table, text

REJECTS = Table(
    name="rejected",
    description="Rows that a stage turned away, whole, with the reason. One such file stands beside every table.",
    columns=(
        text("stage", "Asset that turned the row away."),
        text("partition", "Source it belongs to; empty where the asset is not partitioned."),
        text("row_id", "Id of the row turned away, unique within stage and partition."),
        text("parent_id", "Id of the upstream row it came from.", nullable=True),
        text("reason", "Stable reason code in snake_case."),
        text("detail", "Values, thresholds and positions behind the reason; never text of the row."),
        text("row", "The row itself as JSON.", sensitivity="text"),
    ),
    key=("row_id",),
)
