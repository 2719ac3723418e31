"""The balance of every stage and partition, from the manifests."""

from __future__ import annotations

from typing import Any

from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake

UNITS = {
    "raw_sources": "items of the source",
    "cleaned_text": "passages cut, and documents that gave none",
    "expert_seeds": "records written",
    "synthetic_expansions": "records planned",
    "candidate_signals": "candidates",
    "filtered_set": "candidates",
    "review_sample": "assignments",
    "human_evaluation": "answers",
    "evaluation_report": "numbers",
    "dataset_release": "records",
}


def funnel(settings: Settings, lake: Lake, upto: str | None = None) -> list[dict[str, Any]]:
    """One dict per built stage and partition: stage, partition, unit, units_in, rows_out, rejected, seconds.

    Args:
        upto: stop before this stage.
    """
    from itd_pipeline.pipeline.graph import STAGES

    balances: list[dict[str, Any]] = []
    for stage in STAGES.values():
        if stage.name == upto:
            break
        for partition in sorted(settings.sources) if stage.partitioned else ("",):
            manifest = lake.manifest(stage.name, partition)
            if manifest is not None:
                balances.append({
                    "stage": stage.name, "partition": partition, "unit": UNITS[stage.name],
                    "units_in": manifest.units_in, "rows_out": manifest.rows_out,
                    "rejected": dict(manifest.rejected), "seconds": manifest.seconds,
                })
    return balances
