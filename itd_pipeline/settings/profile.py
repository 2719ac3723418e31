"""The whole profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from itd_pipeline.settings.evaluation import Evaluation
from itd_pipeline.settings.expansion import Expansion
from itd_pipeline.settings.families import family_of
from itd_pipeline.settings.licensing import Licensing
from itd_pipeline.settings.model import Model
from itd_pipeline.settings.people import Release, Review
from itd_pipeline.settings.probe import Probe
from itd_pipeline.settings.section import NAME, Section, not_blank
from itd_pipeline.settings.signals import Signals
from itd_pipeline.settings.source import Dataset, Seeds, Source
from itd_pipeline.settings.text import Cleaning, Deidentification


class Settings(Section):
    """A whole profile."""

    profile: str = Field(pattern=NAME, description="Name of the profile.")
    dataset: Dataset
    lake: Path = Field(default=Path("data/lake"), description="Folder for everything the pipeline writes.")
    sources: Mapping[str, Source] = Field(min_length=1, description="Sources by name; each is a partition.")
    cleaning: Cleaning = Cleaning()
    deidentification: Deidentification = Deidentification()
    licensing: Licensing = Licensing()
    seeds: Seeds = Seeds()
    model: Model = Model()
    expansion: Expansion = Expansion()
    signals: Signals = Signals()
    policy: Path = Field(default=Path("conf/policy.yaml"), description="The policy: rules and thresholds.")
    review: Review = Review()
    evaluation: Evaluation = Evaluation()
    probe: Probe = Probe()
    release: Release = Release()
    root: Path = Field(default=Path(), description="Set by the reader of the file, not in it.")

    _paths = field_validator("lake", "policy", mode="before")(not_blank)

    @field_validator("sources")
    @classmethod
    def _names(cls, sources: Mapping[str, Source]) -> Mapping[str, Source]:
        for name in sources:
            if not re.match(NAME, name) or name == "expert_seeds":
                raise ValueError(f"source name {name!r}: use lower-case letters, digits and _, not `expert_seeds`")
        return sources

    @model_validator(mode="after")
    def _shares(self) -> Settings:
        if self.release.validation_share + self.release.test_share >= 1:
            raise ValueError("release: validation_share and test_share leave nothing to train on")
        return self

    @model_validator(mode="after")
    def _judge(self) -> Settings:
        judge = self.signals.judge
        writes = any({"synthetic", "hybrid"} & set(source.routes) for source in self.sources.values())
        if judge is not None and writes and not judge.allow_own_family \
                and (family := family_of(judge.model.name)) == family_of(self.model.name):
            raise ValueError(f"signals.judge: {judge.model.name} and the generator {self.model.name} are of one family "
                             f"({family}), and models prefer what they wrote; name a judge of another family, or set "
                             "signals.judge.allow_own_family: true")
        return self

    def resolve(self, path: Path) -> Path:
        """`path` against the project folder; `~` is the user's own."""
        path = path.expanduser()
        return path if path.is_absolute() else self.root / path

    @property
    def lake_path(self) -> Path:
        return self.resolve(self.lake)
