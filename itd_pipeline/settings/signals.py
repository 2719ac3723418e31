"""How candidates are measured; thresholds stand in the policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from itd_pipeline.settings.model import Model
from itd_pipeline.settings.section import Section, not_blank

BuilderName = Literal["medqa", "medmcqa", "pubmedqa", "mmlu_medical", "medxpertqa", "healthbench", "liveqa",
                      "medicationqa", "k_qa", "medec", "bioasq"]
ROLES = ("prompt", "options", "answer", "id")


class Benchmark(Section):
    """A benchmark that the dataset must not contain: a file, a folder, or a data set of the Hub that was downloaded."""

    path: Path | None = Field(default=None, description="File or folder; with `hub`, inside of its files.")
    hub: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][\w.-]*/[\w.-]+$", description="Name of a data set on "
                            "the Hugging Face Hub, looked for in the local cache only: a build fetches nothing.")
    revision: str | None = Field(default=None, description="Commit or branch of `hub`; `main` where it is not given.")
    builder: BuilderName | None = Field(default=None, description="Published format that the file has.")
    columns: Mapping[str, str] | tuple[str, ...] = Field(
        default=(), description="Without a builder: roles (prompt, options, answer, id) and their columns, or a list "
        "of columns whose texts are looked for each on its own.")

    _paths = field_validator("path", mode="before")(not_blank)

    @model_validator(mode="after")
    def _whole(self) -> Benchmark:
        if self.path is None and self.hub is None:
            raise ValueError("name a path or a hub")
        if self.revision is not None and self.hub is None:
            raise ValueError("revision belongs to a hub")
        if (self.builder is None) == (not self.columns):
            raise ValueError("name a builder or columns, one of the two")
        if isinstance(self.columns, Mapping) and (unknown := set(self.columns) - set(ROLES)):
            raise ValueError(f"columns has no role {sorted(unknown)[0]!r}; there are {', '.join(ROLES)}")
        return self


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
    releases: tuple[Path, ...] = Field(default=(), description="Earlier releases whose records candidates are compared "
                                       "with: a folder with RELEASE.json, or one that holds such folders. It may be "
                                       "the lake's own `releases`.")
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
    benchmark_embedding: str = Field(default="", description="Embedding model by which records are also compared with "
                                     "the benchmarks in meaning: `local/all-minilm-l6-v2`, or one that litellm names, "
                                     "which gets the benchmarks' items and no patient data. Every sentence is embedded "
                                     "once and its vector kept; empty compares by words alone, at no such cost.")
    judge: JudgeModel | None = Field(default=None, description="A judge; none asks nobody and costs nothing.")
    workers: int = Field(default=0, ge=0, description="Processes that measure records; 0 means one for each core. "
                         "Decides no content.")
