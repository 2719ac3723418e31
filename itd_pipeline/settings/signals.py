"""How candidates are measured; thresholds stand in the policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.model import Model
from itd_pipeline.settings.section import Section, not_blank


class Benchmark(Section):
    """A benchmark that the dataset must not contain."""

    path: Path = Field(description="JSONL, CSV or Parquet file.")
    columns: tuple[str, ...] = Field(description="Columns whose text must not be found in the dataset.")

    _paths = field_validator("path", mode="before")(not_blank)


class JudgeModel(Section):
    """A model that scores records by a rubric. It costs two requests per record."""

    model: Model = Field(description="The judge; see [model](#model). Never of the family of the generator, unless "
                                     "allowed.")
    rubric: Mapping[str, str] = Field(default_factory=dict, description="Criterion and what a 5 means; empty asks for "
                                      "accuracy, grounding, completeness, safety and clarity.")
    allow_own_family: bool = Field(default=False, description="Whether it may judge what a model of its own family "
                                   "wrote.")
    entailment: bool = Field(default=False, description="Whether it is also asked, sentence by sentence, if the "
                             "evidence entails the output.")


class Signals(Section):
    """How candidates are measured. Thresholds stand in the policy."""

    near_duplicate_jaccard: float = Field(default=0.8, gt=0, le=1, description="Word 5-shingle Jaccard similarity "
                                          "from which two records are near-duplicates.")
    novelty_routes: tuple[str, ...] = Field(default=("synthetic", "hybrid"), description="Routes whose novelty is "
                                            "measured; templates and converted pairs repeat their question forms "
                                            "by design.")
    novelty_threshold: float = Field(default=0.7, gt=0, le=1, description="ROUGE-L from which an instruction counts "
                                     "as known (Self-Instruct's 0.7); known ones do not extend the pool.")
    benchmarks: Mapping[str, Benchmark] = Field(default_factory=dict, description="Benchmarks by name.")
    judge: JudgeModel | None = Field(default=None, description="A judge; none asks nobody and costs nothing.")
    workers: int = Field(default=0, ge=0, description="Processes that measure records; 0 means one for each core. "
                         "Decides no content.")
