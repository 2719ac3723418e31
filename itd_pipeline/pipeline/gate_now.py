"""What the release still needs from the experts, counted from the answers as they are now; nothing is written.

It is what the stage `human_evaluation` would say, so the page of the lead and the blocking check never differ.
"""

from __future__ import annotations

from typing import Any

from itd_pipeline.pipeline.people import HUMAN_EVALUATION
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake


def gate_now(settings: Settings, lake: Lake) -> list[dict[str, Any]]:
    """The conditions of `review.gate`, in order: `name`, `wanted`, `found`, `holds`, `missing` (in words).

    Takes seconds with some hundred records, for the agreement of every question is resampled.

    Raises:
        NotBuiltError: there is no sample yet.
    """
    lake.read("review_sample", columns=["record_id"])
    (batch,) = HUMAN_EVALUATION.compute(Scope(settings, lake))
    conditions: list[dict[str, Any]] = batch.facts["human"]["gate"]
    return conditions
