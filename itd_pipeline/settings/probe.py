"""The downstream probe: which model is trained, for how long, and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank


class ProbeBenchmark(Section):
    """A multiple-choice benchmark in a file: JSON lines or CSV (both also gzipped), or Parquet."""

    path: Path = Field(description="The file.")
    question: str = Field(default="question", description="Column of the question.")
    options: str | tuple[str, ...] = Field(default="options", description="Column with the options (a list, or a "
                                           "mapping from letter to text), or one column for each option.")
    answer: str = Field(default="answer", description="Column of the right option: its letter, its place from 0, or "
                        "its text.")

    _paths = field_validator("path", mode="before")(not_blank)


class Probe(Section):
    """`itd probe`: what a small model learns from the release. Runs only when asked for."""

    model: str = Field(default="local/smollm2-135m-instruct", description="`local/smollm2-135m-instruct` is the "
                       "carried model; any folder or cached name that `transformers` loads replaces it; `fake/words` "
                       "is the stand-in for tests.")
    steps: int = Field(default=300, ge=1, description="Steps of training, for each set that is compared.")
    batch_size: int = Field(default=4, ge=1, description="Records per step.")
    max_tokens: int = Field(default=256, ge=32, description="Longest record in tokens; longer ones are cut at the end.")
    learning_rate: float = Field(default=2e-4, gt=0, description="Of AdamW, after a warm-up of a tenth of the steps.")
    rank: int = Field(default=16, ge=1, description="Rank of LoRA.")
    held_out: int = Field(default=200, ge=2, description="Most records of the test split that are looked at.")
    items: int = Field(default=200, ge=2, description="Most items of each benchmark that are asked.")
    benchmarks: Mapping[str, ProbeBenchmark] = Field(default_factory=dict, description="Multiple-choice benchmarks by "
                                                     "name.")
    general_text: Path = Field(default=Path("data/probe/general.txt"), description="General text for the retention "
                               "check: passages parted by blank lines.")
    threads: int = Field(default=0, ge=0, description="Threads of the processor; 0 for one on each core.")
    seed: int = Field(default=7, description="Decides which records are drawn, and their order.")

    _paths = field_validator("general_text", mode="before")(not_blank)
