"""The ten stages in order. Whoever wants to know the pipeline reads this list."""

from __future__ import annotations

from itd_pipeline.pipeline.documents import CLEANED_TEXT, RAW_SOURCES
from itd_pipeline.pipeline.outcome import DATASET_RELEASE, EVALUATION_REPORT
from itd_pipeline.pipeline.people import HUMAN_EVALUATION, SAMPLE
from itd_pipeline.pipeline.records import CANDIDATE_SIGNALS, EXPERT_SEEDS, FILTERED_SET, SYNTHETIC_EXPANSIONS
from itd_pipeline.pipeline.stage import Stage

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        RAW_SOURCES,
        CLEANED_TEXT,
        EXPERT_SEEDS,
        SYNTHETIC_EXPANSIONS,
        CANDIDATE_SIGNALS,
        FILTERED_SET,
        SAMPLE,
        HUMAN_EVALUATION,
        EVALUATION_REPORT,
        DATASET_RELEASE,
    )
}
"""By name; every stage stands after the stages that it reads."""

PARTITIONED = tuple(stage.name for stage in STAGES.values() if stage.partitioned)
"""Stages with one partition per source."""

TABLES = tuple(stage.table for stage in STAGES.values())
"""Contracts of the stages' rows."""
