"""How candidates are measured; thresholds stand in the policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank


class Benchmark(Section):
    """A benchmark that the dataset must not contain."""

    path: Path = Field(description="JSONL, CSV or Parquet file.")
    columns: tuple[str, ...] = Field(description="Columns whose text must not be found in the dataset.")

    _paths = field_validator("path", mode="before")(not_blank)


class Signals(Section):
    """How candidates are measured. Thresholds stand in the policy."""

    near_duplicate_jaccard: float = Field(default=0.8, gt=0, le=1, description="Word 5-shingle Jaccard similarity "
                                          "from which two records are near-duplicates.")
    novelty_routes: tuple[str, ...] = Field(default=("synthetic", "hybrid"), description="Routes whose novelty is "
                                            "measured; templates and converted pairs repeat their question forms "
                                            "by design.")
    novelty_threshold: float = Field(default=0.7, gt=0, le=1, description="ROUGE-L from which an instruction counts "
                                     "as known (Self-Instruct's 0.7); known ones do not extend the pool.")
    novelty_floor: float = Field(default=0.7, gt=0, le=1, description="Least ROUGE-L that is told: below it the "
                                 "signal is 0. A policy may try thresholds down to it without a new measurement; the "
                                 "lower, the more pairs are compared.")
    embedding: str = Field(default="", description="Embedding model for semantic duplicates and the strong order: "
                           "`local/all-minilm-l6-v2`, or one that litellm names; empty measures no semantic "
                           "duplicates and spreads the strong order by words.")
    strong_size: int = Field(default=1000, ge=0, description="Records that get a place in the strong order.")
    benchmarks: Mapping[str, Benchmark] = Field(default_factory=dict, description="Benchmarks by name.")
    workers: int = Field(default=0, ge=0, description="Processes that measure records; 0 means one for each core. "
                         "Decides no content.")
